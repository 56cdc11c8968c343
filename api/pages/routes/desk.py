"""The manager's desk: what somebody asked for, decided in seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from adapters.lead_reading import names_of
from adapters.request_inbox import InboxPlace
from api.pages.asked import address, read_query
from api.pages.forms import Form, FormModel, Moment, read_form
from api.pages.refusals import refusal_text
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from api.schemas.base import Id
from protection.dates import format_instant
from protection.refusal import Code, Refused
from protection.requests import RequestKind
from services.deciding import Case, Terms, case_of, waiting
from services.holding import Decision, decide

router: Final = APIRouter(include_in_schema=False)

_CASES: Final = 10
_MOST_WORDS: Final = 10_000
_Request = Annotated[Id, Path()]
_Words = Annotated[str, StringConstraints(max_length=_MOST_WORDS)]
_Days = Annotated[int, Field(ge=1, le=730)]


class InboxAsked(FormModel):
    """Where a page of the desk begins: after this request."""

    at: datetime | None = None
    lead: UUID | None = None
    request: Annotated[str, StringConstraints(max_length=100)] | None = None

    @property
    def place(self) -> InboxPlace | None:
        """As the inbox has it; None where something of it is missing."""
        if self.at is None or self.at.tzinfo is None or self.lead is None or self.request is None:
            return None
        return InboxPlace(requested_at=self.at, lead=self.lead, request=self.request)


class TermsAsked(FormModel):
    """On which terms it would be approved."""

    start_at: Moment | None = None
    end_at: Moment | None = None
    days: _Days | None = None

    @property
    def terms(self) -> Terms:
        """As the service has them."""
        return Terms(start_at=self.start_at, end_at=self.end_at, days=self.days)


class Approval(TermsAsked):
    """Yes, as asked for or on other terms."""

    kind: RequestKind
    why: _Words | None = None


class Rejection(FormModel):
    """No, and why; a yes may have words too, on the same page, so this field has a name of its own."""

    kind: RequestKind
    why_not: Annotated[str, StringConstraints(min_length=3, max_length=_MOST_WORDS)]


@router.get("/desk")
async def read_desk(view: CurrentView) -> Response:
    """What waits for a decision, the oldest first."""
    form = read_query(view, InboxAsked)
    place = form.values.place if form.ok else None
    now = view.now()
    async with view.looking() as connection:
        page = await waiting(connection, view.desk.vault, view.asking(), after=place, most=_CASES, now=now)
    after = page.after
    later = None
    if after is not None:
        query = {"at": format_instant(after.requested_at), "lead": after.lead, "request": after.request}
        later = address("/desk", query)
    return view.page(
        "desk/requests.html.j2",
        page=page,
        first="/desk" if place is not None else None,
        later=later,
        path_of=_path_of,
        **_spoken(view, now),
    )


@router.get("/desk/requests/{lead}/{request}")
async def read_request(view: CurrentView, lead: UUID, request: _Request) -> Response:
    """One request; with terms in the address, what approving it on these would do."""
    form = read_query(view, TermsAsked)
    if not view.htmx:
        return await _shown(view, lead, request, form)
    case, _ = await _case(view, lead, request, form)
    if case.effect is None:
        return view.to(_path_of(case))
    return view.part("desk/_effect.html.j2", case=case, form=form, **_spoken(view, view.now()))


@router.post("/desk/requests/{lead}/{request_id}/approve")
async def approve(view: CurrentView, request: Request, lead: UUID, request_id: _Request) -> Response:
    """Approve what was asked for, as it was asked for or on other terms."""
    form = await read_form(request, Approval)
    if form.ok:
        said = form.values
        decision = Decision(
            kind=said.kind,
            approve=True,
            start_at=said.start_at,
            end_at=said.end_at,
            days=said.days,
            why=said.why,
        )
        try:
            await decide(view.desk, view.asking(form.act), lead, request_id, decision)
        except Refused as refused:
            form.refuse(refused, reason="why")
            return await _shown(view, lead, request_id, form, status=_status(refused))
        return view.to("/desk", said=N_("Approved. Whoever asked is told."))
    return await _shown(view, lead, request_id, form, status=422)


@router.post("/desk/requests/{lead}/{request_id}/reject")
async def reject(view: CurrentView, request: Request, lead: UUID, request_id: _Request) -> Response:
    """Reject what was asked for, and say why."""
    form = await read_form(request, Rejection)
    if form.ok:
        decision = Decision(kind=form.values.kind, approve=False, why=form.values.why_not)
        try:
            await decide(view.desk, view.asking(form.act), lead, request_id, decision)
        except Refused as refused:
            form.refuse(refused, reason="why_not")
            return await _shown(view, lead, request_id, form, status=_status(refused))
        return view.to("/desk", said=N_("Rejected. Whoever asked is told why."))
    return await _shown(view, lead, request_id, form, status=422)


async def _shown(view: View, lead: UUID, request: str, form: Form[Any], *, status: int = 200) -> Response:
    case, names = await _case(view, lead, request, form)
    return view.page(
        "desk/request.html.j2",
        status=status if form.errors else 200,
        case=case,
        names=names,
        form=form,
        path=_path_of(case),
        **_spoken(view, view.now()),
    )


async def _case(view: View, lead: UUID, request: str, form: Form[Any]) -> tuple[Case, dict[str, str]]:
    terms = form.values.terms if form.ok and isinstance(form.values, TermsAsked) else None
    async with view.looking() as connection:
        asking, vault, now = view.asking(), view.desk.vault, view.now()
        try:
            case = await case_of(connection, vault, asking, lead, request, terms=terms, now=now)
        except Refused as refused:
            form.refuse(refused)
            case = await case_of(connection, vault, asking, lead, request, now=now)
        people = {case.request.requested_by, case.request.decided_by or "", case.owner}
        return case, await names_of(connection, view.caller.tenant, people)


def _path_of(case: Case) -> str:
    return f"/desk/requests/{case.lead}/{quote(case.request.request, safe='')}"


def _spoken(view: View, now: datetime) -> dict[str, Any]:
    """What the templates ask to have said in the reader's words."""

    def waits(case: Case) -> str:
        days = (
            now.astimezone(view.zone).date() - case.request.requested_at.astimezone(view.zone).date()
        ).days
        if days < 1:
            return view.text("asked today")
        return view.count("waits for %(num)s day", "waits for %(num)s days", days)

    def refusal(code: Code | None) -> str:
        return "" if code is None else refusal_text(Refused(code, "", ""), view.text)

    return {"waits": waits, "refusal": refusal}


def _status(refused: Refused) -> int:
    return 422 if refused.code in {Code.MALFORMED, Code.END_BEFORE_START, Code.DAYS_OUT_OF_RANGE} else 409
