"""Ledgers played through the real workflow on a server that skips time.

The workflow, its timers and its messages are the real ones; the ledger is kept in memory and mails go
nowhere, since no database or mail server can skip time with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from temporalio import activity
from temporalio.client import Client, RPCTimeoutOrCancelledError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from activities.ledger import LedgerActivities
from activities.orders import SEND_NOTIFICATION, NotificationOrder, NotificationOutcome, NotificationResult
from activities.records import LedgerConflict, RecordCommand
from adapters import log
from adapters.temporal_client import DATA_CONVERTER, ensure_search_attributes
from protection.dates import format_instant, parse_instant
from protection.facts import Lapsed
from protection.policy import policy_to_json
from protection.state import Status
from protection.vectors import Vector
from workers.embedded.programs import program
from workers.lead_clock import LeadClock, OutOfTime
from workers.nothing_personal import nothing_to_erase
from workers.registry import lead_worker
from workers.simulated_messages import message_of
from workflows import names
from workflows.messages import Register, StartLead, to_json

SIMULATED: Final = UUID("0f7e0000-0000-4000-8000-00000000f1c7")
# A fact recorded later than this after its instant would be told of another instant.
_RECORDED_WITHIN: Final = timedelta(seconds=4)
_TRIES: Final = 10
# A mail ordered this soon after its instant counts as sent at that instant: mails take no time here.
_ON_TIME: Final = timedelta(minutes=1)
# Where a fact says itself when it took effect; the others do when they are recorded.
_OWN_INSTANT: Final = ("at", "registered_at", "sent_at")
_log = log.get(__name__)
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


class SimulationError(Exception):
    """The server's clock could not be held to a ledger's instants."""


class SilentMail:
    """Takes every notification as sent at once; nothing goes out."""

    @activity.defn(name=SEND_NOTIFICATION)
    async def send_notification(self, order: NotificationOrder) -> NotificationResult:
        """Answers `sent`: when it was due, or now if that is long past."""
        now, due = activity.info().started_time, parse_instant(order.due_at)
        sent_at = due if timedelta() <= now - due <= _ON_TIME else now
        return NotificationResult(NotificationOutcome.SENT, format_instant(sent_at))


@asynccontextmanager
async def skipping_environment(*more: str) -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server of its own on which each workflow's time can be skipped.

    Args:
        more: dynamic configuration of the server, each as `name=value`.
    """
    settings = [word for value in (*_SPEED, *more) for word in ("--dynamic-config-value", value)]
    async with await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        data_converter=DATA_CONVERTER,
        dev_server_existing_path=str(program("temporal")),
        dev_server_startup_timeout=timedelta(seconds=120),
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
        self, vectors: Sequence[Vector], *, at_once: int = 8, progress: Callable[[], None] = lambda: None
    ) -> list[dict[str, Any]]:
        """Plays every ledger; answers in the form of the conformance vectors, in order.

        Args:
            at_once: how many are under way side by side.
            progress: called after each.

        Raises:
            SimulationError: a ledger could not be played in time, again and again.
        """
        gate, alone = asyncio.Semaphore(at_once), asyncio.Lock()

        async def one(number: int, vector: Vector) -> dict[str, Any]:
            async with gate:
                answer = await self._try(f"{number}/1", vector)
            for attempt in range(2, _TRIES + 1):
                if isinstance(answer, str):
                    async with alone:
                        answer = await self._try(f"{number}/{attempt}", vector)
            if isinstance(answer, str):
                raise SimulationError(
                    f"ledger {vector.id}: tried {_TRIES} times, at last: {answer}; "
                    "is the machine busy with something else?"
                )
            progress()
            return answer

        worker = lead_worker(
            self._environment.client,
            LedgerActivities(self._ledger).record_facts,
            SilentMail().send_notification,
            nothing_to_erase(),
        )
        async with worker.lead, worker.mail:
            return list(await asyncio.gather(*(one(number, vector) for number, vector in enumerate(vectors))))

    async def _try(self, name: str, vector: Vector) -> dict[str, Any] | str:
        """Plays a ledger on a fresh workflow; why not, if clock or server were not in time."""
        play = _Play(self._environment, self._ledger, vector, name)
        try:
            return await play.run()
        except (OutOfTime, RPCError, RPCTimeoutOrCancelledError) as late:
            _log.warning("simulated-again", ledger=vector.id, why=str(late))
            return str(late)
        finally:
            await play.end()


