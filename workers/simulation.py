"""Ledgers played through the real workflow on a server that skips time.

The workflow, its timers and its messages are the real ones; the ledger is kept in memory and mails go
nowhere, since no database or mail server can skip time with it.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from temporalio import activity
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig, WorkflowEnvironment

from activities.ledger import LedgerActivities
from activities.orders import SEND_NOTIFICATION, NotificationOrder, NotificationOutcome, NotificationResult
from activities.records import LedgerConflict, RecordCommand
from adapters.temporal_client import DATA_CONVERTER, ensure_search_attributes
from protection.dates import format_instant
from protection.facts import ActivityRecorded, Converted, ExtensionGranted, Fact, HoldPlaced, HoldReleased
from protection.policy import policy_to_json
from protection.vectors import Vector
from workers.registry import lead_worker
from workflows import names
from workflows.messages import (
    Convert,
    GrantExtension,
    PlaceHold,
    RecordActivity,
    Register,
    ReleaseHold,
    StartLead,
    to_json,
)

SIMULATED: Final = UUID("0f7e0000-0000-4000-8000-00000000f1c7")
# Facts and questions arrive this long after their instant, so that whatever is due then has settled.
_AFTER: Final = timedelta(seconds=1)
# A skip so short may be over before the server has begun it, and then it would skip to the next timer;
# such a time simply passes.
_SHORTEST_SKIP: Final = timedelta(seconds=2)
_ANSWER_WITHIN: Final = timedelta(seconds=30)
_SPEED: Final = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="10ms"',
    "history.timerProcessorMaxPollRPS=2000",
)


class MemoryLedger:
    """The ledger port in memory, with the same rules as the database."""

    def __init__(self) -> None:
        self.commands: dict[str, list[RecordCommand]] = {}
        self._facts: dict[str, list[dict[str, Any]]] = {}

    async def record(self, command: RecordCommand) -> int:
        """See `LedgerStore.record`."""
        known = self._facts.setdefault(command.lead, [])
        for fact in command.facts:
            if fact in known:
                continue
            if fact["revision"] != len(known) + 1:
                raise LedgerConflict(f"revision {fact['revision']} does not follow {len(known)}")
            known.append(fact)
        self.commands.setdefault(command.lead, []).append(command)
        return len(known)

    async def facts(self, tenant: UUID, lead: UUID) -> list[dict[str, Any]]:
        """See `LedgerStore.facts`."""
        return list(self._facts.get(str(lead), []))


class SilentMail:
    """Takes every notification as sent at once; nothing goes out."""

    @activity.defn(name=SEND_NOTIFICATION)
    async def send_notification(self, order: NotificationOrder) -> NotificationResult:
        """Answers `sent`, at the server's time."""
        return NotificationResult(NotificationOutcome.SENT, format_instant(activity.info().started_time))


def temporal_program() -> str:
    """The `temporal` program: of this environment, or on the PATH."""
    own = Path(sys.executable).with_name("temporal")
    return str(own) if own.exists() else shutil.which("temporal") or "temporal"


@asynccontextmanager
async def skipping_environment() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server of its own on which each workflow's time can be skipped."""
    settings = [word for value in _SPEED for word in ("--dynamic-config-value", value)]
    async with await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        data_converter=DATA_CONVERTER,
        dev_server_existing_path=temporal_program(),
        dev_server_startup_timeout=timedelta(seconds=30),
        dev_server_log_level="error",
        dev_server_extra_args=settings,
    ) as environment:
        await ensure_search_attributes(environment.client)
        yield environment


