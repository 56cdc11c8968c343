"""Hold campaigns: one hold over many leads, foreseen before it is placed, watched, ended for all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from operator import itemgetter
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, Field, StringConstraints

from activities.campaign_orders import Turn
from adapters.campaign_gateway import TemporalCampaigns
from adapters.campaign_store import campaigns_of
from adapters.console_model import people
from adapters.lead_reading import names_of
from api.pages.asked import LeadFilterAsked, address, read_query
from api.pages.forms import Form, FormModel, Moment, read_form
from api.pages.refusals import refusal_text
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.dates import format_instant, parse_instant
from protection.facts import HoldReason
from protection.permission import Act
from protection.refusal import Code, Refused
from services import campaigns
from services.campaigns import Foreseen, OtherLeads, Plan, WantedCampaign

router: Final = APIRouter(include_in_schema=False)

_ROWS: Final = 25
_CAMPAIGNS: Final = 20
# When nothing has come of a campaign for so long, it stands still.
_SILENCE: Final = timedelta(minutes=1)
_Why = Annotated[str, StringConstraints(min_length=10, max_length=250)]
_TURNS: Final = (
    (Turn.WAITING, N_("waits for its turn")),
    (Turn.PLACED, N_("hold placed")),
    (Turn.REFUSED, N_("not possible")),
    (Turn.ENDED, N_("hold ended")),
    (Turn.LEFT_OUT, N_("left out")),
)


class CampaignAsked(LeadFilterAsked):
    """Which leads, and the hold, which begins now and ends when somebody ends it, if nothing else is said."""

    reason: HoldReason | None = None
    start_at: Moment | None = None
    end_at: Moment | None = None
    row: Annotated[int, Field(ge=0, le=campaigns.MOST_LEADS)] = 0

    def wanted(self, reason: HoldReason) -> WantedCampaign:
        """As the service has it."""
        return WantedCampaign(filter=self.found, reason=reason, start_at=self.start_at, end_at=self.end_at)


class CampaignConfirmed(CampaignAsked):
    """The same, seen and meant."""

    reason: HoldReason
    seal: Annotated[str, StringConstraints(min_length=32, max_length=32)]
    why: _Why


class Ending(FormModel):
    """Why it ends."""

    why: _Why


class LeadsAsked(FormModel):
    """Which leads of a campaign, and after which one a page begins."""

    turn: Turn | None = None
    after: UUID | None = None


class PageAsked(FormModel):
    """After which campaign a page begins."""

    at: AwareDatetime | None = None
    id: UUID | None = None


@router.get("/desk/campaigns")
async def read_campaigns(view: CurrentView) -> Response:
    """Campaigns, the newest first."""
    asking = view.asking()
    asking.require(Act.DECIDE)
    form = read_query(view, PageAsked)
    asked = form.values if form.ok else PageAsked()
    before = None if asked.at is None or asked.id is None else (asked.at, asked.id)
    async with view.looking() as connection:
        found = await campaigns_of(connection, asking.tenant, before=before, most=_CAMPAIGNS + 1)
        listed = found[:_CAMPAIGNS]
        names = await names_of(connection, asking.tenant, {one.asked_by for one in listed})
    later = None
    if len(found) > _CAMPAIGNS:
        query = {"at": format_instant(listed[-1].asked_at), "id": listed[-1].id}
        later = address("/desk/campaigns", query)
    return view.page(
        "desk/campaigns.html.j2",
        found=listed,
        names=names,
        first="/desk/campaigns" if before else None,
        later=later,
    )


@router.get("/desk/campaigns/new")
async def plan_campaign(view: CurrentView) -> Response:
    """Choose leads and a hold; with both in the address, what it would do to each."""
    return await _planned(view, read_query(view, CampaignAsked))


@router.post("/desk/campaigns")
async def begin_campaign(view: CurrentView, request: Request) -> Response:
    """Set a campaign going, for exactly the leads that were shown."""
    form = await read_form(request, CampaignConfirmed)
    if form.ok:
        said = form.values
        try:
            name = await campaigns.begin(
                view.desk,
                TemporalCampaigns(view.wiring.temporal),
                view.asking(form.act),
                said.wanted(said.reason),
                seal=said.seal,
                why=said.why,
            )
            return view.to(f"/desk/campaigns/{name}")
        except Refused as refused:
            form.refuse(refused)
            return await _planned(view, form, status=422)
        except OtherLeads:
            form.fail("", N_("By now the filter finds other leads. Look at them, then confirm again."))
            return await _planned(view, form, status=409)
    return await _planned(view, form, status=422)


@router.get("/desk/campaigns/{campaign}")
async def read_campaign(view: CurrentView, campaign: UUID) -> Response:
    """How far a campaign is, and what came of each lead."""
    return await _shown(view, campaign, Form(view.text))


@router.post("/desk/campaigns/{campaign}/end")
async def end_campaign(view: CurrentView, request: Request, campaign: UUID) -> Response:
    """Let the clock run again on all its leads."""
    form = await read_form(request, Ending)
    if not form.ok:
        return await _shown(view, campaign, form, status=422)
    await campaigns.end(
        view.desk,
        TemporalCampaigns(view.wiring.temporal),
        view.asking(form.act),
        campaign,
        why=form.values.why,
    )
    return view.to(f"/desk/campaigns/{campaign}", said=N_("It is being ended for all its leads."))


@router.post("/desk/campaigns/{campaign}/continue")
async def continue_campaign(view: CurrentView, request: Request, campaign: UUID) -> Response:
    """Take up a campaign that stands still."""
    form = await read_form(request, FormModel)
    await campaigns.go_on(view.desk, TemporalCampaigns(view.wiring.temporal), view.asking(form.act), campaign)
    return view.to(f"/desk/campaigns/{campaign}", said=N_("It goes on."))


async def _planned(view: View, form: Form[Any], *, status: int = 422) -> Response:
    asking, now = view.asking(), view.now()
    asking.require(Act.DECIDE)
    asked = _asked(view, form)
    plan: Plan | None = None
    foreseen: tuple[Foreseen, ...] = ()
    async with view.looking() as connection:
        persons = await people(connection, asking.tenant)
        if asked is not None and asked.reason is not None:
            wanted = asked.wanted(asked.reason)
            try:
                plan = await campaigns.plan(connection, asking, wanted, now=now)
                some = plan.leads[asked.row : asked.row + _ROWS]
                foreseen = await campaigns.foresee(connection, asking, wanted, some, now=now)
            except Refused as refused:
                form.refuse(refused)
    kept = {name: value for name, value in form.given.items() if name in CampaignAsked.model_fields}
    row = 0 if asked is None else asked.row
    return view.page(
        "desk/campaign_plan.html.j2",
        status=status if form.errors else 200,
        form=form,
        plan=plan,
        foreseen=foreseen,
        kept={name: value for name, value in kept.items() if name != "row"},
        row=row,
        names={name: one.display_name for name, one in persons.items()},
        owners=sorted(((name, one.display_name) for name, one in persons.items()), key=itemgetter(1)),
        reasons=[(str(reason), view.reader.word(str(reason))) for reason in HoldReason],
        earlier=None if row == 0 else _plan_page(kept, max(row - _ROWS, 0)),
        later=None if plan is None or row + _ROWS >= len(plan.leads) else _plan_page(kept, row + _ROWS),
        refusal=_refusal(view),
    )


def _asked(view: View, form: Form[Any]) -> CampaignAsked | None:
    """What was asked for, where it makes sense; of a confirmation that does not, the campaign itself."""
    given = {name: text for name, text in form.given.items() if name in CampaignAsked.model_fields and text}
    again: Form[CampaignAsked] = Form(view.text, given)
    again.take(CampaignAsked, given, view.zone)
    return again.values if again.ok else None


def _plan_page(kept: dict[str, Any], row: int) -> str:
    return address("/desk/campaigns/new", {**kept, "row": row})


async def _shown(view: View, campaign: UUID, form: Form[Any], *, status: int = 200) -> Response:
    asking, now = view.asking(), view.now()
    asking.require(Act.DECIDE)
    asked = read_query(view, LeadsAsked)
    wanted = asked.values if asked.ok else LeadsAsked()
    async with view.looking() as connection:
        found = await campaigns.look_at_leads(
            connection, asking, campaign, turn=wanted.turn, after=wanted.after, most=_ROWS
        )
        row = found.campaign
        told = dict(row.wanted)
        if "endsBefore" in told:
            told["endsBefore"] = view.reader.moment(parse_instant(told["endsBefore"]))
        persons = {one.described.owner for one in found.leads} | {row.asked_by, told.get("owner", "")}
        names = await names_of(
            connection,
            asking.tenant,
            persons | {row.end_asked_by or ""},
        )
    path = f"/desk/campaigns/{campaign}"
    return view.page(
        "desk/campaign.html.j2",
        status=status,
        form=form,
        campaign=row,
        filter_=told,
        leads=found.leads,
        names=names,
        turn=wanted.turn,
        turns=[(str(turn), view.text(text)) for turn, text in _TURNS if row.counts[turn]],
        still=row.left > 0 and now - row.told_at > _SILENCE,
        later=None if found.after is None else address(path, {"turn": wanted.turn, "after": found.after}),
        first=path if wanted.after else None,
        code_text=_code_text(view),
    )


def _refusal(view: View) -> Callable[[Code | None], str]:
    def refusal(code: Code | None) -> str:
        return "" if code is None else refusal_text(Refused(code, "", ""), view.text)

    return refusal


def _code_text(view: View) -> Callable[[str | None], str]:
    ours = {
        "own-lead": N_("the lead is now of whoever placed the campaign"),
        "over-already": N_("was over already"),
        "no-answer": N_("no answer yet; it is told again"),
        "not-running": N_("protection has ended"),
    }

    def text(code: str | None) -> str:
        if code is None:
            return ""
        if code in ours:
            return view.text(ours[code])
        return refusal_text(Refused(Code(code), "", ""), view.text)

    return text
