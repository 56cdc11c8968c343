"""The ledger's instants are the workflow's, also where a workflow task is done again or replayed.

Found by a conformance run: whoever asked a workflow while it was recording made its task go on as another
one, and a replay of the two runs with the clock of the second. Before that chaos had found a task that was
done again while the database was away: it got the answer to what its first try had ordered.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from activities.ledger import LedgerActivities
from activities.records import RecordCommand, Recorded
from protection.facts import ActivityRecorded, HoldPlaced
from protection.policy import Policy, policy_to_json
from workers.nothing_personal import nothing_to_erase
from workers.registry import lead_worker
from workers.simulation import MemoryLedger, SilentMail, skipping_environment
from workflows import names
from workflows.desk import Desk
from workflows.entries import Fate
from workflows.messages import PlaceHold, RecordActivity, Register, StartLead, to_json

TENANT, LEAD = str(uuid4()), str(uuid4())
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = timedelta(milliseconds=34)
_ROUNDS = 20


def start(lead: str) -> StartLead:
    return StartLead(
        tenant=TENANT,
        lead=lead,
        policy=policy_to_json(Policy()),
        register=Register(by="anna", owner="anna"),
    )


def opened(at: datetime) -> Desk:
    return Desk.open(start(LEAD), at, names.workflow_id(TENANT, LEAD))


def settled(desk: Desk, at: datetime) -> Desk:
    """With everything recorded."""
    command = desk.command(at)
    desk.recorded(command, Recorded.of(command))
    assert not desk.unrecorded(at)
    return desk


def test_the_same_order_of_another_instant_is_recorded_as_of_then() -> None:
    first, again = opened(NOW), opened(NOW + LATER)
    taken = Recorded.of(first.command(NOW))
    again.recorded(again.command(NOW + LATER), taken)
    assert again.state == settled(first, NOW).state
    assert not again.unrecorded(NOW + LATER)
    assert again.stirred


def test_what_a_message_left_open_begins_at_the_ledgers_instant_and_what_it_said_stays() -> None:
    said = NOW - timedelta(days=1)
    messages = (
        (PlaceHold, {"by": "anna", "reason": "OTHER", "fact_id": "h1"}),
        (RecordActivity, {"by": "anna", "kind": "QUALIFIED_CALL", "fact_id": "a1"}),
        (RecordActivity, {"by": "anna", "kind": "QUALIFIED_CALL", "fact_id": "a2", "occurred_at": said}),
    )
    desks = [settled(opened(NOW - timedelta(days=2)), NOW) for _ in range(2)]
    tickets = []
    for desk, at in zip(desks, (NOW, NOW + LATER), strict=True):
        for kind, told in messages:
            raw = told | {"occurred_at": said.isoformat()} if "occurred_at" in told else told
            tickets.append(desk.tell(kind, raw, at, "spare")[0])
    first, again = desks
    taken = Recorded.of(first.command(NOW))
    command = again.command(NOW + LATER)
    late, _ = again.tell(RecordActivity, {"by": "anna", "kind": "NOTE", "fact_id": "a3"}, NOW + LATER, "")
    again.recorded(command, taken)
    assert again.state.facts[:4] == first.state.facts
    hold, call, earlier = again.state.facts[1:4]
    assert isinstance(hold, HoldPlaced)
    assert isinstance(call, ActivityRecorded)
    assert isinstance(earlier, ActivityRecorded)
    assert (hold.start_at, call.occurred_at, earlier.occurred_at) == (NOW, NOW, said)
    assert earlier.recorded_at == NOW
    assert [ticket.fate for ticket in tickets[3:]] == [Fate.RECORDED] * 3
    assert late.fate is Fate.PENDING
    assert [fact["fact_id"] for fact in again.command(NOW + LATER).facts] == ["a3"]


def test_another_order_is_not_recorded() -> None:
    desk = settled(opened(NOW), NOW)
    other = Recorded.of(desk.command(NOW))
    ticket, _ = desk.tell(RecordActivity, {"by": "anna", "kind": "NOTE", "fact_id": "a1"}, NOW, "")
    desk.recorded(desk.command(NOW), other)
    assert ticket.fate is Fate.PENDING
    assert desk.unrecorded(NOW)


@pytest.mark.parametrize("answer", [2, None, {"revision": 2, "updated_at": "2026-11-23T17:13:56.283505Z"}])
def test_answers_of_old_histories_are_taken_as_they_come(answer: Any) -> None:
    assert Recorded.read(answer, 1) is None
    desk = opened(NOW)
    desk.recorded(desk.command(NOW), None)
    assert not desk.unrecorded(NOW)


@pytest.mark.parametrize("apart", [timedelta(), LATER])
def test_an_answer_tells_what_was_recorded(apart: timedelta) -> None:
    desk = opened(NOW)
    command = desk.command(NOW + apart)
    told = Recorded.of(command).to_json()
    assert ("recorded_at" in told) == bool(apart)
    assert Recorded.read({"revision": 1} | told, 1) == Recorded.of(command)


class BusyLedger(MemoryLedger):
    """Lets a command wait while it is busy.

    Attributes:
        free: not busy.
        asked: a command is waiting, or was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.free, self.asked = asyncio.Event(), asyncio.Event()
        self.free.set()

    async def record(self, command: RecordCommand) -> int:
        self.asked.set()
        await self.free.wait()
        return await super().record(command)


