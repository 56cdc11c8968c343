"""One hold over many leads: what it would do, asking for it, looking at it, ending it (domain.md section 7).

Which leads it is for is chosen once, at the moment of asking, and only if it is what the dry run has shown.
Whether the caller may place a hold is asked of each of them, here and by row security.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from activities.campaign_orders import Turn
from adapters import campaign_store
from adapters.act_store import ActDenied
from adapters.campaign_gateway import TemporalCampaigns
from adapters.campaign_store import CampaignLead, CampaignRow, Described, Filter, NewCampaign
from adapters.database import Connection
from adapters.lead_gateway import LeadsUnavailable
from adapters.lead_listing import BadListing, LeadFilter, check_filter
from protection.checks import check_hold
from protection.dates import format_instant
from protection.facts import HoldReason
from protection.permission import Act
from protection.state import ALIVE
from services import words
from services.asking import Asking
from services.desk import Desk
from services.effects import Effect, effect_of
from services.errors import Forbidden, KeyReused, Missing, NotFound, ServiceError, Unavailable
from workflows.messages import PlaceHold

# Leads of one campaign at most; whoever means more chooses in parts.
MOST_LEADS: Final = 5000
_LONGEST_INDUSTRY: Final = 200


class OtherLeads(ServiceError):
    """By now the filter finds other leads than the dry run has shown, or none was made; look again."""

    def __init__(self) -> None:
        super().__init__("these are not the leads of the dry run; make one and confirm with its `plan`")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCampaign:
    """One hold over many leads. UTC instants; None begins now, and ends when it is released."""

    filter: Filter
    reason: HoldReason
    start_at: datetime | None = None
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign would be for.

    Attributes:
        leads: on which a hold would be placed, those that end first before the others.
        own: leads the filter finds too, on which the caller may only ask.
        seal: stands for exactly this; to be confirmed with.
    """

    leads: tuple[UUID, ...]
    own: tuple[UUID, ...]
    seal: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a hold would do to one lead."""

    lead: Described
    effect: Effect


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign with some of its leads, and after which one the rest begins; None at the end."""

    campaign: CampaignRow
    leads: tuple[CampaignLead, ...] = field(default=())
    after: UUID | None = None


async def plan(connection: Connection, asking: Asking, wanted: WantedCampaign, *, now: datetime) -> Plan:
    """Which leads a campaign would be for, as of this UTC instant.

    Raises:
        Forbidden: the caller may not place holds.
        Refused: a field makes no sense, or it would be too many leads, or none.
    """
    asking.require(Act.DECIDE)
    _check(wanted, now)
    chosen = await campaign_store.choose(connection, asking.caller, wanted.filter, most=MOST_LEADS + 1)
    if len(chosen) > MOST_LEADS:
        raise words.malformed("filter", f"finds more than {MOST_LEADS} leads; choose in parts")
    leads = tuple(one.lead for one in chosen if not one.own)
    return Plan(leads, tuple(one.lead for one in chosen if one.own), _seal(wanted, leads))


async def foresee(
    connection: Connection, asking: Asking, wanted: WantedCampaign, leads: Sequence[UUID], *, now: datetime
) -> tuple[Foreseen, ...]:
    """What the hold would do to each of these leads, by the engine; nothing is done.

    Args:
        leads: some of a plan's.
        now: UTC instant.
    """
    message = asking.message(PlaceHold, reason=wanted.reason, start_at=wanted.start_at, end_at=wanted.end_at)
    return tuple(
        [
            Foreseen(one, await effect_of(connection, asking.caller, one.lead, message, now=now))
            for one in await campaign_store.describe(connection, asking.tenant, leads)
        ]
    )


async def begin(
    desk: Desk,
    campaigns: TemporalCampaigns,
    asking: Asking,
    wanted: WantedCampaign,
    *,
    seal: str | None,
    why: str,
) -> UUID:
    """Set a campaign going; its id. Repeating it under the same key changes nothing.

    Args:
        seal: of the plan that is confirmed.
        why: for the audit; names nobody.

    Raises:
        Forbidden: the caller may not place holds.
        Refused: a field makes no sense, or no lead is left.
        OtherLeads: the filter finds others by now.
        KeyReused: the key stands for another request.
        Unavailable: nobody took it up in time; repeat it with the same key.
    """
    asking.require(Act.DECIDE)
    _check(wanted, desk.now())
    why = words.reason(why, "why", least=words.MIN_GRAVE_REASON)
    name = uuid5(asking.tenant, f"hold-campaign/{asking.fact_id}")
    mark = desk.vault.request_mark(asking.tenant, json.dumps([asking.caller.user, _said(wanted), why, seal]))
    async with desk.writing(asking, reason=why) as connection:
        known = await campaign_store.hash_of(connection, asking.tenant, name)
        if known is None:
            await _add(connection, asking, wanted, name=name, mark=mark, seal=seal, now=desk.now())
        elif known != mark:
            raise KeyReused
    await _go_on(campaigns, asking, name)
    return name


