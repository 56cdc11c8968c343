"""Leads with ledgers of a past year in the API's database, as workflows and the import leave them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from activities.records import RecordCommand, audit_row, fact_row, hold_rows, projection, request_rows
from adapters.database import Connection, Pool, open_pool, transaction
from adapters.lead_entry import ContactEntry
from adapters.ledger_store import PostgresLedgerStore
from adapters.note_store import note_entry
from adapters.settings import Login, Role
from protection.dates import add_period, zone
from protection.facts import (
    ActivityRecorded,
    Corrected,
    EndReason,
    Fact,
    HoldPlaced,
    HoldReason,
    Lapsed,
    Registered,
    ReminderSent,
)
from protection.lifecycle import apply, begin
from protection.policy import Policy
from protection.state import LeadState
from tests.api.house import Api, Callers
from tests.sql.commands import entry
from tests.sql.conftest import new_tenant
from tests.sql.lead_store import PostgresLeadStore

BEGAN = datetime(2024, 5, 2, 9, 30, tzinfo=UTC)
BERLIN = zone("Europe/Berlin")


def day(number: int) -> datetime:
    """So many days after registration, by the wall clock in Berlin."""
    return add_period(BEGAN, 0, number, BERLIN)


def wire(number: int) -> str:
    """The same as the API spells it."""
    return day(number).strftime("%Y-%m-%dT%H:%M:%SZ")


def registered(owner: str = "agent", *, recorded: int = 0) -> Registered:
    return Registered(fact_id="reg", recorded_at=day(recorded), by=owner, owner=owner, registered_at=BEGAN)


def call(number: int, occurred: int | None = None, name: str = "call") -> ActivityRecorded:
    at = day(number if occurred is None else occurred)
    return ActivityRecorded(
        fact_id=name, recorded_at=day(number), by="agent", kind="QUALIFIED_CALL", occurred_at=at
    )


def placed(number: int, start: int, end: int | None = None, hold: str = "h1") -> HoldPlaced:
    return HoldPlaced(
        fact_id=f"place-{hold}",
        recorded_at=day(number),
        by="manager",
        hold=hold,
        reason=HoldReason.FFZ_SAMPLE_DELAY,
        start_at=day(start),
        end_at=None if end is None else day(end),
    )


def corrected(number: int, wrong: str, **right: object) -> Corrected:
    return Corrected(
        fact_id=f"correction-{number}",
        recorded_at=day(number),
        by="manager",
        corrects=wrong,
        replacement=right or None,
    )


def lapsed() -> tuple[Fact, ...]:
    """A whole life without progress."""
    sent = ReminderSent(fact_id="r", recorded_at=day(60), by="clock", sent_at=day(60), cycle=1)
    over = Lapsed(fact_id="lapse", recorded_at=day(70), by="clock", at=day(70), reason=EndReason.INACTIVITY)
    return registered(), sent, over


@dataclass(frozen=True, slots=True)
class Office:
    """A tenant behind the API: people with tokens, and leads to be given ledgers.

    People: `agent` and `other` (agents), `manager`, `auditor`, `admin`.
    """

    api: Api
    callers: Callers
    worker: Pool
    tenant: UUID

    def token(self, user: str, *roles: str) -> str:
        """Somebody's token; without roles, the one that goes with the name."""
        usual = {"agent": "agent", "other": "agent", "third": "agent"}
        return self.callers.token(user, *(roles or (usual.get(user, user),)), tenant=self.tenant)

    async def get(self, path: str, user: str = "agent", **headers: str) -> Any:
        """Read as somebody."""
        return await self.api.get(path, self.token(user), **headers)

    async def lead(self, *facts: Fact, owner: str = "agent", **changed: Any) -> UUID:
        """A lead with this ledger."""
        made = entry(owner, **{"created_at": BEGAN} | changed)
        store = PostgresLeadStore(self.worker, self.api.wiring.vault)
        assert await store.register_lead(self.tenant, made)
        if facts:
            await self.record(made.id, facts)
        return made.id

    async def record(self, lead: UUID, facts: Sequence[Fact], at: datetime | None = None) -> None:
        """Write a whole ledger, and what it means as of its newest fact or a later moment."""
        states: list[LeadState] = [begin(Policy(), facts[0])]
        for fact in facts[1:]:
            states.append(apply(states[-1], fact))
        before: list[LeadState | None] = [None, *states]
        await PostgresLedgerStore(self.worker).record(
            RecordCommand(
                tenant=str(self.tenant),
                lead=str(lead),
                facts=[fact_row(fact, n) for n, fact in enumerate(facts, start=1)],
                projection=projection(
                    str(self.tenant), str(lead), states[-1], at or facts[-1].recorded_at, wake_at=None
                ),
                holds=hold_rows(states[-1]),
                requests=request_rows(states[-1]),
                audit=[audit_row(facts[n], before[n], states[n]) for n in range(len(facts))],
            )
        )

    async def note(self, lead: UUID, fact_id: str, text: str, part: str = "note") -> None:
        """What somebody wrote about a fact."""
        async with self.as_worker() as connection:
            written: ContactEntry = note_entry(lead, fact_id, text, at=BEGAN, part=part)
            await self.api.wiring.vault.seal_entries(connection, self.tenant, lead, [written])

    @asynccontextmanager
    async def as_worker(self) -> AsyncIterator[Connection]:
        """A transaction of the ledger's writer."""
        async with transaction(self.worker, self.tenant, "system", at=BEGAN) as connection:
            yield connection

    async def share(self, lead: UUID, user: str, role: str) -> None:
        """Share a lead with somebody."""
        async with self.as_worker() as connection:
            await connection.execute(
                "insert into collaborator (tenant, lead, user_id, role, added_by, added_at)"
                " values ($1, $2, $3, $4, 'agent', $5)",
                self.tenant,
                lead,
                user,
                role,
                BEGAN,
            )


@asynccontextmanager
async def office_over(url: str, api: Api, callers: Callers) -> AsyncIterator[Office]:
    """A tenant of its own behind the API."""
    async with await open_pool(Login(url, Role.WORKER), name="test-worker") as worker:
        yield Office(api, callers, worker, await new_tenant(worker))
