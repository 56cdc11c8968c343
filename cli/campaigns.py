"""One hold over many leads at the shell: `fristwerk hold-campaign`, looked at and ended for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from cyclopts import App, Parameter

from activities.campaign_orders import Turn
from adapters.campaign_gateway import TemporalCampaigns
from adapters.campaign_store import Filter
from cli.acting import Manner, asking_of, not_done, senseless, show_refused
from cli.acts import By, FactId, Json, MaybeText, Text, shouted
from cli.console import DONE, NOT_DONE, OPERATOR, UsageError, complain, perform
from cli.desk import Acting, acting
from cli.moments import iso, maybe_moment, now, wall
from cli.output import out, print_json, table
from cli.teaching import add
from protection.facts import HoldReason
from protection.refusal import Refused
from protection.state import Status
from services import campaigns, words
from services.asking import Asking
from services.campaigns import Foreseen, OtherLeads, Plan, Standing, WantedCampaign
from services.errors import ServiceError

_SHOWN: Final = 50
_OPTIONS: Final = {
    "why": "--why",
    "start_at": "--from",
    "end_at": "--until",
    "filter": "the filter",
    "filter.owner": "--owner",
    "filter.city": "--city",
    "filter.industry": "--industry",
    "filter.status": "--status",
    "filter.text": "--text",
    "filter.ends_before": "--ends-before",
}
_Reason = Annotated[str, Parameter(name="REASON")]
_Campaign = Annotated[UUID, Parameter(name="CAMPAIGN", help="The campaign's id.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leads:
    """Which leads, as typed."""

    owner: str | None
    city: str | None
    industry: str | None
    status: str | None
    clock: str | None
    ends_before: str | None
    text: str | None


def register(app: App) -> None:
    """Add the commands to the application."""
    for command in (hold_campaign, show_hold_campaign, end_hold_campaign):
        add(app, command)


def hold_campaign(
    reason: _Reason,
    /,
    *,
    owner: str | None = None,
    city: MaybeText = None,
    industry: MaybeText = None,
    status: Literal["ACTIVE", "GRACE"] | None = None,
    clock: Literal["running", "still"] | None = None,
    ends_before: str | None = None,
    text: MaybeText = None,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    until: str | None = None,
    why: MaybeText = None,
    go: Annotated[str | None, Parameter(name="--go")] = None,
    by: By = OPERATOR,
    fact_id: FactId = None,
    json: Json = False,
) -> int:
    """Stop the clock of many leads for one reason. Without --go nothing happens: it shows what would.

    Examples:
        What would a hold over all leads in Erfurt do?
        `fristwerk hold-campaign FFZ_PRICE_APPROVAL --city Erfurt --by maria`

        Place it, on exactly the leads that were shown:
        `fristwerk hold-campaign FFZ_PRICE_APPROVAL --city Erfurt --go PLAN --why "Prices are late"`

    Args:
        reason: FFZ_PRICE_APPROVAL, FFZ_SAMPLE_DELAY, FFZ_SUPPLY_ISSUE, CUSTOMER_BLOCKED or OTHER.
        owner: Only leads of this person: id or mail address.
        city: Only leads there, in any spelling.
        industry: Only leads of it.
        status: Only ACTIVE or only GRACE.
        clock: Only those whose clock runs, or stands still already.
        ends_before: Only those whose protection ends before then (ISO 8601 with a zone).
        text: Words that company, city and postcode have to say.
        from_: When the hold begins; default: now.
        until: When it ends; default: when somebody ends it.
        why: Why, for the audit: 10 to 250 characters that name nobody.
        go: The plan that a call without --go has named.
    """
    leads = _Leads(
        owner=owner,
        city=city,
        industry=industry,
        status=status,
        clock=clock,
        ends_before=ends_before,
        text=text,
    )
    manner = Manner(by, fact_id, dry_run=go is None, json=json)
    return perform(_hold_campaign(shouted(reason), leads, (from_, until), manner, go=go, why=why))


async def _hold_campaign(
    reason: str,
    leads: _Leads,
    span: tuple[str | None, str | None],
    manner: Manner,
    *,
    go: str | None,
    why: str | None,
) -> int:
    if reason not in HoldReason.__members__:
        raise UsageError(f"REASON: must be one of {', '.join(HoldReason)}")
    if go is not None and why is None:
        raise UsageError("--why: say why, for the audit, in 10 to 250 characters that name nobody")
    start, end = maybe_moment(span[0], "--from"), maybe_moment(span[1], "--until")
    async with acting() as desk:
        asking = await asking_of(desk, manner)
        wanted = WantedCampaign(
            filter=await _filter(desk, leads), reason=HoldReason(reason), start_at=start, end_at=end
        )
        try:
            if go is None:
                await _show_plan(desk, asking, wanted, json=manner.json)
                return DONE
            name = await campaigns.begin(
                desk.desk, TemporalCampaigns(desk.client), asking, wanted, seal=go, why=why or ""
            )
        except words.Malformed as error:
            raise senseless(error, _OPTIONS) from error
        except Refused as refused:
            return show_refused(refused, _OPTIONS, json=manner.json)
        except OtherLeads:
            complain(
                "Refused (other-leads): these are not the leads of that plan; call it without --go again"
            )
            return NOT_DONE
        except ServiceError as error:
            raise not_done(error, asking, "of a campaign") from error
        await _show(desk, asking, name, json=manner.json)
    return DONE


def show_hold_campaign(campaign: _Campaign, /, *, by: By = OPERATOR, json: Json = False) -> int:
    """Show how far a hold campaign is, and what came of its leads.

    Examples:
        `fristwerk show-hold-campaign 2f0a7a1c-9c5a-4a3e-8b62-9d530c3c1111`
    """
    return perform(_look(campaign, Manner(by, None, dry_run=False, json=json), why=None))


def end_hold_campaign(campaign: _Campaign, /, *, why: Text, by: By = OPERATOR, json: Json = False) -> int:
    """Let the clock run again on all leads of a hold campaign; those whose turn has not come are left out.

    Examples:
        `fristwerk end-hold-campaign 2f0a7a1c-9c5a-4a3e-8b62-9d530c3c1111 --why "Prices are out" --by maria`

    Args:
        why: Why, for the audit: 10 to 250 characters that name nobody.
    """
    return perform(_look(campaign, Manner(by, None, dry_run=False, json=json), why=why))


async def _look(campaign: UUID, manner: Manner, *, why: str | None) -> int:
    async with acting() as desk:
        asking = await asking_of(desk, manner)
        try:
            if why is not None:
                driver = TemporalCampaigns(desk.client)
                await campaigns.end(desk.desk, driver, asking, campaign, why=why)
            await _show(desk, asking, campaign, json=manner.json)
        except words.Malformed as error:
            raise senseless(error, _OPTIONS) from error
        except ServiceError as error:
            raise not_done(error, asking, str(campaign)) from error
    return DONE


async def _filter(desk: Acting, leads: _Leads) -> Filter:
    return Filter(
        owner=None if leads.owner is None else (await desk.reading.person(leads.owner, "--owner")).id,
        city=leads.city,
        industry=leads.industry,
        status=None if leads.status is None else Status(leads.status),
        paused=None if leads.clock is None else leads.clock == "still",
        ends_before=maybe_moment(leads.ends_before, "--ends-before"),
        text=leads.text,
    )


async def _show_plan(desk: Acting, asking: Asking, wanted: WantedCampaign, *, json: bool) -> None:
    moment = now()
    async with desk.desk.looking(asking) as connection:
        plan = await campaigns.plan(connection, asking, wanted, now=moment)
        some = plan.leads if json else plan.leads[:_SHOWN]
        foreseen = await campaigns.foresee(connection, asking, wanted, some, now=moment)
    if json:
        print_json(_plan_json(plan, foreseen))
        return
    rows = table(None, "lead", "company", "owner", "protected until", "then until")
    for one in foreseen:
        then = one.effect.after
        rows.add_row(
            str(one.lead.lead)[:8],
            f"{one.lead.company}, {one.lead.city}",
            one.lead.owner,
            wall(one.effect.before.valid_until),
            f"refused ({one.effect.refused})" if then is None else _until(then.valid_until),
        )
    out().print(rows)
    if len(plan.leads) > len(foreseen):
        out().print(f"… and {len(plan.leads) - len(foreseen)} more; all of them: --json", markup=False)
    if plan.own:
        out().print(f"Left out, because they are your own: {len(plan.own)}.", markup=False)
    out().print(
        f"Nothing has happened. To stop the clock of these {len(plan.leads)} leads, call it again with "
        f'--go {plan.seal} --why "…"',
        markup=False,
    )


def _plan_json(plan: Plan, foreseen: tuple[Foreseen, ...]) -> dict[str, Any]:
    return {
        "plan": plan.seal,
        "leads": len(plan.leads),
        "own": [str(lead) for lead in plan.own],
        "effects": [
            {
                "lead": str(one.lead.lead),
                "owner": one.lead.owner,
                "valid_until": iso(one.effect.before.valid_until),
                "then_valid_until": None if one.effect.after is None else iso(one.effect.after.valid_until),
                "days": one.effect.days,
                "refused": one.effect.refused,
            }
            for one in foreseen
        ],
    }


async def _show(desk: Acting, asking: Asking, campaign: UUID, *, json: bool) -> None:
    async with desk.desk.looking(asking) as connection:
        found = await campaigns.look_at_leads(
            connection, asking, campaign, most=campaigns.MOST_LEADS if json else _SHOWN
        )
    if json:
        print_json(_standing_json(found))
        return
    row = found.campaign
    counts = ", ".join(f"{turn}: {row.counts[turn]}" for turn in Turn if row.counts[turn])
    out().print(f"Campaign {row.id}: {row.state}; {counts}; {row.left} to go.", markup=False)
    rows = table(None, "lead", "company", "owner", "campaign", "why", "protected until")
    for one in found.leads:
        lead = one.described
        rows.add_row(
            str(lead.lead)[:8],
            f"{lead.company}, {lead.city}",
            lead.owner,
            str(one.turn),
            one.code or "",
            wall(lead.valid_until),
        )
    out().print(rows)


def _standing_json(found: Standing) -> dict[str, Any]:
    row = found.campaign
    return {
        "id": str(row.id),
        "state": str(row.state),
        "reason": str(row.reason),
        "start_at": iso(row.start_at),
        "end_at": iso(row.end_at),
        "filter": dict(row.wanted),
        "placed_by": row.asked_by,
        "ended_by": row.end_asked_by,
        "leads": row.leads,
        "left": row.left,
        "counts": {str(turn): row.counts[turn] for turn in Turn},
        "turns": [
            {"lead": str(one.described.lead), "turn": str(one.turn), "code": one.code} for one in found.leads
        ],
    }


def _until(moment: datetime | None) -> str:
    return "open" if moment is None else wall(moment)
