"""300 leads, clients that never stop, and every process killed in turn: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, TypeAlias
from uuid import UUID

import pytest
from temporalio.client import Client as TemporalClient

from activities.courier import SUPERSEDED
from adapters import settings as configuration
from adapters.database import Pool, open_pool, transaction
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.read_model import audit_first_broken
from adapters.temporal_client import connect
from protection.decide import SendReminder, decide
from protection.facts import ReminderSent
from protection.lifecycle import replay, snapshot
from protection.policy import Policy
from protection.state import ALIVE, Status
from protection.wire import fact_from_json
from sandbox.mailbox import Mailbox
from tests.drill.clients import PLANNED_HOLD, Client, Memory
from tests.drill.population import leads, write_export
from tests.stack.running import PROJECT, UNMEASURED, Up, environment, fristwerk, state_folder, up
from workers.embedded.process import spawn
from workers.registry import Tuning
from workflows.names import workflow_id

LEADS = 300
SPAN = timedelta(seconds=60)
# Lead, kind, cycle, recipient: what a mail is sent once for.
Told: TypeAlias = tuple[UUID, str, str, str]

WORKER_KILLS = 8
EVERY_SECONDS = 6
CLIENTS = 12
# So many facts have to be acknowledged for the drill to have proved anything.
ENOUGH = LEADS / 4
# Everything is owed within the minute; the rest is for a machine that is busy with something else.
LONGEST_SECONDS = 240

# Mails somebody still comes back to. What a dead worker was sending when protection ended is called off.
SENDING = """
  select count(*) from notification as n join protection as p using (tenant, lead)
  where n.status = 'sending'
    and (n.kind in ('lapse', 'request-decided') or p.status in ('PREREGISTERED', 'ACTIVE', 'GRACE'))
"""

pytestmark = [pytest.mark.drill, pytest.mark.timeout(900)]


class Worker:
    """A worker process that is started again whenever it was killed."""

    def __init__(self, state: Path, addresses: dict[str, str]) -> None:
        self._environment = environment(state, **addresses, **UNMEASURED)
        self._log = state.with_suffix(".worker.log").open("ab")
        self.kills = 0
        self.process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        return spawn(
            [sys.executable, "-m", "workers.main"],
            output=self._log,
            environment=self._environment,
            folder=PROJECT,
        )

    def kill(self) -> None:
        assert self.process.poll() is None, "the worker ended before anybody killed it"
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.process = self._spawn()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(60)
        self._log.close()


def _kill_part(stack: Up, name: str) -> None:
    pid = stack.parts()[name]["pid"]
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)


@asynccontextmanager
async def _database(login: configuration.Login) -> AsyncIterator[Pool]:
    pool = await open_pool(login, name="drill")
    try:
        yield pool
    finally:
        await pool.close()


async def _kill_everything_in_turn(stack: Up, worker: Worker) -> None:
    for _ in range(WORKER_KILLS):
        await asyncio.sleep(EVERY_SECONDS)
        worker.kill()
    _kill_part(stack, "temporal")
    await asyncio.sleep(10)
    _kill_part(stack, "postgres")
    await asyncio.sleep(10)
    worker.kill()


async def _unsettled(pool: Pool, tenant: UUID) -> dict[str, str]:
    """Leads whose row is not what the engine makes of their ledger now, or that still owe a mail."""
    wrong: dict[str, str] = {}
    async with pool.acquire() as connection:
        facts = await connection.fetch(
            "select lead, payload from fact where tenant = $1 order by lead, revision", tenant
        )
        rows = {
            row["lead"]: row
            for row in await connection.fetch("select * from protection where tenant = $1", tenant)
        }
    from_ledger: dict[UUID, list[dict[str, object]]] = {}
    for fact in facts:
        from_ledger.setdefault(fact["lead"], []).append(fact["payload"])
    for lead, ledger in from_ledger.items():
        state = replay(Policy(), [fact_from_json(fact) for fact in ledger])
        now = datetime.now(UTC)
        answer = snapshot(state, now)
        row = rows[lead]
        reminder_owed = any(isinstance(command, SendReminder) for command in decide(state, now, {}).commands)
        if reminder_owed:
            wrong[str(lead)] = "a reminder is owed"
        elif (row["status"], row["paused"], row["valid_until"]) != (
            answer.status,
            answer.paused,
            answer.valid_until,
        ):
            wrong[str(lead)] = (
                f"row says {row['status']} {row['paused']} {row['valid_until']}, engine {answer}"
            )
        elif row["revision"] != len(ledger):
            wrong[str(lead)] = f"revision {row['revision']} of {len(ledger)}"
    return wrong


async def _story(client: TemporalClient, tenant: UUID, lead: str) -> str:
    """The end of a workflow's history, for the message of a failed drill."""
    handle = client.get_workflow_handle(workflow_id(tenant, lead))
    described = await handle.describe()
    events = [event async for event in handle.fetch_history_events()]
    pending = described.raw_description.pending_activities
    return f"{described.status} pending={pending} last={events[-12:]}"


