"""What is known of the ERP, for people: readings, orders, news, products. SQL: erp_reading.sql."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from activities.upstreams import Fault
from adapters.database import Connection, load_queries
from adapters.erp.intake import EventKind

_SQL: Final = load_queries("erp_reading")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the reading of one kind of thing stands.

    Attributes:
        done_at: when everything new was last read; None is never.
        failed_at: when a try last failed.
        problem: why the last try failed; None where it did not.
        read: things of the last reading.
        news: of them, what was news for a box or a lead.
        skipped: of them, what could not be used.
    """

    resource: str
    began_at: datetime
    done_at: datetime | None
    failed_at: datetime | None
    problem: Fault | None
    read: int
    news: int
    skipped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """The order of a box.

    Attributes:
        state: sent, refused, cancelled or not-needed.
        number: of the order there.
        due_at: by when the ERP says that it is shipped.
        problem: what a person has to look at, a stable word.
    """

    box: UUID
    lead: UUID
    company: str
    city: str
    state: str
    number: str | None
    due_at: datetime | None
    problem: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """Something the ERP told.

    Attributes:
        happened_at: when it was so.
        learned_at: when we heard of it.
        outcome: what came of it, a stable word; None: nothing yet.
    """

    kind: EventKind
    subject: str
    happened_at: datetime
    learned_at: datetime
    source: str
    lead: UUID | None
    company: str | None
    city: str | None
    settled_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class ProductRow:
    """Something that can be put into a box."""

    sku: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is left to do.

    Attributes:
        waiting: news that are not used yet.
        oldest: since when the oldest of them waits.
        troubled: orders that a person has to look at.
        withheld: corrections that were left out because protection would have ended by them.
    """

    waiting: int
    oldest: datetime | None
    troubled: int
    withheld: int


async def readings(connection: Connection, tenant: UUID) -> tuple[Reading, ...]:
    """How reading stands, for whoever reads everything."""
    rows = [row async for row in _SQL.pulls(connection, tenant=tenant)]
    return tuple(
        Reading(**{**row, "problem": None if row["problem"] is None else Fault(row["problem"])})
        for row in rows
    )


async def orders(
    connection: Connection, tenant: UUID, *, lead: UUID | None = None, troubled: bool = False, most: int
) -> tuple[OrderRow, ...]:
    """Orders of boxes the caller may see, the newest first."""
    rows = _SQL.orders(connection, tenant=tenant, lead=lead, troubled=troubled, most=most)
    return tuple([OrderRow(**row) async for row in rows])


async def events(
    connection: Connection, tenant: UUID, *, lead: UUID | None = None, most: int
) -> tuple[EventRow, ...]:
    """What the ERP told about leads the caller may see, the newest first."""
    rows = _SQL.events(connection, tenant=tenant, lead=lead, most=most)
    return tuple([EventRow(**{**row, "kind": EventKind(row["kind"])}) async for row in rows])


async def backlog(connection: Connection, tenant: UUID, *, since: datetime) -> Backlog:
    """What is left to do, for whoever reads everything.

    Args:
        since: UTC instant, from when on withheld corrections are counted.
    """
    return Backlog(**await _SQL.backlog(connection, tenant=tenant, since=since))


async def products(
    connection: Connection, tenant: UUID, text: str = "", *, most: int
) -> tuple[ProductRow, ...]:
    """What can be put into a box: those that hold the text in name or SKU, by name."""
    rows = _SQL.products(connection, tenant=tenant, text=text.strip(), most=most)
    return tuple([ProductRow(row["sku"], row["name"]) async for row in rows])


async def last_invoice(
    connection: Connection, company_key: str, postcode: str | None, *, before: date
) -> date | None:
    """When a company of this name and place was last invoiced before that day; None: never."""
    found: date | None = await _SQL.last_invoice(
        connection, company_key=company_key, postcode=postcode, before=before
    )
    return found


async def lead_to_check(
    connection: Connection, tenant: UUID, lead: UUID
) -> tuple[str, str | None, datetime] | None:
    """Key and postcode of a lead, and since when it is one; None: no such lead for this caller."""
    row = await _SQL.lead_to_check(connection, tenant=tenant, lead=lead)
    return None if row is None else (row["company_key"], row["postcode"], row["since"])
