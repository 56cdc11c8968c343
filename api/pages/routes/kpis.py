"""Figures: the numbers of the caller's leads over time, the leads behind them, and both for a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from adapters.kpi_days import Behind, Figure, LeadBehind
from adapters.lead_export import csv_text
from api.pages.asked import address, read_query
from api.pages.forms import Form, FormModel
from api.pages.kpi_charts import about, charts, table
from api.pages.routes.lead_credit import credit_figures
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.facts import HoldReason
from protection.requests import RequestKind
from services.kpi import OF_NOW, agents, behind, figures, whose
from services.kpi_parts import OF_THE_COMPANY, BadPeriod, Period, recent, today

router: Final = APIRouter(include_in_schema=False)

_ROWS: Final = 50
_MOST_CSV: Final = 10_000
_LAST_PAGE: Final = 10_000
_USUAL: Final = "30"
_PERIODS: Final = (
    ("7", N_("7 days")),
    ("30", N_("30 days")),
    ("90", N_("90 days")),
    ("365", N_("12 months")),
    ("own", N_("Days of my choice")),
)
# What a list of leads is called, and what its instant and number mean.
_LISTS: Final[Mapping[Figure, tuple[str, str, str | None]]] = MappingProxyType(
    {
        Figure.DUE: (N_("Reminder is due and has not gone out"), N_("Due since"), None),
        Figure.EXPIRING: (N_("Protection ends within 7 days"), N_("Ends"), None),
        Figure.PAUSED: (N_("The clock stands still"), N_("Last changed"), None),
        Figure.OVERDUE: (N_("Somebody has to look at the clock"), N_("Next move"), None),
        Figure.WAITING: (N_("Requests nobody has decided"), N_("Asked"), N_("Days waited")),
        Figure.UNDELIVERED: (N_("Mails that were given up"), N_("Given up"), N_("Tries")),
        Figure.QUEUED: (N_("Mails that are still tried"), N_("Last try"), N_("Tries")),
        Figure.ENTERED: (N_("New leads"), N_("Entered"), None),
        Figure.REMINDED: (N_("Reminders sent"), N_("Sent"), None),
        Figure.BOUNCED: (N_("Reminders bounced"), N_("Bounced"), None),
        Figure.LAPSED: (N_("Lapsed"), N_("Lapsed"), None),
        Figure.REACTIVATED: (N_("Saved in grace by progress"), N_("Progress"), None),
        Figure.WON: (N_("Became customers"), N_("Converted"), None),
        Figure.HELD: (N_("On hold"), N_("Until"), N_("Days on hold")),
        Figure.HOLDS_DECIDED: (N_("Requests for holds, decided"), N_("Decided"), N_("Days waited")),
        Figure.EXTENSIONS_DECIDED: (N_("Requests for extensions, decided"), N_("Decided"), N_("Days waited")),
        Figure.DELIVERED: (N_("Samples that arrived"), N_("Arrived"), None),
    }
)
# What our own words do not say of themselves.
_WORDS: Final = MappingProxyType(
    {
        "APPROVED": N_("approved"),
        "REJECTED": N_("rejected"),
        "HOLD": N_("hold"),
        "EXTENSION": N_("extension"),
        "preregistered": N_("pre-registration"),
        "answered": N_("answered"),
        "unanswered": N_("not answered yet"),
    }
)
_DECISIONS: Final = MappingProxyType(
    {RequestKind.HOLD: Figure.HOLDS_DECIDED, RequestKind.EXTENSION: Figure.EXTENSIONS_DECIDED}
)
_Person = Annotated[str, StringConstraints(max_length=100)]


class KpisAsked(FormModel):
    """Which days, and whose leads.

    Attributes:
        days: so many days up to today; `own` goes from `first` to `last`.
        owner: of one agent; left out, of everybody.
    """

    days: Literal["7", "30", "90", "365", "own"] = "30"
    first: date | None = None
    last: date | None = None
    owner: _Person | None = None


class ListAsked(KpisAsked):
    """Which figure's leads.

    Attributes:
        reason: of holds: one reason, or `company` for all that the company causes.
        skip: how many of the list were on pages before.
    """

    figure: Figure
    reason: HoldReason | Literal["company"] | None = None
    skip: Annotated[int, Field(ge=0, le=_LAST_PAGE)] = 0


def _period(form: Form[Any], view: View) -> Period:
    """The period asked for; the usual one where the form does not fit, which it then says."""
    usual = recent(int(_USUAL), view.now())
    if not form.ok:
        return usual
    asked = form.values
    if asked.days != "own":
        return recent(int(asked.days), view.now())
    last = asked.last or today(view.now())
    try:
        return Period(asked.first or last - timedelta(days=29), last)
    except BadPeriod as error:
        form.fail(error.field, _BAD[error.field])
        return usual


_BAD: Final = MappingProxyType(
    {
        "last": N_("The last day must not lie before the first."),
        "first": N_("At most three years, please."),
    }
)


@router.get("/kpis")
async def read_kpis(view: CurrentView) -> Response:
    """Show the figures of a period."""
    form = read_query(view, KpisAsked)
    period = _period(form, view)
    owner = whose(view.caller, form.given.get("owner") if form.ok else None)
    pool, moment = view.wiring.app, view.now()
    told = await figures(pool, view.wiring.gatherings, view.caller, period, owner, moment=moment)
    kept = _kept(form)

    def list_of(figure: str, **more: str) -> str:
        return address("/kpis/leads", {"figure": figure, **kept, **more})

    held = sum(told.whole.held.values())
    return view.page(
        "kpis/figures.html.j2",
        status=200 if form.ok else 422,
        form=form,
        told=told,
        charts=charts(told, view.reader, view.text),
        periods=[(name, view.text(text)) for name, text in _PERIODS],
        owners=await agents(pool, view.caller),
        owner=owner,
        reasons=[(reason, told.whole.held.get(reason, 0.0)) for reason in HoldReason],
        held=held,
        company_share=told.whole.held_by_company / held if held else None,
        of_the_company=OF_THE_COMPANY,
        decisions=[(kind, figure, told.whole.decided.get(kind)) for kind, figure in _DECISIONS.items()],
        list_of=list_of,
        day=timedelta(days=1),
        about=about,
        csv=address("/kpis.csv", kept),
        moment=moment,
        credit=await credit_figures(view, period),
    )


@router.get("/kpis.csv")
async def read_kpis_csv(view: CurrentView) -> Response:
    """The figures of a period as a table for a spreadsheet."""
    form = read_query(view, KpisAsked)
    period = _period(form, view)
    if not form.ok:
        return view.to(address("/kpis", _kept(form)))
    owner = whose(view.caller, form.values.owner)
    told = await figures(
        view.wiring.app, view.wiring.gatherings, view.caller, period, owner, moment=view.now()
    )
    return _csv("figures.csv", csv_text(table(told)))


@router.get("/kpis/leads")
async def read_leads_behind(view: CurrentView) -> Response:
    """List the leads that a figure counts."""
    form = read_query(view, ListAsked)
    found, more = [], False
    period = _period(form, view)
    if form.ok:
        asked = form.values
        listed = await _behind(view, form, period, skip=asked.skip, most=_ROWS + 1)
        found, more = listed[:_ROWS], len(listed) > _ROWS
    figure = form.values.figure if form.ok else None
    kept = {name: value for name, value in form.given.items() if name != "skip"}
    title, at, number = _LISTS[figure] if figure else (N_("Leads behind a figure"), "", None)
    skip = form.values.skip if form.ok else 0
    return view.page(
        "kpis/leads.html.j2",
        status=200 if form.ok else 422,
        form=form,
        figure=figure,
        period=None if figure in OF_NOW else period,
        title=view.text(title),
        at=view.text(at) if at else "",
        number=view.text(number) if number else None,
        rows=found,
        words={word: view.text(text) for word, text in _WORDS.items()},
        names=dict(await agents(view.wiring.app, view.caller)),
        earlier=address("/kpis/leads", {**kept, "skip": max(skip - _ROWS, 0)}) if skip else None,
        later=address("/kpis/leads", {**kept, "skip": skip + _ROWS}) if more and skip < _LAST_PAGE else None,
        csv=address("/kpis/leads.csv", kept),
        up=address("/kpis", _kept(form)),
    )


@router.get("/kpis/leads.csv")
async def read_leads_behind_csv(view: CurrentView) -> Response:
    """The first ten thousand leads that a figure counts, for a spreadsheet."""
    form = read_query(view, ListAsked)
    period = _period(form, view)
    if not form.ok:
        return view.to(address("/kpis/leads", form.given))
    rows = await _behind(view, form, period, skip=0, most=_MOST_CSV)
    lines = [[row.lead, row.company, row.city, row.owner, row.at, row.number, row.word] for row in rows]
    header = ["lead", "company", "city", "owner", "at", "number", "word"]
    return _csv(f"{form.values.figure}.csv", csv_text([header, *lines]))


async def _behind(
    view: View, form: Form[ListAsked], period: Period, *, skip: int, most: int
) -> list[LeadBehind]:
    asked, moment = form.values, view.now()
    match asked.reason:
        case None:
            reasons = tuple(HoldReason)
        case "company":
            reasons = OF_THE_COMPANY
        case one:
            reasons = (one,)
    wanted = Behind(
        figure=asked.figure,
        owner=whose(view.caller, asked.owner),
        since=period.since,
        until=moment if asked.figure in OF_NOW else min(period.until, moment),
        reasons=reasons,
        skip=skip,
        most=most,
    )
    return await behind(view.wiring.app, view.caller, wanted)


def _kept(form: Form[Any]) -> dict[str, Any]:
    return {name: form.given.get(name) for name in KpisAsked.model_fields if name in form.given}


def _csv(name: str, text: str) -> Response:
    return Response(
        text, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
