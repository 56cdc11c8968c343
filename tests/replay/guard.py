"""What is wrong when a workflow no longer does what it did when a history was recorded, and what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from temporalio.workflow import NondeterminismError

from adapters.build_settings import RELEASE
from tests.replay.commands import Command, called, defined, definition, kept, replayed
from tests.replay.histories import events
from workflows.names import LEAD_PROTECTION

_LONGEST: Final = 300
GUIDE: Final = "docs/operations/upgrades.md"


class Change(StrEnum):
    """What sort of change it is."""

    SEQUENCE = "sequence"
    UNSEEN = "unseen"
    UNRECORDED = "unrecorded"


_MEANING: Final = {
    Change.SEQUENCE: (
        "Kind or order of the commands has changed: every workflow alive that is at this place would stop "
        "with the first task it gets from the new build."
    ),
    Change.UNSEEN: (
        "Kind and order of the commands are as they were, so Temporal would not notice: workflows alive "
        "would go on, and from the new build on do this instead, in the middle of their lives."
    ),
    Change.UNRECORDED: "Its commands were never written down.",
}


class Incompatible(AssertionError):
    """A workflow of today is not the one that was recorded.

    Attributes:
        change: what sort of change it is.
    """

    def __init__(self, history: str, workflow: str, change: Change, difference: str) -> None:
        self.change = change
        super().__init__(
            f"{history}.json: the workflow {workflow} ({_file(workflow)}) no longer does what it did when "
            "this was recorded.\n"
            f"{difference}\n{_MEANING[change]}\n{_advice(history, workflow, change)}"
        )


def _file(workflow: str) -> str:
    """Where the workflow stands."""
    found = (kind.__module__ for kind in defined() if definition(kind).name == workflow)
    module = next(found, None)
    return "no longer there" if module is None else f"{module.replace('.', '/')}.py"


def how_to_record(workflow: str) -> str:
    """How one more history of a workflow is made and kept."""
    where = "turns" if workflow == LEAD_PROTECTION else "detours"
    return f"""Describe a life in which it happens in tests/replay/{where}.py, and record it:
    .venv/bin/python -m tests.replay.{where} its-name
  Commit the two files it writes into tests/replay/histories/{where} together with the change."""


def _advice(history: str, workflow: str, change: Change) -> str:
    patch = f'if workflow.patched("{workflow}/{RELEASE}-what-changes"):'
    write = f"make histories ARGS={history}"
    if change is Change.UNRECORDED:
        return f"What to do: {write}, read what was written, and commit it with the history."
    told = f"""What to do:
- It was not meant: take it back.
- It was meant: keep the old way and put the new one behind
    {patch}
  This history must then pass again as it is: it stands for workflows begun before; do not record it anew.
  The new way becomes one more history. {how_to_record(workflow)}
"""
    if change is Change.UNSEEN:
        told += f"""- It is meant for workflows alive too, and right wherever they are (a time-out, a field
  with a default):
    {write}
  and say in the commit why.
"""
    return f"{told}How patches are put in and taken out again: {GUIDE}"


def _short(command: Command | None) -> str:
    text = "nothing" if command is None else json.dumps(command, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _where(before: Any, after: Any, path: str = "") -> list[str]:
    """The places at which two commands differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = sorted(before.keys() | after.keys())
        return [
            line
            for key in keys
            for line in _where(before.get(key, "(absent)"), after.get(key, "(absent)"), f"{path}.{key}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            line
            for place, (one, other) in enumerate(zip(before, after, strict=True))
            for line in _where(one, other, f"{path}[{place}]")
        ]
    return [] if before == after else [f"  {path.removeprefix('.')}: {before!r} -> {after!r}"]


def _difference(before: Sequence[Command], after: Sequence[Command]) -> str:
    for place, (was, now) in enumerate(zip_longest(before, after), start=1):
        if was != now:
            told = [f"Command {place} was\n  {_short(was)}\nand is\n  {_short(now)}"]
            if was is not None and now is not None and was.keys() == now.keys():
                told += ["In it:", *_where(was, now)[:10]]
            return "\n".join(told)
    return f"The first {len(before)} commands are as they were."


async def compare(history: Path, *kinds: type) -> None:
    """Takes today's workflows, or these, along a history and compares what they command.

    Raises:
        Incompatible: they command something else, or nobody wrote down what was commanded.
    """
    name, workflow = called(history), type_of(history)
    try:
        before = kept(history)
    except FileNotFoundError as error:
        raise Incompatible(name, workflow, Change.UNRECORDED, "") from error
    after: list[Command] = []
    try:
        await replayed(history, *kinds, heard=after)
    except NondeterminismError as error:
        # Temporal stops it, at the latest where it has seen what is different.
        difference = _difference(before[: len(after)], after)
        raise Incompatible(
            name, workflow, Change.SEQUENCE, f"{difference}\nTemporal says: {error}"
        ) from error
    if after != before:
        same = [list(command) for command in before] == [list(command) for command in after]
        raise Incompatible(
            name, workflow, Change.UNSEEN if same else Change.SEQUENCE, _difference(before, after)
        )


def type_of(history: Path) -> str:
    """The type of the workflow whose history it is."""
    name: str = events(history)[0]["workflowExecutionStartedEventAttributes"]["workflowType"]["name"]
    return name
