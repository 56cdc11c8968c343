"""Registering and describing leads: as the application role on somebody's behalf, or as the worker.

What the database refuses has a name here; row security decides who may.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from adapters.database import Connection, load_queries
from adapters.lead_entry import LeadEntry, company_row

_SQL: Final = load_queries("registration")
_DUPLICATE: Final = "FW003"
# How similar two names have to be before somebody is asked, and how many leads are named.
_LEAST_LIKENESS: Final = 0.7
_MOST_CANDIDATES: Final = 5


class LiveDuplicate(Exception):
    """A live lead of the same company and place exists; whose it is, is nobody's business here."""


class ExternalIdTaken(Exception):
    """Another lead of the tenant has this external id."""


class NotLetIn(Exception):
    """Row security did not let the lead in: the caller may not register or describe it like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarLead:
    """A living lead the caller may see with a similar name; `score` is 0.7 to 1."""

    lead: UUID
    company: str
    city: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What describes a lead; nothing personal.

    Attributes:
        changed: how often it was changed by hand.
    """

    company: str
    city: str
    company_key: str
    external_id: str | None
    postcode: str | None
    industry: str | None
    source: str | None
    changed: int


@asynccontextmanager
async def _named(external_id: str | None) -> AsyncIterator[None]:
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise ExternalIdTaken(external_id) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise NotLetIn from error
    except asyncpg.PostgresError as error:
        if error.sqlstate == _DUPLICATE:
            raise LiveDuplicate from error
        raise


async def enter_lead(
    connection: Connection, tenant: UUID, entry: LeadEntry, *, allow_duplicate: bool = False
) -> bool:
    """Enter a lead without its personal data; one that is there already stays as it is.

    Args:
        allow_duplicate: a manager has decided that a second live lead of the same company is right.

    Returns:
        Whether the lead was new.

    Raises:
        LiveDuplicate: there is a live lead of the same company and place.
        ExternalIdTaken: the external id belongs to another lead.
        NotLetIn: the caller may not register this lead.
    """
    async with _named(entry.external_id):
        added = await _SQL.enter_leads(
            connection, tenant=tenant, entries=[company_row(entry)], refuse_duplicates=not allow_duplicate
        )
    return bool(added)


async def has_live_duplicate(
    connection: Connection, tenant: UUID, lead: UUID, company_key: str, postcode: str | None, *, at: datetime
) -> bool:
    """Whether another live lead than this one is of the company and place, at a UTC instant."""
    return bool(
        await _SQL.has_live_duplicate(
            connection,
            tenant=tenant,
            company_key=company_key,
            postcode=postcode,
            at=at,
            lead=lead,
        )
    )


async def leads_begun(connection: Connection, tenant: UUID, company_key: str, owner: str) -> int:
    """How many leads of this company the owner has had on record, of those the caller may see."""
    return int(await _SQL.leads_begun(connection, tenant=tenant, company_key=company_key, owner=owner))


async def similar_leads(
    connection: Connection, company: str, city: str, postcode: str | None, *, at: datetime, lead: UUID
) -> tuple[SimilarLead, ...]:
    """Living leads of a similar name that the caller may see, the likest first; at most five.

    Args:
        at: UTC instant.
        lead: not this one.
    """
    found = _SQL.similar_leads(
        connection,
        company=company,
        city=city,
        postcode=postcode,
        at=at,
        lead=lead,
        least=_LEAST_LIKENESS,
        most=_MOST_CANDIDATES,
    )
    return tuple(
        [
            SimilarLead(lead=row["lead"], company=row["company"], city=row["city"], score=row["score"])
            async for row in found
        ]
    )


async def lead_to_describe(connection: Connection, tenant: UUID, lead: UUID) -> Described | None:
    """What describes the lead, to the exclusion of others who change it; None if the caller may not."""
    row = await _SQL.lead_to_describe(connection, tenant=tenant, lead=lead)
    return None if row is None else Described(**dict(row))


async def describe_lead(connection: Connection, tenant: UUID, lead: UUID, said: Described) -> None:
    """Change external id, postcode, industry and source; where they are the same, nothing is changed.

    Raises:
        LiveDuplicate: with this postcode it is the same place as another live lead's.
        ExternalIdTaken: the external id belongs to another lead.
        NotLetIn: the caller may not describe this lead.
    """
    async with _named(said.external_id):
        await _SQL.describe_lead(
            connection,
            tenant=tenant,
            lead=lead,
            external_id=said.external_id,
            postcode=said.postcode,
            industry=said.industry,
            source=said.source,
        )