async def _until_settled(client: TemporalClient, pool: Pool, tenant: UUID, since: datetime) -> None:
    wrong: dict[str, str] = {}
    owed: set[Told] = set()
    for _ in range(LONGEST_SECONDS):
        wrong = await _unsettled(pool, tenant)
        all_owed = await _mails_owed(pool, tenant, since)
        owed = all_owed - await _mails_sent(pool, tenant)
        sending = await pool.fetchval(SENDING)
        if not wrong and not owed and not sending:
            assert {kind for _, kind, _, _ in all_owed} == {"reminder", "lapse"}
            return
        await asyncio.sleep(1)
    stories = [await _story(client, tenant, lead) for lead in list(wrong)[:2]]
    raise AssertionError(f"not what the engine says: {dict(list(wrong.items())[:5])} {stories}; owed: {owed}")


async def test_nothing_is_lost_and_nothing_comes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with state_folder() as state, up(state, "--no-workers", "--no-seed", **UNMEASURED) as stack:
        addresses = stack.addresses()
        for name, value in (addresses | {"FRISTWERK_STATE": str(state)}).items():
            monkeypatch.setenv(name, value)
        configured = configuration.load()
        memory = Memory()
        with Worker(state, addresses) as worker:
            await _populate(state, tmp_path / "export")
            began = datetime.now(UTC)
            client = await connect(configured)
            owner = configuration.Login(addresses["DATABASE_URL"], role=None)
            async with _database(configured.worker_login()) as working, _database(owner) as pool:
                gateway = TemporalLeadGateway(client, PostgresPeople(working), within=timedelta(seconds=5))
                await _live_through(stack, worker, gateway, pool, memory)
                await _until_settled(client, pool, configured.tenant, began)
                await _check_facts(pool, configured.tenant, memory)
                await _check_mails(
                    pool, configured.tenant, Mailbox(state / "mails"), kills=worker.kills, since=began
                )
                await _check_workflows(client, pool, configured.tenant)
        _write_down(tmp_path, memory, worker)


async def _populate(state: Path, folder: Path) -> None:
    told = leads(LEADS, datetime.now(UTC) + timedelta(seconds=45), SPAN, Policy(), seed=20261123)
    write_export(folder, told)
    done = await asyncio.to_thread(fristwerk, state, "import", str(folder), "--json", **UNMEASURED)
    assert done.returncode == 0, done.stderr


async def _live_through(
    stack: Up, worker: Worker, gateway: TemporalLeadGateway, pool: Pool, memory: Memory
) -> None:
    """Clients act all the time while everything is killed in turn."""
    rows = await pool.fetch("select tenant, id from lead order by id")
    tenant: UUID = rows[0]["tenant"]
    ids = [row["id"] for row in rows]
    assert len(ids) == LEADS
    stop = asyncio.Event()
    clients = [Client(gateway, tenant, memory, seed).act_until(stop, ids) for seed in range(CLIENTS)]
    acting = [asyncio.create_task(client) for client in clients]
    await _kill_everything_in_turn(stack, worker)
    for _ in range(LONGEST_SECONDS):
        # On a machine that is busy with something else.
        if memory.total > ENOUGH:
            break
        await asyncio.sleep(1)
    stop.set()
    await asyncio.gather(*acting)
    # What the last planned holds were in the way of comes now; after that nothing is due for days.
    await asyncio.sleep(PLANNED_HOLD.total_seconds())


