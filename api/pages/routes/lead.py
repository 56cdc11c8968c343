"""The page of one lead: until when it is protected, why, and what to do next."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages.forms import Form
from api.pages.routes.lead_forms import ActName, WhatIfForm
from api.pages.routes.lead_shown import Tab, Wanted, lead_id, show, show_tab, show_what_if
from api.pages.view import CurrentView, View

router: Final = APIRouter(include_in_schema=False)
_LONGEST: Final = 200
_MOST_DIGITS: Final = 18


@router.get("/leads/{lead}")
async def read_lead(lead: str, view: CurrentView) -> Response:
    """Show a lead; `act` names the form to open, `about` what it is about."""
    return await show(view, lead_id(lead), _wanted(view, Tab.LEDGER))


@router.get("/leads/{lead}/ledger")
async def read_ledger(lead: str, view: CurrentView) -> Response:
    """Show what happened."""
    return await _tab(lead, view, Tab.LEDGER)


@router.get("/leads/{lead}/mails")
async def read_mails(lead: str, view: CurrentView) -> Response:
    """Show the mails about it."""
    return await _tab(lead, view, Tab.MAILS)


@router.get("/leads/{lead}/people")
async def read_people(lead: str, view: CurrentView) -> Response:
    """Show with whom it is shared, and whom to ask for."""
    return await _tab(lead, view, Tab.PEOPLE)


@router.get("/leads/{lead}/audit")
async def read_audit(lead: str, view: CurrentView) -> Response:
    """Show who did what, and whether the rows are as they were written."""
    return await _tab(lead, view, Tab.AUDIT)


@router.get("/leads/{lead}/what-if")
async def read_what_if(lead: str, request: Request, view: CurrentView) -> Response:
    """Show the clock as it would be; nothing is written."""
    names = WhatIfForm.model_fields
    given = {name: value for name, value in request.query_params.items() if name in names}
    form: Form[WhatIfForm] = Form(view.text, given)
    form.take(WhatIfForm, {name: value for name, value in given.items() if value.strip()}, view.zone)
    if view.htmx:
        return await show_what_if(view, lead_id(lead), form)
    wanted = Wanted(question=form, act=_act(view), about=_about(view))
    return await show(view, lead_id(lead), wanted, status=200 if form.ok else 422)


async def _tab(lead: str, view: View, tab: Tab) -> Response:
    wanted = _wanted(view, tab)
    shown = show_tab if view.htmx else show
    return await shown(view, lead_id(lead), wanted)


def _wanted(view: View, tab: Tab) -> Wanted:
    query = view.request.query_params
    before = query.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) <= _MOST_DIGITS else None
    return Wanted(tab=tab, act=_act(view), about=_about(view), before=number, everything="all" in query)


def _act(view: View) -> ActName | None:
    named = view.request.query_params.get("act", "")
    return ActName(named) if named in set(ActName) else None


def _about(view: View) -> str:
    about = view.request.query_params.get("about", "")
    return about if len(about) <= _LONGEST else ""