class Simulator:
    """Plays ledgers in an environment that skips time."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        self._environment = environment
        self._ledger = MemoryLedger()

    async def play_all(
        self, vectors: Sequence[Vector], *, at_once: int = 16, progress: Callable[[], None] = lambda: None
    ) -> list[dict[str, Any]]:
        """Plays every ledger; answers in the form of the conformance vectors, in order.

        Args:
            at_once: how many are under way side by side.
            progress: called after each.
        """
        gate = asyncio.Semaphore(at_once)

        async def one(number: int, vector: Vector) -> dict[str, Any]:
            async with gate:
                answer = await _Play(self._environment, self._ledger, vector, number).run()
            progress()
            return answer

        worker = lead_worker(
            self._environment.client,
            LedgerActivities(self._ledger).record_facts,
            SilentMail().send_notification,
        )
        async with worker.lead, worker.mail:
            return list(await asyncio.gather(*(one(number, vector) for number, vector in enumerate(vectors))))


class _Play:
    """One ledger on its way through one workflow."""

    def __init__(
        self, environment: WorkflowEnvironment, ledger: MemoryLedger, vector: Vector, number: int
    ) -> None:
        self._environment = environment
        self._client: Client = environment.client
        self._ledger = ledger
        self._vector = vector
        self._lead = str(uuid5(SIMULATED, f"{number}/{vector.id}"))
        self._skipper = TimeSkipper(environment.client)
        self._over = False
        self._rejected: list[int] = []
        self._snapshots: dict[datetime, dict[str, Any]] = {}

    async def run(self) -> dict[str, Any]:
        vector = self._vector
        handle = await self._start()
        steps: list[tuple[datetime, int, int | datetime]] = [
            (fact.recorded_at + _AFTER, 0, index)
            for index, fact in enumerate(vector.facts)
            if fact.recorded_at <= vector.until
        ]
        steps += [(moment + _AFTER, 1, moment) for moment in set(vector.as_of)]
        for at, _, what in sorted(steps, key=lambda step: (step[0], step[1])):
            await self._forward(handle, at)
            if isinstance(what, datetime):
                self._snapshots[what] = await self._question(handle, what)
            else:
                await self._send(handle, what)
        await self._forward(handle, vector.until + _AFTER)
        await self._question(handle, vector.until)
        if (await handle.describe()).close_time is None:
            await handle.terminate("the simulation is over")
        return {
            "id": vector.id,
            "transitions": self._transitions(),
            "rejected_facts": self._rejected,
            "snapshots": [self._snapshots[moment] for moment in vector.as_of],
        }

    async def _start(self) -> WorkflowHandle[Any, Any]:
        vector = self._vector
        start = StartLead(
            tenant=str(SIMULATED),
            lead=self._lead,
            policy=policy_to_json(vector.policy),
            register=Register(by="simulation", owner="owner", registered_at=vector.registered_at),
        )
        delay = vector.registered_at - datetime.now(UTC)
        if delay <= timedelta():
            raise ValueError(
                f"ledger {vector.id}: a virtual clock only reaches the future, not {vector.registered_at}"
            )
        handle: WorkflowHandle[Any, Any] = await self._client.start_workflow(
            names.LEAD_PROTECTION,
            to_json(start),
            id=names.workflow_id(SIMULATED, self._lead),
            task_queue=names.PROTECTION_QUEUE,
            start_delay=delay,
        )
        await self._forward(handle, vector.registered_at + _AFTER / 2)
        return handle

    async def _forward(self, handle: WorkflowHandle[Any, Any], to: datetime) -> None:
        """Skips the workflow's own clock to an instant; where it has ended there is nothing to skip."""
        while not self._over and (step := to - await self._skipper.get_current_time(handle)) > timedelta():
            if step < _SHORTEST_SKIP:
                await asyncio.sleep(step.total_seconds())
                return
            try:
                self._over = not await self._environment.fast_forward(handle, step)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                self._over = True

    async def _question(self, handle: WorkflowHandle[Any, Any], moment: datetime) -> dict[str, Any]:
        view = await handle.query(names.PROTECTION, rpc_timeout=_ANSWER_WITHIN)
        wanted = (
            "status",
            "paused",
            "base_until",
            "progress_until",
            "reminder_due_at",
            "grace_until",
            "valid_until",
        )
        return {"as_of": format_instant(moment)} | {name: view[name] for name in wanted}

    async def _send(self, handle: WorkflowHandle[Any, Any], index: int) -> None:
        name, message = _message(self._vector.facts[index])
        try:
            await handle.execute_update(name, to_json(message), rpc_timeout=_ANSWER_WITHIN)
        except WorkflowUpdateFailedError:
            self._rejected.append(index)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            self._rejected.append(index)

    def _transitions(self) -> list[dict[str, Any]]:
        """The changes of status, as the audit rows tell them."""
        listed: list[dict[str, Any]] = []
        for command in self._ledger.commands.get(self._lead, []):
            facts = {fact["fact_id"]: fact for fact in command.facts}
            for row in command.audit:
                if row["fact_id"] is None or (listed and listed[-1]["to"] == row["after"]["status"]):
                    continue
                fact = facts[row["fact_id"]]
                lapsed = fact["type"] == "lapsed"
                at = fact["at"] if lapsed else fact.get("registered_at", row["at"])
                listed.append(
                    {"at": at, "to": row["after"]["status"]} | ({"reason": fact["reason"]} if lapsed else {})
                )
        return listed


def _message(fact: Fact) -> tuple[str, Any]:
    """The message that tells this fact to a workflow."""
    who = {"by": "simulation", "fact_id": fact.fact_id}
    match fact:
        case ActivityRecorded(kind=kind, occurred_at=occurred_at):
            return names.RECORD_ACTIVITY, RecordActivity(kind=kind, occurred_at=occurred_at, **who)
        case HoldPlaced(hold=hold, reason=reason, start_at=start_at, end_at=end_at):
            return names.PLACE_HOLD, PlaceHold(
                hold=hold, reason=reason, start_at=start_at, end_at=end_at, **who
            )
        case HoldReleased(hold=hold, recorded_at=ended_at):
            return names.RELEASE_HOLD, ReleaseHold(hold=hold, ended_at=ended_at, **who)
        case ExtensionGranted(days=days):
            return names.GRANT_EXTENSION, GrantExtension(days=days, **who)
        case Converted():
            return names.CONVERT, Convert(by=who["by"], fact_id=fact.fact_id)
        case _:
            raise ValueError(f"a ledger to be simulated cannot hold a fact of type {fact.type}")
