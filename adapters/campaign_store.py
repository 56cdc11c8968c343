"""Hold campaigns as the application role: choosing leads, asking, looking. SQL: sql/queries/campaign.sql."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import asyncpg

from activities.campaign_orders import Turn
from adapters.act_store import ActDenied
from adapters.database import Caller, Connection, load_queries
from adapters.normalise import city_key, fold
from protection.facts import HoldReason
from protection.permission import Role
from protection.state import Status

_SQL: Final = load_queries("campaign")
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_FIRST: Final = UUID(int=0)
_LAST: Final = UUID(int=2**128 - 1)


class CampaignState(StrEnum):
    """Where a campaign stands as a whole. Wire names."""

    PLACING = "placing"
    PLACED = "placed"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Leads under protection; None does not narrow, the rest narrows together.

    Attributes:
        status: `ACTIVE` or `GRACE`.
        ends_before: those whose protection ends before this UTC instant.
        text: words that company, city and postcode together have to say.
    """

    owner: str | None = None
    city: str | None = None
    industry: str | None = None
    status: Status | None = None
    paused: bool | None = None
    ends_before: datetime | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A lead a filter has found.

    Attributes:
        own: the caller is the one who asks there, and decides nothing.
    """

    lead: UUID
    owner: str
    revision: int
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a person wants to know of a lead. `valid_until` is a UTC instant, None while unknown."""

    lead: UUID
    company: str
    city: str
    owner: str
    status: Status
    paused: bool
    valid_until: datetime | None

    @classmethod
    def of(cls, row: asyncpg.Record) -> Described:
        """From a row that has these columns, and perhaps others."""
        return cls(
            lead=row["lead"],
            company=row["company"],
            city=row["city"],
            owner=row["owner"],
            status=Status(row["status"]),
            paused=row["paused"],
            valid_until=row["valid_until"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLead:
    """A lead of a campaign, and what came of its turn."""

    described: Described
    turn: Turn
    code: str | None
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCampaign:
    """A campaign that is asked for. UTC instants.

    Attributes:
        wanted: the filter as it was said, plain JSON.
        request_hash: tells the request from another under the same id.
    """

    id: UUID
    wanted: Mapping[str, Any]
    request_hash: bytes
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None
    leads: Sequence[UUID]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRow:
    """A campaign, and how far it is. UTC instants.

    Attributes:
        counts: how many leads stand where.
        told_at: when something came of it last.
    """

    id: UUID
    wanted: Mapping[str, Any]
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None
    leads: int
    asked_by: str
    asked_at: datetime
    end_asked_by: str | None
    end_asked_at: datetime | None
    counts: Mapping[Turn, int]
    told_at: datetime

    @property
    def left(self) -> int:
        """Leads that something is still to be told to."""
        ending = self.counts[Turn.PLACED] if self.end_asked_at is not None else 0
        return self.counts[Turn.WAITING] + ending

    @property
    def state(self) -> CampaignState:
        """Where it stands as a whole."""
        if self.end_asked_at is None:
            return CampaignState.PLACING if self.left else CampaignState.PLACED
        return CampaignState.ENDING if self.left else CampaignState.ENDED


async def choose(connection: Connection, caller: Caller, wanted: Filter, *, most: int) -> tuple[Chosen, ...]:
    """Leads under protection that the filter finds, those that end first before the others."""
    await _SQL.plan_with_values(connection)
    rows = _SQL.campaign_chosen(
        connection,
        tenant=caller.tenant,
        user=caller.user,
        agent=Role.AGENT in caller.roles,
        owner=wanted.owner,
        city=None if wanted.city is None else city_key(wanted.city),
        industry=wanted.industry,
        status=wanted.status,
        paused=wanted.paused,
        ends_before=wanted.ends_before,
        words=None
        if wanted.text is None
        else [f"%{word}%" for word in sorted(set(fold(wanted.text).split()))],
        most=most,
    )
    return tuple([Chosen(row["lead"], row["owner"], row["revision"], row["own"]) async for row in rows])


async def describe(connection: Connection, tenant: UUID, leads: Sequence[UUID]) -> tuple[Described, ...]:
    """These leads in words, in the order asked for; those the caller may not see are left out."""
    rows = _SQL.campaign_described(connection, tenant=tenant, leads=list(leads))
    found = {row["lead"]: Described.of(row) async for row in rows}
    return tuple(found[lead] for lead in leads if lead in found)


async def add_campaign(connection: Connection, caller: Caller, new: NewCampaign) -> bool:
    """Keep a campaign with its leads; False where it is there already.

    Raises:
        ActDenied: the caller may not place a hold on one of them.
    """
    added = await _SQL.add_campaign(
        connection,
        tenant=caller.tenant,
        id=new.id,
        wanted=dict(new.wanted),
        hash=new.request_hash,
        reason=new.reason,
        start_at=new.start_at,
        end_at=new.end_at,
        leads=len(new.leads),
        by=caller.user,
        at=new.at,
    )
    if not added.endswith(" 1"):
        return False
    try:
        await _SQL.add_campaign_leads(
            connection, tenant=caller.tenant, campaign=new.id, leads=list(new.leads), at=new.at
        )
    except asyncpg.InsufficientPrivilegeError as error:
        raise ActDenied from error
    return True


async def hash_of(connection: Connection, tenant: UUID, campaign: UUID) -> bytes | None:
    """What the campaign was asked for with; None if there is none."""
    kept: bytes | None = await _SQL.campaign_hash(connection, tenant=tenant, id=campaign)
    return kept


async def ask_end(connection: Connection, caller: Caller, campaign: UUID, at: datetime) -> None:
    """Note that a campaign is to be ended for all its leads; the first word counts."""
    await _SQL.end_campaign(connection, tenant=caller.tenant, id=campaign, by=caller.user, at=at)


async def campaign_of(connection: Connection, tenant: UUID, campaign: UUID) -> CampaignRow | None:
    """The campaign; None if there is none the caller may see."""
    row = await _SQL.campaign_standing(connection, tenant=tenant, id=campaign)
    return None if row is None else _campaign(row)


async def campaigns_of(
    connection: Connection, tenant: UUID, *, before: tuple[datetime, UUID] | None = None, most: int
) -> tuple[CampaignRow, ...]:
    """Campaigns the caller may see, the newest first.

    Args:
        before: instant and id of the last one of the page before.
    """
    at, name = before or (_NEVER, _LAST)
    rows = _SQL.campaigns_of(connection, tenant=tenant, before_at=at, before_id=name, most=most)
    return tuple([_campaign(row) async for row in rows])


async def leads_of(
    connection: Connection,
    tenant: UUID,
    campaign: UUID,
    *,
    turn: Turn | None = None,
    after: UUID | None = None,
    most: int,
) -> tuple[CampaignLead, ...]:
    """Leads of a campaign by id, and what came of each."""
    rows = _SQL.campaign_leads(
        connection, tenant=tenant, campaign=campaign, state=turn, after=after or _FIRST, most=most
    )
    return tuple(
        [
            CampaignLead(
                described=Described.of(row), turn=Turn(row["state"]), code=row["code"], told_at=row["told_at"]
            )
            async for row in rows
        ]
    )


def _campaign(row: asyncpg.Record) -> CampaignRow:
    counts = row["counts"] or {}
    return CampaignRow(
        id=row["id"],
        wanted=row["wanted"],
        reason=HoldReason(row["reason"]),
        start_at=row["start_at"],
        end_at=row["end_at"],
        leads=row["leads"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        end_asked_by=row["end_asked_by"],
        end_asked_at=row["end_asked_at"],
        counts={turn: int(counts.get(str(turn), 0)) for turn in Turn},
        told_at=row["told_at"],
    )
