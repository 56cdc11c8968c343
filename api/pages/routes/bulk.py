"""One act on many leads: chosen by filter, foreseen lead by lead, picked, confirmed."""

from __future__ import annotations

from operator import itemgetter
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from adapters.console_model import people
from api.pages.asked import AskedText, LeadFilterAsked, read_query
from api.pages.forms import Form, FormModel, Many, read_form
from api.pages.refusals import refusal_text
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.permission import Act
from protection.refusal import Code, Refused
from services import bulk
from services.bulk import Kind, Trouble, Wanted
from services.campaigns import Foreseen

router: Final = APIRouter(include_in_schema=False)

_Days = Annotated[int, Field(ge=1, le=730)]
_KINDS: Final = (
    (Kind.TRANSFER, N_("Hand over to somebody else")),
    (Kind.EXTEND, N_("Extend the base period")),
)
_TROUBLES: Final = {
    Trouble.NOT_ALLOWED: N_("not yours to decide"),
    Trouble.NOT_THERE: N_("there is no such lead"),
    Trouble.NO_ANSWER: N_("no answer; send it again, nothing happens twice"),
}


class BulkAsked(LeadFilterAsked):
    """What is to be done, and to which leads."""

    what: Kind | None = None
    to: AskedText | None = None
    days: _Days | None = None


class BulkMeant(FormModel):
    """The act, and the leads that were picked."""

    what: Kind
    to: AskedText | None = None
    days: _Days | None = None
    leads: Many[tuple[UUID, ...]]
    why: Annotated[str, StringConstraints(min_length=3, max_length=250)]


@router.get("/desk/bulk")
async def plan_bulk(view: CurrentView) -> Response:
    """Choose leads and an act; with both in the address, what it would do to each."""
    form = read_query(view, BulkAsked)
    view.asking().require(Act.DECIDE)
    choice, foreseen = None, tuple[Foreseen, ...]()
    async with view.looking() as connection:
        persons = await people(connection, view.caller.tenant)
        if form.ok and form.values.what is not None:
            asked = form.values
            wanted = Wanted(kind=form.values.what, owner=asked.to, days=asked.days)
            try:
                choice = await bulk.choose(connection, view.asking(), wanted, asked.found)
                foreseen = await bulk.foresee(connection, view.asking(), wanted, choice.leads, now=view.now())
            except Refused as refused:
                form.refuse(refused)
                choice = None
    return view.page(
        "desk/bulk.html.j2",
        status=422 if form.errors else 200,
        form=form,
        choice=choice,
        foreseen=foreseen,
        kinds=[(str(kind), view.text(text)) for kind, text in _KINDS],
        owners=sorted(((name, one.display_name) for name, one in persons.items()), key=itemgetter(1)),
        agents=sorted(
            ((name, one.display_name) for name, one in persons.items() if "agent" in one.roles),
            key=itemgetter(1),
        ),
        names={name: one.display_name for name, one in persons.items()},
        most=bulk.MOST,
        **_spoken(view),
    )


@router.post("/desk/bulk")
async def do_bulk(view: CurrentView, request: Request) -> Response:
    """Do it to the leads that were picked, and say what came of each."""
    form = await read_form(request, BulkMeant)
    if form.ok:
        said = form.values
        wanted = Wanted(kind=said.what, owner=said.to, days=said.days)
        try:
            outcomes = await bulk.perform(view.desk, view.asking(form.act), wanted, said.leads, why=said.why)
        except Refused as refused:
            form.refuse(refused)
        else:
            return await _done(view, outcomes)
    return view.page("desk/bulk_again.html.j2", status=422, form=_picked(form), **_spoken(view))


def _picked(form: Form[BulkMeant]) -> Form[BulkMeant]:
    """The leads as a list, however many were picked."""
    given = form.given.get("leads", [])
    form.given["leads"] = given if isinstance(given, list) else [given]
    return form


async def _done(view: View, outcomes: tuple[bulk.Outcome, ...]) -> Response:
    async with view.looking() as connection:
        rows = await bulk.outcomes_in_words(connection, view.caller.tenant, outcomes)
        persons = await people(connection, view.caller.tenant)
    return view.page(
        "desk/bulk_done.html.j2",
        rows=rows,
        done=sum(one.why is None for one in outcomes),
        names={name: one.display_name for name, one in persons.items()},
        **_spoken(view),
    )


def _spoken(view: View) -> dict[str, Any]:
    def refusal(why: Code | Trouble | None) -> str:
        if isinstance(why, Trouble):
            return view.text(_TROUBLES[why])
        return "" if why is None else refusal_text(Refused(why, "", ""), view.text)

    return {"refusal": refusal}