class _Play:
    """One ledger on its way through one workflow."""

    def __init__(
        self, environment: WorkflowEnvironment, ledger: MemoryLedger, vector: Vector, name: str
    ) -> None:
        self._client: Client = environment.client
        self._ledger = ledger
        self._vector = vector
        self._lead = str(uuid5(SIMULATED, f"{name}/{vector.id}"))
        self._handle: WorkflowHandle[Any, Any] = environment.client.get_workflow_handle(
            names.workflow_id(SIMULATED, self._lead)
        )
        self._clock = LeadClock(environment.client, self._handle)
        self._started = False
        self._rejected: list[int] = []
        self._snapshots: dict[datetime, dict[str, Any]] = {}

    async def run(self) -> dict[str, Any]:
        """Plays the ledger to its end.

        Raises:
            OutOfTime: the virtual clock got ahead of the ledger.
        """
        vector = self._vector
        await self._start()
        steps: list[tuple[datetime, int, int | datetime]] = [
            (fact.recorded_at, 0, index)
            for index, fact in enumerate(vector.facts)
            if fact.recorded_at <= vector.until
        ]
        steps += [(moment, 1, moment) for moment in set(vector.as_of)]
        for at, _, what in sorted(steps, key=lambda step: (step[0], step[1])):
            await self._clock.forward(at)
            if isinstance(what, datetime):
                self._snapshots[what] = await self._question(what)
            else:
                await self._send(what)
        await self._clock.forward(vector.until)
        self._check_recorded()
        return {
            "id": vector.id,
            "transitions": self._transitions(),
            "rejected_facts": self._rejected,
            "snapshots": [self._snapshots[moment] for moment in vector.as_of],
        }

    async def end(self) -> None:
        """Leaves no workflow behind."""
        if not self._started:
            return
        try:
            await self._handle.terminate("the simulation is over")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _start(self) -> None:
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
        await self._client.start_workflow(
            names.LEAD_PROTECTION,
            to_json(start),
            id=self._handle.id,
            task_queue=names.PROTECTION_QUEUE,
            start_delay=delay,
        )
        self._started = True
        await self._clock.forward(vector.registered_at)

    async def _question(self, moment: datetime) -> dict[str, Any]:
        view = await self._handle.query(names.PROTECTION, rpc_timeout=_ANSWER_WITHIN)
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

    async def _send(self, index: int) -> None:
        name, message = message_of(self._vector.facts, index)
        try:
            await self._handle.execute_update(name, to_json(message), rpc_timeout=_ANSWER_WITHIN)
        except WorkflowUpdateFailedError:
            self._rejected.append(index)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            self._rejected.append(index)

    def _check_recorded(self) -> None:
        """Every fact was recorded when the ledger says, but for what a message takes."""
        meant = {fact.fact_id: fact.recorded_at for fact in self._vector.facts}
        for command in self._ledger.commands.get(self._lead, []):
            for fact in command.facts:
                at = meant.get(fact["fact_id"])
                if at is None:
                    continue
                late = parse_instant(fact["recorded_at"]) - at
                if late > _RECORDED_WITHIN:
                    raise OutOfTime(f"{fact['fact_id']} was recorded {late.total_seconds():.1f} s late")

    def _transitions(self) -> list[dict[str, Any]]:
        """The changes of status, as the audit rows tell them."""
        listed: list[dict[str, Any]] = []
        for command in self._ledger.commands.get(self._lead, []):
            facts = {fact["fact_id"]: fact for fact in command.facts}
            for row in command.audit:
                if row["fact_id"] is None or (listed and listed[-1]["to"] == row["after"]["status"]):
                    continue
                fact = facts[row["fact_id"]]
                lapsed = fact["type"] == Lapsed.type
                if not lapsed and row["after"]["status"] == Status.EXPIRED:
                    # A refused extension ends protection at once; the lapse that follows tells it.
                    continue
                at = next((fact[own] for own in _OWN_INSTANT if own in fact), row["at"])
                listed.append(
                    {"at": at, "to": row["after"]["status"]} | ({"reason": fact["reason"]} if lapsed else {})
                )
        return listed
