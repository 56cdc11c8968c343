"""What there is to record of the workflows, and what the recorded histories hold of it."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from enum import StrEnum
from importlib import import_module
from inspect import getmodule, getsource, isclass
from typing import Any, NamedTuple

import activities
from tests.replay.commands import defined, definition, kept, recorded
from tests.replay.guard import GUIDE, how_to_record, type_of
from tests.replay.histories import events

ANY_OTHER = "(any other name)"


class What(StrEnum):
    """What of a workflow a history can hold."""

    SIGNAL = "signal"
    UPDATE = "update"
    ACTIVITY = "activity"
    END = "end"


class Piece(NamedTuple):
    """One thing that some history must hold.

    Attributes:
        workflow: type of the workflow; empty where any may do it.
        name: of the message or activity, or how the run ends.
    """

    workflow: str
    what: What
    name: str

    def missing(self) -> str:
        """What to do about it where no history holds it."""
        whose = f"of {self.workflow} " if self.workflow else ""
        return (
            f"No recorded history {whose}holds the {self.what} {self.name!r}: nothing would tell when what "
            f"comes of it changes under living workflows.\n{how_to_record(self.workflow)}\n{GUIDE} says more."
        )


def wanted() -> set[Piece]:
    """Every message of every workflow, every activity, and every way in which a run ends by itself."""
    pieces = {Piece("", What.ACTIVITY, name) for name in _activities()}
    for kind in defined():
        told, source = definition(kind), getsource(kind)
        pieces |= {Piece(told.name, What.SIGNAL, name or ANY_OTHER) for name in told.signals}
        pieces |= {Piece(told.name, What.UPDATE, name or ANY_OTHER) for name in told.updates}
        ends = ["completed", "failed"] + ["continued-as-new"] * ("workflow.continue_as_new(" in source)
        pieces |= {Piece(told.name, What.END, end) for end in ends}
    return pieces


def _activities() -> Iterable[str]:
    for found in pkgutil.walk_packages(activities.__path__, f"{activities.__name__}."):
        module = import_module(found.name)
        for thing in vars(module).values():
            members = vars(thing).values() if isclass(thing) and getmodule(thing) is module else [thing]
            for member in members:
                known = getattr(member, "__temporal_activity_definition", None)
                if known is not None:
                    yield known.name


def held() -> set[Piece]:
    """What the recorded histories hold."""
    signals = {definition(kind).name: definition(kind).signals for kind in defined()}
    pieces: set[Piece] = set()
    for history in recorded():
        workflow = type_of(history)
        for event in events(history):
            pieces |= _of_event(workflow, signals[workflow], event)
        for command in kept(history):
            scheduled = command.get("scheduleActivity") or command.get("scheduleLocalActivity")
            if scheduled is not None:
                pieces.add(Piece("", What.ACTIVITY, scheduled["activityType"]))
    return pieces


def _of_event(workflow: str, signals: dict[str | None, Any], event: dict[str, Any]) -> set[Piece]:
    if signaled := event.get("workflowExecutionSignaledEventAttributes"):
        name = signaled["signalName"]
        return {Piece(workflow, What.SIGNAL, name if name in signals else ANY_OTHER)}
    if accepted := event.get("workflowExecutionUpdateAcceptedEventAttributes"):
        return {Piece(workflow, What.UPDATE, accepted["acceptedRequest"]["input"]["name"])}
    ended = event["eventType"].removeprefix("EVENT_TYPE_WORKFLOW_EXECUTION_").lower().replace("_", "-")
    return (
        {Piece(workflow, What.END, ended)} if ended in {"completed", "failed", "continued-as-new"} else set()
    )