async def _add(
    connection: Connection,
    asking: Asking,
    wanted: WantedCampaign,
    *,
    name: UUID,
    mark: bytes,
    seal: str | None,
    now: datetime,
) -> None:
    found = await plan(connection, asking, wanted, now=now)
    if seal != found.seal:
        raise OtherLeads
    if not found.leads:
        raise words.malformed("filter", "finds no lead on which you may place a hold")
    new = NewCampaign(
        id=name,
        wanted=filter_to_json(wanted.filter),
        request_hash=mark,
        reason=wanted.reason,
        start_at=wanted.start_at or now,
        end_at=wanted.end_at,
        leads=found.leads,
        at=now,
    )
    try:
        added = await campaign_store.add_campaign(connection, asking.caller, new)
    except ActDenied as error:
        raise Forbidden(Act.DECIDE) from error
    # Else it is the same click of a moment ago, not yet to be seen when we looked.
    if not added and await campaign_store.hash_of(connection, asking.tenant, name) != mark:
        raise KeyReused


async def go_on(desk: Desk, campaigns: TemporalCampaigns, asking: Asking, campaign: UUID) -> None:
    """Take up a campaign that stands still; one that goes on is not disturbed.

    Raises:
        Forbidden: the caller may not place holds.
        NotFound: there is no such campaign for him.
        Unavailable: nobody took it up in time; repeat it.
    """
    asking.require(Act.DECIDE)
    async with desk.looking(asking) as connection:
        await look(connection, asking, campaign)
    await _go_on(campaigns, asking, campaign)


async def end(desk: Desk, campaigns: TemporalCampaigns, asking: Asking, campaign: UUID, *, why: str) -> None:
    """Let the clock run again on all leads of a campaign; those whose turn has not come are left out.

    Raises:
        Forbidden: the caller may not release holds.
        Refused: the reason says nothing.
        NotFound: there is no such campaign for him.
        Unavailable: it is noted, but nobody took it up in time; repeat it.
    """
    asking.require(Act.DECIDE)
    why = words.reason(why, "why", least=words.MIN_GRAVE_REASON)
    async with desk.writing(asking, reason=why) as connection:
        await look(connection, asking, campaign)
        await campaign_store.ask_end(connection, asking.caller, campaign, desk.now())
    await _go_on(campaigns, asking, campaign)


async def look(connection: Connection, asking: Asking, campaign: UUID) -> CampaignRow:
    """A campaign, and how far it is.

    Raises:
        NotFound: there is no such campaign for this caller.
    """
    found = await campaign_store.campaign_of(connection, asking.tenant, campaign)
    if found is None:
        raise NotFound(Missing.CAMPAIGN)
    return found


async def look_at_leads(
    connection: Connection,
    asking: Asking,
    campaign: UUID,
    *,
    turn: Turn | None = None,
    after: UUID | None = None,
    most: int,
) -> Standing:
    """The same with some of its leads, by id.

    Args:
        turn: only those that stand there.
        after: the last lead of the page before.

    Raises:
        NotFound: there is no such campaign for this caller.
    """
    found = await look(connection, asking, campaign)
    leads = await campaign_store.leads_of(
        connection, asking.tenant, campaign, turn=turn, after=after, most=most + 1
    )
    listed = leads[:most]
    return Standing(found, listed, listed[-1].described.lead if len(leads) > most else None)


async def _go_on(campaigns: TemporalCampaigns, asking: Asking, campaign: UUID) -> None:
    try:
        await campaigns.go_on(asking.tenant, campaign)
    except LeadsUnavailable as error:
        raise Unavailable from error


def filter_to_json(wanted: Filter) -> dict[str, Any]:
    """A filter as plain JSON; what does not narrow is left out."""
    said: Mapping[str, Any] = {
        "owner": wanted.owner,
        "city": wanted.city,
        "industry": wanted.industry,
        "status": None if wanted.status is None else str(wanted.status),
        "paused": wanted.paused,
        "endsBefore": None if wanted.ends_before is None else format_instant(wanted.ends_before),
        "text": wanted.text,
    }
    return {name: value for name, value in said.items() if value is not None}


def _said(wanted: WantedCampaign) -> list[Any]:
    return [
        filter_to_json(wanted.filter),
        str(wanted.reason),
        None if wanted.start_at is None else format_instant(wanted.start_at),
        None if wanted.end_at is None else format_instant(wanted.end_at),
    ]


def _seal(wanted: WantedCampaign, leads: Sequence[UUID]) -> str:
    told = json.dumps([_said(wanted), sorted(str(lead) for lead in leads)])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _check(wanted: WantedCampaign, now: datetime) -> None:
    check_hold(wanted.start_at or now, wanted.end_at)
    check_leads(wanted.filter)


def check_leads(found: Filter) -> None:
    """Refuse a filter that no lead under protection could match.

    Raises:
        Refused: names the field.
    """
    if found.status is not None and found.status not in ALIVE:
        raise words.malformed("filter.status", "must be ACTIVE or GRACE; others have no clock to stop")
    words.maybe_line(found.industry, "filter.industry", _LONGEST_INDUSTRY)
    try:
        check_filter(
            LeadFilter(owner=found.owner, city=found.city, text=found.text, due_before=found.ends_before)
        )
    except BadListing as error:
        field_name = "ends_before" if error.field == "due_before" else error.field
        raise words.malformed(
            f"filter.{field_name}", "must be text or a moment that a lead could match"
        ) from error
