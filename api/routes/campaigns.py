"""Hold campaigns: one hold over many leads, foreseen first, watched, and ended for all of them."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response

from adapters.campaign_gateway import TemporalCampaigns
from api.asking import CurrentDesk, PlainAsking, StatelessAsking
from api.dependencies import CurrentWiring
from api.paging import USUAL, CurrentPage, Paging, encode_cursor
from api.problems import LOCATION, ApiError, Kind, problems
from api.routes.history import foreign_cursor
from api.schemas.campaigns import (
    CampaignInput,
    CampaignPlan,
    CampaignRead,
    EndCampaignInput,
    campaign_of,
    plan_of,
)
from services import campaigns
from services.asking import Asking
from services.campaigns import OtherLeads
from services.desk import Desk
from services.words import malformed

router: Final = APIRouter(prefix="/api/holds/campaigns", tags=["holds"])
_BEGUN: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "description": "It is being placed lead by lead; look at it at `Location`",
        "model": CampaignRead,
        "headers": {"Location": LOCATION},
    }
}
CampaignId = Annotated[UUID, Path(description="id of the campaign")]
_FIRST: Final = Paging(limit=USUAL, cursor=None)


@router.post("", response_model=CampaignPlan, responses=_BEGUN | problems(403, 409))
async def plan_or_begin_campaign(
    said: CampaignInput, asking: StatelessAsking, desk: CurrentDesk, wiring: CurrentWiring
) -> CampaignPlan | Response:
    """Say what one hold over many leads would do; with `dryRun` false, place it.

    A campaign is for exactly the leads that the dry run has shown: its `plan` stands for them, and where
    they have changed meanwhile the answer is a 409. It is placed lead by lead, as if each were told alone;
    leads of the caller's own are left out, because there he may only ask. For managers and administrators.
    """
    wanted = said.wanted()
    if said.dry_run:
        now = desk.now()
        async with desk.looking(asking) as connection:
            plan = await campaigns.plan(connection, asking, wanted, now=now)
            some = plan.leads[:USUAL]
            return plan_of(plan, await campaigns.foresee(connection, asking, wanted, some, now=now))
    if said.why is None or said.plan is None:
        missing = "plan" if said.plan is None else "why"
        raise malformed(missing, "make a dry run, then send its plan, and why")
    driver = TemporalCampaigns(wiring.temporal)
    try:
        name = await campaigns.begin(desk, driver, asking, wanted, seal=said.plan, why=said.why)
    except OtherLeads as error:
        raise ApiError(
            Kind.CONFLICT,
            "By now the filter finds other leads than the dry run; make another one.",
            code="other-leads",
        ) from error
    found = await _read(desk, asking, name, _FIRST)
    return Response(
        found.model_dump_json(),
        status_code=202,
        media_type="application/json",
        headers={"Location": f"{router.prefix}/{name}"},
    )


@router.get("/{campaign}", responses=problems(404))
async def read_campaign(
    campaign: CampaignId, asking: PlainAsking, desk: CurrentDesk, page: CurrentPage
) -> CampaignRead:
    """Say how far a campaign is, and what came of its leads. For who reads the whole tenant."""
    return await _read(desk, asking, campaign, page)


@router.post("/{campaign}/end", status_code=202, responses=problems(403, 404))
async def end_campaign(
    *,
    campaign: CampaignId,
    said: EndCampaignInput,
    asking: StatelessAsking,
    desk: CurrentDesk,
    wiring: CurrentWiring,
) -> CampaignRead:
    """Let the clock run again on all leads of a campaign.

    Leads whose turn has not come are left out. Saying it twice changes nothing.
    """
    await campaigns.end(desk, TemporalCampaigns(wiring.temporal), asking, campaign, why=said.why)
    return await _read(desk, asking, campaign, _FIRST)


async def _read(desk: Desk, asking: Asking, campaign: UUID, page: Paging) -> CampaignRead:
    place = page.after(str)
    try:
        after = None if place is None else UUID(str(place[0]))
    except ValueError:
        raise foreign_cursor() from None
    async with desk.looking(asking) as connection:
        found = await campaigns.look_at_leads(connection, asking, campaign, after=after, most=page.limit)
    return campaign_of(found, None if found.after is None else encode_cursor((str(found.after),)))
