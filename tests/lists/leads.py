"""Leads with names, places and a life of so many days, for lists to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from adapters.database import Caller, Pool, transaction
from adapters.lead_list import list_leads
from adapters.lead_listing import LeadFilter, LeadOrder
from adapters.ledger_store import PostgresLedgerStore
from adapters.normalise import lead_key
from protection.facts import Fact
from tests.sql.commands import DAY, T0, command, new_lead, placed, registered


async def living(
    worker: Pool,
    tenant: UUID,
    company: str,
    city: str = "Erfurt",
    *,
    owner: str = "agent",
    day: int = 0,
    paused: bool = False,
    postcode: str | None = None,
    facts: Sequence[Fact] = (),
    **projected: Any,
) -> UUID:
    """A lead registered on that day; `projected` overrides columns of its projection."""
    lead = await new_lead(
        worker,
        tenant,
        owner,
        company=company,
        city=city,
        postcode=postcode,
        company_key=lead_key(company, city),
        external_id=None,
    )
    told = command(
        tenant, lead, (registered(owner, T0 + day * DAY), *facts, *([placed(20)] if paused else []))
    )
    told.projection.update(projected)
    await PostgresLedgerStore(worker).record(told)
    return lead


async def share(worker: Pool, tenant: UUID, lead: UUID, user: str, role: str = "VIEW") -> None:
    """Share a lead with somebody."""
    async with transaction(worker, tenant, "manager", ["manager"], at=T0) as connection:
        await connection.execute(
            "insert into collaborator (tenant, lead, user_id, role, added_by, added_at)"
            " values ($1, $2, $3, $4, 'manager', $5)",
            tenant,
            lead,
            user,
            role,
            T0,
        )


async def every(
    app: Pool, caller: Caller, wanted: LeadFilter, order: LeadOrder | None = None, *, most: int = 200
) -> list[UUID]:
    """The ids of all pages, in order; every page but the last is full, and none is empty but the first."""
    found: list[UUID] = []
    cursor = None
    while True:
        async with transaction(app, caller.tenant, caller.user, caller.roles, reading=True) as connection:
            page = await list_leads(connection, caller, wanted, order, cursor=cursor, most=most)
        found += [item.lead.id for item in page.leads]
        assert {item.lead.id == item.protection.lead for item in page.leads} <= {True}
        if page.cursor is None:
            return found
        assert len(page.leads) == most
        cursor = page.cursor
