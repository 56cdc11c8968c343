"""Deadlines in people's own calendars: a secret address to subscribe to, and the page to get it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from adapters.calendar_store import CalendarFeeds, secret_of
from adapters.mail_texts.entries import Book, subscribed
from api.etag import unchanged
from api.pages.cookies import session_in
from api.pages.forms import Form, FormModel, read_form
from api.pages.pace import Pace, address_range
from api.pages.reader import USUAL_ZONE
from api.pages.texts import N_
from api.pages.view import CurrentView, View
from api.problems import ApiError, Kind
from protection.dates import zone

PAGE: Final = "/calendar"
_PURPOSE: Final = b"calendar-address\n"
_HOUR: Final = timedelta(hours=1)

router: Final = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class CalendarPace:
    """How often calendars may be asked for.

    Attributes:
        address: one address, whoever asks for it; programs ask every few minutes at most.
        misses: addresses that lead nowhere, by who asks for them.
    """

    address: Pace = field(default_factory=lambda: Pace(120, _HOUR))
    misses: Pace = field(default_factory=lambda: Pace(100, _HOUR))


class _NoFields(FormModel):
    """A form of which only the key of its act counts."""


@router.get("/calendar/{secret}.ics")
async def read_feed(secret: str, request: Request) -> Response:
    """Somebody's deadlines, for a calendar program."""
    pace: CalendarPace = request.app.state.calendar_pace
    now, asker = time.monotonic(), address_range(request.client.host if request.client else None)
    key = hashlib.sha256(secret.encode()).hexdigest()
    _not_too_often(max(pace.address.wait(key, now), pace.misses.wait(asker, now)))
    feeds = CalendarFeeds(request.app.state.wiring.app)
    feed = await feeds.read(secret, View.now())
    if feed is None:
        pace.misses.count(asker, now)
        raise HTTPException(404)
    pace.address.count(key, now)
    book = Book(feed.language, _zone(feed.timezone), request.app.state.wiring.public_url.rstrip("/"))
    tag = f'"{hashlib.sha256(repr((book, feed.entries)).encode()).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "X-Robots-Tag": "noindex",
    }
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="fristwerk.ics"'
    # Of many leads it takes a while, and others are not to wait for it.
    content = await asyncio.to_thread(subscribed, feed.entries, book)
    return Response(content, headers=headers, media_type="text/calendar")


def _zone(name: str) -> ZoneInfo:
    """A zone that is none must not cost anybody their deadlines."""
    try:
        return zone(name)
    except (ValueError, KeyError):
        return USUAL_ZONE


def _not_too_often(seconds: int) -> None:
    if seconds:
        raise ApiError(Kind.TOO_MANY, "This was asked for too often.", headers={"Retry-After": str(seconds)})


@router.get(PAGE)
async def read_page(view: CurrentView) -> Response:
    """Whether there is an address, and the forms to get, renew and revoke it."""
    return await _page(view)


@router.post("/calendar/address")
async def make_address(view: CurrentView, request: Request) -> Response:
    """A new address; shown this once, and the old one leads nowhere any more."""
    form = await read_form(request, _NoFields)
    session = session_in(dict(request.scope["headers"]), https=view.secure)
    if form.act is None or session is None:
        form.fail("", N_("Please open this page again."))
    if not form.ok or form.act is None or session is None:
        return await _page(view, form=form, status=422)
    # The same form sent twice makes the same address; nobody else can: it hangs on the browser's session.
    random = hmac.digest(session.encode(), _PURPOSE + form.act.encode(), "sha256")
    secret = secret_of(view.caller.tenant, random)
    if not await CalendarFeeds(view.wiring.app).make(view.caller, secret, view.now()):
        form.fail("", N_("This address was revoked in the meantime. Please get a new one."))
        return await _page(view, form=form, status=422)
    address = f"{view.wiring.public_url.rstrip('/')}{PAGE}/{secret}.ics"
    response = await _page(view, address=address)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/calendar/revoke")
async def revoke_address(view: CurrentView, request: Request) -> Response:
    """From now on the address leads nowhere."""
    form = await read_form(request, _NoFields)
    if not form.ok:
        return await _page(view, form=form, status=422)
    await CalendarFeeds(view.wiring.app).revoke(view.caller, view.now())
    return view.to(PAGE, said=N_("The address leads nowhere any more."))


async def _page(
    view: View, *, form: Form[_NoFields] | None = None, address: str | None = None, status: int = 200
) -> Response:
    known = await CalendarFeeds(view.wiring.app).in_force(view.caller)
    return view.page(
        "calendar/page.html.j2",
        status=status,
        form=form or Form(view.text),
        known=known,
        address=address,
        webcal=None if address is None else f"webcal://{address.partition('://')[2]}",
    )