async def _check_facts(pool: Pool, tenant: UUID, memory: Memory) -> None:
    recorded: dict[UUID, list[str]] = {}
    for row in await pool.fetch("select lead, fact_id from fact where tenant = $1", tenant):
        recorded.setdefault(row["lead"], []).append(row["fact_id"])
    assert memory.total > ENOUGH, "the clients hardly got through; the drill proved nothing"
    for lead, ids in memory.acknowledged.items():
        assert not ids - set(recorded[lead]), f"acknowledged facts of {lead} are lost"
    assert all(len(ids) == len(set(ids)) for ids in recorded.values())
    async with transaction(pool, tenant, "drill", ("auditor",)) as connection:
        assert await audit_first_broken(connection, tenant) is None


async def _check_mails(pool: Pool, tenant: UUID, mailbox: Mailbox, *, kills: int, since: datetime) -> None:
    sent = await pool.fetch("select * from notification where tenant = $1 and channel = 'EMAIL'", tenant)
    # What a killed worker left behind, and what had nothing to tell any more when it was taken up again.
    left_behind = {row["message_id"] for row in sent if row["status"] != "sent"}
    assert {row["code"] for row in sent if row["status"] != "sent"} <= {None, SUPERSEDED}
    assert len(left_behind) <= kills * Tuning().mails_at_once
    copies = Counter(mailbox.read(number).message_id for number in mailbox.numbers())
    assert set(copies) - left_behind == {row["message_id"] for row in sent} - left_behind, (
        "a mail is missing, or one came that is not recorded"
    )
    assert sum(copies.values()) - len(copies) <= kills * Tuning().mails_at_once, (
        "more copies than the window allows"
    )


async def _mails_sent(pool: Pool, tenant: UUID) -> set[Told]:
    """Every mail that is recorded as sent."""
    rows = await pool.fetch(
        "select lead, kind, cycle, recipient from notification "
        "where tenant = $1 and status = 'sent' and channel = 'EMAIL'",
        tenant,
    )
    return {(row["lead"], row["kind"], row["cycle"], row["recipient"]) for row in rows}


async def _mails_owed(pool: Pool, tenant: UUID, since: datetime) -> set[Told]:
    """Every reminder that the ledger says went out during the drill, and every lapse of it."""
    owed: set[Told] = set()
    facts = await pool.fetch(
        "select f.lead, f.payload, p.owner from fact f join protection p using (tenant, lead) "
        "where tenant = $1 and f.by = 'clock' and f.recorded_at > $2",
        tenant,
        since,
    )
    for row in facts:
        fact = row["payload"]
        if fact["type"] == ReminderSent.type:
            owed.add((row["lead"], "reminder", str(fact["cycle"]), row["owner"]))
        else:
            owed.add((row["lead"], "lapse", fact["at"], row["owner"]))
    return owed


async def _check_workflows(client: TemporalClient, pool: Pool, tenant: UUID) -> None:
    """Who lives has a workflow, and nobody else, once the server lists the last of them as closed."""
    alive = {
        row["lead"]
        for row in await pool.fetch("select lead, status from protection where tenant = $1", tenant)
        if Status(row["status"]) in ALIVE
    }
    running: set[UUID] = set()
    for _ in range(LONGEST_SECONDS):
        running = await _running(client)
        if running == alive:
            return
        await asyncio.sleep(1)
    stories = [await _story(client, tenant, str(lead)) for lead in sorted(running - alive)[:2]]
    raise AssertionError(f"without a workflow: {alive - running}; still running: {stories}")


async def _running(client: TemporalClient) -> set[UUID]:
    query = 'WorkflowType = "lead-protection" and ExecutionStatus = "Running"'
    return {UUID(execution.id.rsplit("/", 1)[1]) async for execution in client.list_workflows(query)}


def _write_down(folder: Path, memory: Memory, worker: Worker) -> None:
    """What the drill went through, for whoever wonders whether it was hard enough."""
    figures = {
        "acknowledged": memory.total,
        "refused": memory.refused,
        "repeated": memory.repeated,
        "kills": worker.kills,
    }
    (folder / "drill.json").write_text(json.dumps(figures))
    sys.stderr.write(f"drill: {figures}\n")
