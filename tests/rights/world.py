"""Two tenants with somebody for every column of the matrix, and a lead for every target."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

from adapters.database import Caller, Connection, Pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from protection.permission import Grantee, Role, Share
from tests.rights.cells import BYSTANDER, PEOPLE, Person, Target
from tests.sql.commands import DAY, T0, call, command, entry, new_lead, placed, refusal, registered
from tests.sql.conftest import new_tenant

NOW = T0 + 30 * DAY


@dataclass(frozen=True, slots=True)
class World:
    """Leads by tenant.

    Attributes:
        own: a lead of each person who has a role of his own.
        shared: the bystander's, shared with everybody but the agent.
        foreign: the bystander's.
        elsewhere: a lead of the other tenant whose owner and collaborators are named like ours.
    """

    here: UUID
    there: UUID
    own: dict[Grantee, UUID]
    shared: UUID
    foreign: UUID
    elsewhere: dict[Grantee, UUID]

    def lead(self, grantee: Grantee, target: Target) -> UUID | None:
        """The lead that stands for the target; None where there is none."""
        match target:
            case Target.OWN:
                return self.own[grantee]
            case Target.SHARED:
                return self.shared
            case Target.FOREIGN:
                return self.foreign
            case Target.ELSEWHERE:
                return self.elsewhere[grantee]
            case Target.NONE:
                return None

    def caller(self, person: Person) -> Caller:
        """The person as a caller of the first tenant."""
        return Caller(self.here, person.user, person.roles)


async def full_lead(worker: Pool, tenant: UUID, owner: str) -> UUID:
    """A lead with a row in every table of leads."""
    lead = await new_lead(worker, tenant, owner)
    facts = (registered(owner), call(10), placed(20))
    store = PostgresLedgerStore(worker)
    await store.record(command(tenant, lead, facts))
    await store.record(refusal(tenant, lead, facts, f"refused-{lead}"))
    async with transaction(worker, tenant, "system") as connection:
        await connection.execute(
            "insert into notification"
            " (tenant, id, lead, cycle, kind, recipient, channel, status, created_at, updated_at)"
            " values ($1, $2, $3, '1', 'reminder', $4, 'EMAIL', 'sent', $5, $5)",
            tenant,
            uuid4(),
            lead,
            owner,
            T0,
        )
    return lead


async def people_of(worker: Pool, tenant: UUID, *people: Person) -> None:
    """Make them users of the tenant; those already there stay."""
    async with transaction(worker, tenant, "system") as connection:
        await connection.executemany(
            "insert into app_user (tenant, id, display_name, roles) values ($1, $2, $2, $3)"
            " on conflict do nothing",
            [(tenant, person.user, [str(role) for role in person.roles]) for person in people],
        )


async def share_with(worker: Pool, tenant: UUID, lead: UUID, user: str, share: Share) -> None:
    """Share a lead, past all rights."""
    async with transaction(worker, tenant, "system", at=T0) as connection:
        await connection.execute(
            "insert into collaborator (tenant, lead, user_id, role, added_by, added_at)"
            " values ($1, $2, $3, $4, 'system', $5)",
            tenant,
            lead,
            user,
            share,
            T0,
        )


async def new_world(worker: Pool) -> World:
    """Two tenants of one's own."""
    here, there = await new_tenant(worker), await new_tenant(worker)
    for tenant in (here, there):
        await people_of(worker, tenant, BYSTANDER, *PEOPLE.values())
    own: dict[Grantee, UUID] = {role: await full_lead(worker, here, PEOPLE[role].user) for role in Role}
    shared = await full_lead(worker, here, BYSTANDER.user)
    elsewhere: dict[Grantee, UUID] = {
        role: await full_lead(worker, there, PEOPLE[role].user) for role in Role
    }
    away = await full_lead(worker, there, BYSTANDER.user)
    for grantee, person in PEOPLE.items():
        share = grantee if isinstance(grantee, Share) else Share.NEGOTIATE
        if grantee is not Role.AGENT:
            await share_with(worker, here, shared, person.user, share)
        if isinstance(grantee, Share):
            await share_with(worker, there, away, person.user, share)
            elsewhere[grantee] = away
    foreign = await full_lead(worker, here, BYSTANDER.user)
    return World(here, there, own, shared, foreign, elsewhere)


@asynccontextmanager
async def undone(app: Pool, tenant: UUID, person: Person) -> AsyncIterator[Connection]:
    """A transaction on the person's behalf that leaves nothing behind."""
    async with app.acquire() as connection:
        started = connection.transaction()
        await started.start()
        try:
            await connection.execute(
                "select set_config('app.tenant', $1, true), set_config('app.user', $2, true),"
                " set_config('app.roles', $3, true), set_config('app.at', $4, true)",
                str(tenant),
                person.user,
                ",".join(person.roles),
                NOW.isoformat(),
            )
            yield connection
        finally:
            await started.rollback()


__all__ = ["NOW", "World", "entry", "full_lead", "new_world", "people_of", "share_with", "undone"]
