"""The list of leads: filters, orders, pages, and all of it as a table for a spreadsheet."""

from __future__ import annotations

from datetime import timedelta
from operator import itemgetter
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from pydantic import Field, StringConstraints

from adapters.console_model import people
from adapters.lead_export import lead_csv
from adapters.lead_list import list_leads
from adapters.lead_listing import (
    LONGEST_TEXT,
    BadListing,
    Due,
    LeadFilter,
    LeadOrder,
    LeadSort,
    Page,
    check_filter,
)
from api.pages.asked import address, read_query
from api.pages.forms import Form, FormModel
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from protection.state import Status
from services.week import next_of

router: Final = APIRouter(include_in_schema=False)

_ROWS: Final = 50
_LONGEST_DAYS: Final = 1000
_LONGEST_CURSOR: Final = 2000
_Words = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
_SORTS: Final = (
    ("validUntil", N_("Protection ends first")),
    ("company", N_("Company, A to Z")),
    ("-registeredAt", N_("Registered last")),
    ("-updatedAt", N_("Changed last")),
)
_DUES: Final = (
    (Due.END, N_("end of protection")),
    (Due.PROGRESS, N_("progress expected")),
    (Due.REMINDER, N_("reminder")),
)
# What a filter may be called in the form where the list calls it otherwise.
_FIELDS: Final = {"due_before": "within"}


class LeadsAsked(FormModel):
    """Which leads, in which order. Empty does not narrow.

    Attributes:
        clock: whether a hold stops the clock.
        within: days until the deadline that `due` names.
        cursor: where the page before ended.
    """

    whose: Literal["mine", "shared"] | None = None
    owner: _Words | None = None
    city: _Words | None = None
    text: _Words | None = None
    status: Status | None = None
    clock: Literal["still", "running"] | None = None
    within: Annotated[int, Field(ge=0, le=_LONGEST_DAYS)] | None = None
    due: Due = Due.END
    sort: Literal["validUntil", "company", "-registeredAt", "-updatedAt"] = "validUntil"
    cursor: Annotated[str, StringConstraints(max_length=_LONGEST_CURSOR)] | None = None

    @property
    def order(self) -> LeadOrder:
        """In which order."""
        return LeadOrder(sort=LeadSort(self.sort.removeprefix("-")), descending=self.sort.startswith("-"))

    def wanted(self, view: View) -> LeadFilter:
        """Which leads."""
        return LeadFilter(
            mine=self.whose == "mine",
            shared=self.whose == "shared",
            owner=self.owner,
            city=self.city,
            status=self.status,
            paused=None if self.clock is None else self.clock == "still",
            due_before=None if self.within is None else view.now() + timedelta(days=self.within),
            due=self.due,
            text=self.text,
        )


@router.get("/leads")
async def read_leads(view: CurrentView) -> Response:
    """A page of the leads somebody may see."""
    form = read_query(view, LeadsAsked)
    found = Page((), None)
    async with view.looking() as connection:
        persons = await people(connection, view.caller.tenant) if view.caller.reads_all else {}
        if form.ok:
            asked = form.values
            try:
                found = await list_leads(
                    connection,
                    view.caller,
                    asked.wanted(view),
                    asked.order,
                    cursor=asked.cursor,
                    most=_ROWS,
                )
            except BadListing as error:
                _refuse(form, error)
    now = view.now()
    return view.page(
        "leads/list.html.j2",
        status=200 if form.ok else 422,
        form=form,
        rows=[(one, next_of(one.protection, now=now, zone=view.zone)) for one in found.leads],
        names={name: one.display_name for name, one in persons.items()},
        owners=sorted(((name, one.display_name) for name, one in persons.items()), key=itemgetter(1)),
        sorts=[(name, view.text(text)) for name, text in _SORTS],
        dues=[(str(due), view.text(text)) for due, text in _DUES],
        statuses=[(str(status), view.reader.word(status)) for status in Status],
        later=None if found.cursor is None else address("/leads", {**_kept(form), "cursor": found.cursor}),
        first=address("/leads", _kept(form)) if "cursor" in form.given else None,
        narrowed=bool(set(form.given) - {"sort", "cursor", "due", "text"}),
        csv=address("/leads.csv", _kept(form)),
    )


@router.get("/leads.csv")
async def read_leads_csv(view: CurrentView) -> Response:
    """All leads of a list, for a spreadsheet."""
    form = read_query(view, LeadsAsked)
    if form.ok:
        wanted = form.values.wanted(view)
        try:
            check_filter(wanted)
        except BadListing as error:
            _refuse(form, error)
        else:
            return StreamingResponse(
                lead_csv(view.wiring.app, view.caller, wanted, form.values.order),
                media_type="text/csv",
                headers={"Content-Disposition": 'attachment; filename="leads.csv"'},
            )
    return view.to(address("/leads", _kept(form)))


def _kept(form: Form[LeadsAsked]) -> dict[str, Any]:
    return {name: value for name, value in form.given.items() if name != "cursor"}


def _refuse(form: Form[LeadsAsked], error: BadListing) -> None:
    if error.field == "cursor":
        form.fail("", N_("This page belongs to another list. Please begin at its first page."))
    elif error.code == "out-of-range":
        form.fail(_FIELDS.get(error.field, error.field), N_("Please say a little more, or a little less."))
    else:
        form.fail(
            _FIELDS.get(error.field, error.field), N_("There is nothing in it that could be looked for.")
        )
