"""What the command line shows: lists for people, who people are, a lead's mails.

As `adapters.read_model`: typed answers for the connection of a transaction that has its context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg

from adapters.database import Connection, load_queries
from adapters.read_model import Lead, Protection, facts_of, find_lead
from protection.facts import EndReason, Fact
from protection.policy import Policy, policy_from_json
from protection.state import Status
from protection.wire import fact_from_json

_SQL: Final = load_queries("console")
_BEGINNING: Final = re.compile(r"[0-9a-f]{8,32}")
_HEX_DIGITS: Final = 32

Row = TypeVar("Row")


class AmbiguousLead(Exception):
    """More than one lead has an id that begins like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewFilter:
    """Which leads to show; None does not narrow.

    Attributes:
        due_before: only living leads whose next deadline lies before this UTC instant.
    """

    status: Status | None = None
    owner: str | None = None
    paused: bool | None = None
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """A lead in a list; `next_at` is the deadline that comes next, a UTC instant, None if unknown."""

    lead: Lead
    protection: Protection
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the company or an agent."""

    id: str
    email: str | None
    display_name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeadMail:
    """A notification about a lead, as recorded. UTC instants."""

    kind: str
    recipient: str
    status: str
    attempt: int
    sent_at: datetime | None
    code: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """A lead's facts in order of recording, and the policy it lives under."""

    policy: Policy
    facts: tuple[Fact, ...]


def _made(kind: type[Row], row: asyncpg.Record, /, **shaped: Any) -> Row:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: row[name] for name in names if name not in shaped}, **shaped)


def _protection(row: asyncpg.Record) -> Protection:
    return _made(
        Protection,
        row,
        status=Status(row["status"]),
        reason=None if row["reason"] is None else EndReason(row["reason"]),
        active_holds=tuple(row["active_holds"]),
    )


async def overview(
    connection: Connection, tenant: UUID, wanted: OverviewFilter, *, most: int | None
) -> tuple[list[Overview], int]:
    """Leads by what comes next, and how many match in all.

    Args:
        most: rows at most; None for all.
    """
    found = _SQL.console_leads(
        connection,
        tenant=tenant,
        status=wanted.status,
        owner=wanted.owner,
        paused=wanted.paused,
        due_before=wanted.due_before,
        most=most,
    )
    rows = [row async for row in found]
    leads = [Overview(_made(Lead, row), _protection(row), row["next_at"]) for row in rows]
    return leads, rows[0]["matching"] if rows else 0


async def lead_by_key(connection: Connection, tenant: UUID, key: str) -> Lead | None:
    """The lead of that uuid, external id, or beginning of a uuid (8 characters or more).

    Raises:
        AmbiguousLead: several ids begin like this.
    """
    lead = await find_lead(connection, tenant, key)
    digits = key.lower().replace("-", "")
    if lead is not None or not _BEGINNING.fullmatch(digits):
        return lead
    low, high = UUID(digits.ljust(_HEX_DIGITS, "0")), UUID(digits.ljust(_HEX_DIGITS, "f"))
    ids = [row["id"] async for row in _SQL.leads_between(connection, tenant=tenant, low=low, high=high)]
    if len(ids) > 1:
        raise AmbiguousLead(key)
    return await find_lead(connection, tenant, str(ids[0])) if ids else None


def _person(row: asyncpg.Record) -> Person:
    return _made(Person, row, roles=tuple(row["roles"]))


async def people(connection: Connection, tenant: UUID) -> dict[str, Person]:
    """Everybody the caller may see, by id."""
    return {row["id"]: _person(row) async for row in _SQL.console_people(connection, tenant=tenant)}


async def person_by_key(connection: Connection, tenant: UUID, key: str) -> Person | None:
    """The person of that id or mail address; None if there is none, or the address is several people's."""
    found = [_person(row) async for row in _SQL.console_person(connection, tenant=tenant, key=key)]
    if not found or (len(found) > 1 and found[0].id != key):
        return None
    return found[0]


async def ledger_of(connection: Connection, tenant: UUID, lead: UUID) -> Ledger | None:
    """The lead's facts and its policy; None if nothing has been recorded."""
    policy = await _SQL.policy_of_lead(connection, tenant=tenant, lead=lead)
    facts = await facts_of(connection, tenant, lead)
    if policy is None or not facts:
        return None
    return Ledger(policy_from_json(policy), tuple(fact_from_json(fact.payload) for fact in facts))


async def mails_of(connection: Connection, tenant: UUID, lead: UUID) -> tuple[LeadMail, ...]:
    """The notifications about a lead, oldest first."""
    rows = _SQL.mails_of_lead(connection, tenant=tenant, lead=lead)
    return tuple([_made(LeadMail, row) async for row in rows])