@asynccontextmanager
async def working(client: Client, ledger: MemoryLedger) -> AsyncIterator[None]:
    made = lead_worker(
        client,
        LedgerActivities(ledger).record_facts,
        SilentMail().send_notification,
        nothing_to_erase(),
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(made.lead)
        await stack.enter_async_context(made.mail)
        yield


async def _tasks_that_went_on(handle: WorkflowHandle[Any, Any]) -> int:
    """How many workflow tasks ended only to go on as another one."""
    kinds = [event.event_type async for event in handle.fetch_history_events()]
    done = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    scheduled = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
    return sum(pair == (done, scheduled) for pair in pairwise(kinds))


async def _begun_and_asked(client: Client, lead: str, ledger: BusyLedger) -> WorkflowHandle[Any, Any]:
    """A lead that is asked while its very first task is under way; the ledger answers only afterwards."""
    ledger.free.clear()
    handle = await client.start_workflow(
        names.LEAD_PROTECTION,
        to_json(start(lead)),
        id=names.workflow_id(TENANT, lead),
        task_queue=names.PROTECTION_QUEUE,
    )
    asking = asyncio.create_task(handle.query(names.PROTECTION, rpc_timeout=timedelta(seconds=60)))
    await asyncio.wait([asking], timeout=3)
    ledger.free.set()
    # Where the question came before the task did, the server refuses it.
    await asyncio.wait([asking])
    if (refused := asking.exception()) is not None:
        assert isinstance(refused, RPCError)
    return handle


async def test_who_is_asked_while_it_records_lives_through_a_replay_with_the_ledgers_instants() -> None:
    ledger = BusyLedger()
    async with skipping_environment() as environment:
        client = environment.client
        async with working(client, ledger):
            handle = await _begun_and_asked(client, lead := str(uuid4()), ledger)
            for _ in range(_ROUNDS):
                if await _tasks_that_went_on(handle):
                    break
                await handle.terminate()
                handle = await _begun_and_asked(client, lead := str(uuid4()), ledger)
            told = {"by": "anna", "kind": "QUALIFIED_CALL", "fact_id": "a1"}
            assert (await handle.execute_update("record-activity", told))["revision"] == 2
        assert await _tasks_that_went_on(handle)
        # Another worker knows the workflow from its history alone.
        async with working(client, ledger):
            known = await handle.query(names.LEDGER)
            await handle.terminate()
    stored = await ledger.facts(UUID(TENANT), UUID(lead))
    assert known == [{name: value for name, value in fact.items() if name != "revision"} for fact in stored]
