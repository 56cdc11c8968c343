"""What a workflow of today commands along a recorded history: in full, not as a replay sees it.

A replay compares kinds and order. Here the commands themselves are kept beside each history, one a line, with
arguments, queues, time-outs, retries, lengths of timers and search attributes; texts for people are left out.

`make histories` writes them anew (docs/operations/upgrades.md says when).
"""

from __future__ import annotations

import asyncio
import json
import os
import pkgutil
import sys
from base64 import b64decode
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import Replayer, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

import workflows
from adapters.temporal_client import DATA_CONVERTER
from tests.replay.histories import FOLDER, read
from workers.registry import runner

Command = dict[str, Any]
_DEFINITION: Final = "__temporal_workflow_definition"
_SUFFIX: Final = ".commands.jsonl"
# Numbers that Temporal's library gives, texts for people, and what only a replay has.
_LEFT_OUT: Final = frozenset(
    {
        "seq",
        "activityId",
        "userMetadata",
        "namespace",
        "priority",
        "protocolInstanceId",
        "headers",
        "message",
        "stackTrace",
    }
)
_REPLAYED_QUEUE: Final = "replay-"


class _Listener(WorkflowInstance):
    """A workflow whose commands are listened to."""

    def __init__(self, inner: WorkflowInstance, heard: list[Command]) -> None:
        self._inner = inner
        self._heard = heard

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        done = self._inner.activate(act)
        self._heard += (_plain(MessageToDict(command)) for command in done.successful.commands)
        return done

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()


class ListeningRunner(WorkflowRunner):
    """The sandbox of production, with somebody who writes down what is commanded.

    Attributes:
        heard: the commands, in order.
    """

    def __init__(self, heard: list[Command]) -> None:
        self._inner = runner()
        self.heard = heard

    def prepare_workflow(self, defn: Any) -> None:
        """See `WorkflowRunner.prepare_workflow`."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See `WorkflowRunner.create_instance`."""
        return _Listener(self._inner.create_instance(det), self.heard)

    def set_worker_level_failure_exception_types(self, types: Any) -> None:
        """See `WorkflowRunner.set_worker_level_failure_exception_types`."""
        self._inner.set_worker_level_failure_exception_types(types)


def _plain(value: Any) -> Any:
    """A command without what differs from one machine to the next, its payloads in clear."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return "own" if value.startswith(_REPLAYED_QUEUE) else value
    if not isinstance(value, dict):
        return value
    if "metadata" in value and "encoding" in value["metadata"]:
        return json.loads(b64decode(value["data"])) if value.get("data") else None
    return {key: _plain(item) for key, item in value.items() if key not in _LEFT_OUT}


def defined() -> tuple[type, ...]:
    """Every workflow there is."""
    modules = (import_module(f"workflows.{found.name}") for found in pkgutil.iter_modules(workflows.__path__))
    return tuple(
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and thing.__module__ == module.__name__ and _DEFINITION in vars(thing)
    )


def definition(kind: type) -> Any:
    """What Temporal knows of a workflow: its name, signals and updates."""
    return vars(kind)[_DEFINITION]


def recorded() -> list[Path]:
    """Every golden history."""
    return sorted(FOLDER.rglob("*.json"))


def called(history: Path) -> str:
    """What a golden history is called."""
    inside = history.relative_to(FOLDER) if history.is_relative_to(FOLDER) else Path(history.name)
    return str(inside.with_suffix(""))


async def replayed(history: Path, *kinds: type, heard: list[Command] | None = None) -> list[Command]:
    """The commands of today's workflows, or of these, along a history.

    Args:
        heard: where they come as they are commanded, those before an error too.

    Raises:
        NondeterminismError: Temporal itself would stop a workflow that is where this one was.
    """
    listening = ListeningRunner([] if heard is None else heard)
    replayer = Replayer(
        workflows=kinds or defined(), workflow_runner=listening, data_converter=DATA_CONVERTER
    )
    await replayer.replay_workflow(read(history))
    return listening.heard


def kept(history: Path) -> list[Command]:
    """The commands that were written down with a history.

    Raises:
        FileNotFoundError: none were.
    """
    lines = history.with_suffix(_SUFFIX).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def keep(history: Path, commands: list[Command]) -> None:
    """Writes the commands down beside the history."""
    lines = (json.dumps(command, ensure_ascii=False, sort_keys=True) + "\n" for command in commands)
    history.with_suffix(_SUFFIX).write_text("".join(lines), encoding="utf-8")


async def _write(wanted: list[str]) -> int:
    known = {called(history): history for history in recorded()}
    if unknown := sorted(set(wanted) - set(known)):
        sys.stderr.write(f"No such history: {', '.join(unknown)}. There are: {', '.join(known)}\n")
        return 2
    for name in wanted or known:
        keep(known[name], await replayed(known[name]))
    sys.stdout.write(f"Written down: the commands of {len(wanted or known)} histories.\n")
    return 0


if __name__ == "__main__":
    code = asyncio.run(_write(sys.argv[1:]))
    sys.stdout.flush()
    sys.stderr.flush()
    # A process that ran a worker may crash while the interpreter finalizes.
    os._exit(code)
