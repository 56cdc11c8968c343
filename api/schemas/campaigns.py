"""Hold campaigns: what is asked for, what it would do, and how far it is."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints

from activities.campaign_orders import Turn
from adapters.campaign_store import CampaignRow, CampaignState, Filter
from api.schemas.base import Choice, Id, Input, Instant, Line, Output
from protection.facts import HoldReason
from protection.refusal import Code
from protection.state import Status
from services.campaigns import Foreseen, Plan, Standing, WantedCampaign

GraveReason = Annotated[str, StringConstraints(min_length=10, max_length=250)]
Seal = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class CampaignFilterInput(Input):
    """Leads that are protected or in grace; what is left out does not narrow.

    Attributes:
        paused: whether a hold stops their clock already.
        ends_before: those whose protection ends before then.
        text: words that company, city and postcode together have to say.
    """

    owner: Id | None = None
    city: Line | None = None
    industry: Line | None = None
    status: Literal["ACTIVE", "GRACE"] | None = None
    paused: bool | None = None
    ends_before: Instant | None = None
    text: Line | None = None


class CampaignInput(Input):
    """One hold over many leads. A dry run unless `dryRun` is false; then `plan` and `why` are needed.

    Attributes:
        filter: left out, it is for all leads that are protected or in grace.
        start_at: left out, it begins now.
        end_at: left out, it ends when the campaign is ended.
        why: for the audit; stays for good, so it names nobody.
        plan: what the dry run has named; the campaign is for exactly the leads it has shown.
    """

    filter: CampaignFilterInput | None = None
    reason: Choice[HoldReason]
    start_at: Instant | None = None
    end_at: Instant | None = None
    dry_run: bool = True
    why: GraveReason | None = None
    plan: Seal | None = None

    def wanted(self) -> WantedCampaign:
        """As the service has it."""
        said = self.filter or CampaignFilterInput()
        return WantedCampaign(
            filter=Filter(
                owner=said.owner,
                city=said.city,
                industry=said.industry,
                status=None if said.status is None else Status(said.status),
                paused=said.paused,
                ends_before=said.ends_before,
                text=said.text,
            ),
            reason=self.reason,
            start_at=self.start_at,
            end_at=self.end_at,
        )


class EndCampaignInput(Input):
    """Why it ends, for the audit; stays for good, so it names nobody."""

    why: GraveReason


class CampaignEffect(Output):
    """What the hold would do to one lead.

    Attributes:
        then_valid_until: null where it is unknown while the clock stands still, and where it is refused.
        days: by how many dates the end of protection would move; null where that is unknown.
        refused: why the contract would not allow it.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    status: Status
    valid_until: Instant | None
    then_valid_until: Instant | None
    days: int | None
    refused: Code | None


class CampaignPlan(Output):
    """What a campaign would be for; nothing was done.

    Attributes:
        plan: stands for exactly this; to be sent with `dryRun` false.
        leads: how many leads would be told.
        own: how many more the filter finds where the caller may only ask.
        effects: of the first of them, those that end first.
    """

    plan: str
    leads: int
    own: int
    effects: list[CampaignEffect]


class CampaignTurn(Output):
    """What came of one lead; `code` says why, where there is something to say."""

    lead: UUID
    company: str
    city: str
    turn: Turn
    code: str | None
    told_at: Instant


class CampaignRead(Output):
    """A campaign, and how far it is.

    Attributes:
        leads: how many it is for.
        left: how many of them something is still to be told to.
        counts: how many stand where.
        items: what came of its leads, by id.
    """

    id: UUID
    state: CampaignState
    reason: HoldReason
    start_at: Instant
    end_at: Instant | None
    asked_by: str
    asked_at: Instant
    ended_by: str | None
    ended_at: Instant | None
    leads: int
    left: int
    counts: dict[Turn, int]
    items: list[CampaignTurn]
    next_cursor: str | None


def plan_of(plan: Plan, foreseen: tuple[Foreseen, ...]) -> CampaignPlan:
    """A plan as it is told."""
    return CampaignPlan(
        plan=plan.seal,
        leads=len(plan.leads),
        own=len(plan.own),
        effects=[
            CampaignEffect(
                lead=one.lead.lead,
                company=one.lead.company,
                city=one.lead.city,
                owner=one.lead.owner,
                status=one.effect.before.status,
                valid_until=one.effect.before.valid_until,
                then_valid_until=None if one.effect.after is None else one.effect.after.valid_until,
                days=one.effect.days,
                refused=one.effect.refused,
            )
            for one in foreseen
        ],
    )


def campaign_of(found: Standing, next_cursor: str | None) -> CampaignRead:
    """A campaign as it is told."""
    row: CampaignRow = found.campaign
    return CampaignRead(
        id=row.id,
        state=row.state,
        reason=row.reason,
        start_at=row.start_at,
        end_at=row.end_at,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        ended_by=row.end_asked_by,
        ended_at=row.end_asked_at,
        leads=row.leads,
        left=row.left,
        counts=dict(row.counts),
        items=[
            CampaignTurn(
                lead=one.described.lead,
                company=one.described.company,
                city=one.described.city,
                turn=one.turn,
                code=one.code,
                told_at=one.told_at,
            )
            for one in found.leads
        ],
        next_cursor=next_cursor,
    )
