"""A hold campaign's steps: the next leads are told, each through its workflow. Repeating changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol
from uuid import UUID

from temporalio import activity

from activities.campaign_orders import ADVANCE_CAMPAIGN, CampaignOrder, CampaignStep, Turn
from activities.errors import ErrorType, final
from activities.heartbeat import beating
from activities.orders import HEARTBEAT_EVERY
from protection.facts import HoldReason

OWN_LEAD: Final = "own-lead"
OVER_ALREADY: Final = "over-already"
NO_ANSWER: Final = "no-answer"

# Leads told at a time, so that people's own acts find room beside them.
_AT_ONCE: Final = 5
_FIRST: Final = UUID(int=0)


class UnknownCampaign(Exception):
    """There is no such campaign in that tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One hold over many leads. UTC instants.

    Attributes:
        asked_by: id of whoever placed it.
        end_asked_by: id of whoever ended it for all its leads; None while it goes on.
    """

    tenant: UUID
    id: UUID
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None
    asked_by: str
    end_asked_by: str | None

    @property
    def hold(self) -> str:
        """The id of its hold on every lead, and of the fact that places it."""
        return hold_of(self.id)


def hold_of(campaign: UUID) -> str:
    """The id of a campaign's hold on every lead."""
    return f"campaign-{campaign}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lead whose turn it is.

    Attributes:
        turn: where it stands.
        tried: it was told before, and nobody answered.
        owner: whose lead it is by now.
        held: the campaign's hold is on record.
        over: that hold has ended, or was cancelled.
    """

    lead: UUID
    turn: Turn
    tried: bool
    owner: str
    held: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a lead's turn; `code` says why, where there is something to say."""

    turn: Turn
    code: str | None = None


class CampaignStore(Protocol):
    """Where campaigns are kept. Each method is one transaction."""

    async def campaign(self, tenant: UUID, campaign: UUID) -> Campaign:
        """The campaign as it is now.

        Raises:
            UnknownCampaign: there is none.
        """
        ...

    async def next(self, campaign: Campaign, *, after: UUID, most: int, now: datetime) -> Sequence[Candidate]:
        """The leads after this one that something is to be told to, by id."""
        ...

    async def note(self, campaign: Campaign, outcomes: Mapping[UUID, Outcome], *, at: datetime) -> None:
        """Keep what came of these leads' turns."""
        ...

    async def counts(self, campaign: Campaign) -> Mapping[Turn, int]:
        """How many leads stand where."""
        ...


class HoldTeller(Protocol):
    """How a lead is told."""

    async def place(self, campaign: Campaign, lead: UUID) -> Outcome:
        """Place the campaign's hold; `waiting` where nobody answered."""
        ...

    async def release(self, campaign: Campaign, lead: UUID, *, by: str) -> Outcome:
        """Let the campaign's hold go; `waiting` where nobody answered."""
        ...


class CampaignActivities:
    """What the workflow `hold-campaign` has done outside."""

    def __init__(self, store: CampaignStore, leads: HoldTeller) -> None:
        self._store = store
        self._leads = leads

    @activity.defn(name=ADVANCE_CAMPAIGN)
    async def advance(self, order: CampaignOrder) -> CampaignStep:
        """Tells the next leads, and keeps what came of it.

        Raises:
            ApplicationError: final `malformed-order` or `unknown-campaign`.
        """
        tenant, name = _uuid("tenant", order.tenant), _uuid("campaign", order.campaign)
        after = _FIRST if order.after is None else _uuid("after", order.after)
        if not 1 <= order.most <= 1000:
            raise final(ErrorType.MALFORMED_ORDER, "most: must be 1 to 1000")
        async with beating(HEARTBEAT_EVERY):
            try:
                campaign = await self._store.campaign(tenant, name)
            except UnknownCampaign:
                raise final(ErrorType.UNKNOWN_CAMPAIGN, "no such campaign in this tenant") from None
            listed = await self._store.next(campaign, after=after, most=order.most, now=datetime.now(UTC))
            outcomes: dict[UUID, Outcome] = {}
            for place in range(0, len(listed), _AT_ONCE):
                some = listed[place : place + _AT_ONCE]
                told = await asyncio.gather(*(self._take(campaign, one) for one in some))
                outcomes |= {one.lead: outcome for one, outcome in zip(some, told, strict=True)}
            await self._store.note(campaign, outcomes, at=datetime.now(UTC))
            return await self._step(campaign, listed[-1].lead if len(listed) == order.most else None)

    async def _take(self, campaign: Campaign, one: Candidate) -> Outcome:
        by = campaign.end_asked_by
        if by is None:
            if one.owner == campaign.asked_by:
                # It went over to him meanwhile; nobody stops the clock of his own lead.
                return Outcome(Turn.REFUSED, OWN_LEAD)
            return await self._leads.place(campaign, one.lead)
        if one.turn is Turn.WAITING and not one.held:
            if not one.tried:
                return Outcome(Turn.LEFT_OUT)
        elif one.over:
            return Outcome(Turn.ENDED, OVER_ALREADY)
        return await self._leads.release(campaign, one.lead, by=by)

    async def _step(self, campaign: Campaign, after: UUID | None) -> CampaignStep:
        counts = await self._store.counts(campaign)
        ending = campaign.end_asked_by is not None
        return CampaignStep(
            after=None if after is None else str(after),
            left=counts[Turn.WAITING] + (counts[Turn.PLACED] if ending else 0),
            placed=counts[Turn.PLACED],
            refused=counts[Turn.REFUSED],
            ended=counts[Turn.ENDED] + counts[Turn.LEFT_OUT],
            ending=ending,
        )


def _uuid(field: str, text: str) -> UUID:
    try:
        return UUID(text)
    except (AttributeError, TypeError, ValueError):
        raise final(ErrorType.MALFORMED_ORDER, f"{field}: must be a uuid") from None
