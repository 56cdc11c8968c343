"""The steps of hold campaigns: their rows, as the worker role, and the leads that are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from activities.campaign import NO_ANSWER, Campaign, Candidate, Outcome, UnknownCampaign
from activities.campaign_orders import Turn
from adapters.database import Pool, load_queries, transaction
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from protection.facts import HoldReason
from protection.refusal import Code, Refused
from workflows.messages import PlaceHold, ReleaseHold

_SQL: Final = load_queries("campaign")
_NOT_RUNNING: Final = "not-running"
_CAMPAIGN: Final = "campaign"


class PostgresCampaigns:
    """See `activities.campaign.CampaignStore`.

    Args:
        pool: connections as the worker role.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def campaign(self, tenant: UUID, campaign: UUID) -> Campaign:
        """The campaign as it is now.

        Raises:
            UnknownCampaign: there is none.
        """
        async with transaction(self._pool, tenant, _CAMPAIGN, reading=True) as connection:
            row = await _SQL.campaign_asked(connection, tenant=tenant, id=campaign)
        if row is None:
            raise UnknownCampaign
        return Campaign(
            tenant=tenant,
            id=campaign,
            reason=HoldReason(row["reason"]),
            start_at=row["start_at"],
            end_at=row["end_at"],
            asked_by=row["asked_by"],
            end_asked_by=row["end_asked_by"],
        )

    async def next(self, campaign: Campaign, *, after: UUID, most: int, now: datetime) -> Sequence[Candidate]:
        """The leads after this one that something is to be told to, by id."""
        async with transaction(self._pool, campaign.tenant, _CAMPAIGN, reading=True) as connection:
            rows = _SQL.campaign_turns(
                connection,
                tenant=campaign.tenant,
                campaign=campaign.id,
                hold=campaign.hold,
                ending=campaign.end_asked_by is not None,
                after=after,
                now=now,
                most=most,
            )
            return [
                Candidate(
                    lead=row["lead"],
                    turn=Turn(row["state"]),
                    tried=row["tried"],
                    owner=row["owner"],
                    held=row["held"],
                    over=row["over"],
                )
                async for row in rows
            ]

    async def note(self, campaign: Campaign, outcomes: Mapping[UUID, Outcome], *, at: datetime) -> None:
        """Keep what came of these leads' turns."""
        async with transaction(self._pool, campaign.tenant, _CAMPAIGN) as connection:
            await _SQL.note_turns(
                connection,
                tenant=campaign.tenant,
                campaign=campaign.id,
                leads=list(outcomes),
                states=[str(outcome.turn) for outcome in outcomes.values()],
                codes=[outcome.code for outcome in outcomes.values()],
                at=at,
            )

    async def counts(self, campaign: Campaign) -> Mapping[Turn, int]:
        """How many leads stand where."""
        async with transaction(self._pool, campaign.tenant, _CAMPAIGN, reading=True) as connection:
            rows = _SQL.campaign_counts(connection, tenant=campaign.tenant, campaign=campaign.id)
            found = {row["state"]: row["leads"] async for row in rows}
        return {turn: found.get(str(turn), 0) for turn in Turn}


class TemporalHoldTeller:
    """Tells leads through their workflows; one fact id a lead and word: repeating changes nothing."""

    def __init__(self, leads: TemporalLeadGateway) -> None:
        self._leads = leads

    async def place(self, campaign: Campaign, lead: UUID) -> Outcome:
        """See `activities.campaign.HoldTeller`."""
        message = PlaceHold(
            by=campaign.asked_by,
            fact_id=campaign.hold,
            hold=campaign.hold,
            reason=campaign.reason,
            start_at=campaign.start_at,
            end_at=campaign.end_at,
        )
        try:
            await self._leads.tell(campaign.tenant, lead, message)
        except Refused as refused:
            return Outcome(Turn.REFUSED, str(refused.code))
        except NoRunningLead:
            return Outcome(Turn.REFUSED, _NOT_RUNNING)
        except LeadsUnavailable:
            return Outcome(Turn.WAITING, NO_ANSWER)
        return Outcome(Turn.PLACED)

    async def release(self, campaign: Campaign, lead: UUID, *, by: str) -> Outcome:
        """See `activities.campaign.HoldTeller`."""
        message = ReleaseHold(by=by, fact_id=f"{campaign.hold}-end", hold=campaign.hold)
        try:
            await self._leads.tell(campaign.tenant, lead, message)
        except Refused as refused:
            # A placing that nobody answered came before this word, or never.
            turn = Turn.LEFT_OUT if refused.code is Code.UNKNOWN_HOLD else Turn.ENDED
            return Outcome(turn, str(refused.code))
        except NoRunningLead:
            return Outcome(Turn.ENDED, _NOT_RUNNING)
        except LeadsUnavailable:
            return Outcome(Turn.WAITING, NO_ANSWER)
        return Outcome(Turn.ENDED)
