"""What a page works with: who looks, in which language, and how he is answered.

@router.get("/leads")
async def read_leads(view: CurrentView) -> Response:
async with view.looking() as connection: ...
return view.page("leads/list.html.j2", leads=found)
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from adapters.ai.composition import Ai
from adapters.database import Caller, Connection, transaction
from adapters.session_store import SessionStore, Signed
from api.language import preferred
from api.pages.navigation import entries
from api.pages.paths import local_path
from api.pages.reader import USUAL_ZONE, Reader, Theme
from api.pages.render import render
from api.pages.static_files import takes_gzip
from api.pages.texts import count, known_texts, say
from api.wiring import Wiring
from protection.dates import zone
from protection.explain_texts import Language
from protection.permission import MATRIX, Act, Actor, Relation, Role, Scope, may
from services.asking import Asking
from services.desk import Desk

# Where the frame leaves who is signed in; absent where nobody is.
SIGNED: Final = "fristwerk.signed"
LANGUAGE_COOKIE: Final = "fristwerk-language"
THEME_COOKIE: Final = "fristwerk-theme"
SAID_COOKIE: Final = "fristwerk-said"
# No foreign host, nothing inline: a text that is taken for markup somewhere still does nothing.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ACT: Final = re.compile(r"[A-Za-z0-9_-]{8,100}")
_WORTH_PACKING: Final = 1_400
_LONGEST_SAID: Final = 1_000
_SAID_SECONDS: Final = 60
_ROLES: Final = {str(role): role for role in Role}


class PublicView:
    """A page that everybody may read, signed in or not.

    Attributes:
        request: what was asked.
        wiring: everything a route may need.
        signed: who is signed in, if somebody is.
        sessions: who is signed in.
        reader: language, zone and looks.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.wiring: Wiring = request.app.state.wiring
        self.signed: Signed | None = request.scope.get(SIGNED)
        self.sessions: SessionStore = request.app.state.sessions
        self.reader = reader_of(request, self.signed)

    @property
    def language(self) -> Language:
        """What the reader reads."""
        return self.reader.language

    @property
    def zone(self) -> ZoneInfo:
        """In which zone the reader's instants are."""
        return self.reader.zone

    @property
    def htmx(self) -> bool:
        """Whether a fragment is wanted instead of a page."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def path(self) -> str:
        """The path of this page, without what was asked of it."""
        return str(self.request.scope["path"])

    @property
    def here(self) -> str:
        """Where the reader is, to come back to after a choice; only pages are read again."""
        if self.request.method != "GET":
            return "/"
        url = self.request.url
        return local_path(f"{url.path}?{url.query}" if url.query else url.path) or "/"

    def text(self, text: str, **values: object) -> str:
        """A text in the reader's language, with the values put in."""
        return say(self.language, text, **values)

    def count(self, one: str, many: str, num: int, **values: object) -> str:
        """The form of a text for this number."""
        return count(self.language, one, many, num, **values)

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A whole page."""
        places = entries(self.signed, self.request.scope["path"])
        shown = {"view": self, "entries": places, "said": self._said(), **context}
        response = self._html(template, status, shown)
        if SAID_COOKIE in self.request.cookies:
            response.delete_cookie(SAID_COOKIE, path="/")
        return response

    def part(self, template: str, status: int = 200, **context: Any) -> Response:
        """A fragment of a page."""
        return self._html(template, status, {"view": self, **context})

    def to(self, path: str, said: str | None = None, **values: object) -> Response:
        """Go on to another page of ours, which tells what was done.

        Args:
            path: where to.
            said: a text by its English wording; nothing personal.
            values: put into the text; nothing personal.
        """
        response: Response
        if self.htmx:
            response = Response(status_code=204, headers={"HX-Redirect": path})
        else:
            response = RedirectResponse(path, status_code=303)
        response.headers["Vary"] = "HX-Request"
        if said is not None:
            told = json.dumps([said, {name: str(value) for name, value in values.items()}])
            response.set_cookie(
                SAID_COOKIE,
                base64.urlsafe_b64encode(told.encode()).decode(),
                max_age=_SAID_SECONDS,
                path="/",
                httponly=True,
                samesite="lax",
                secure=self.secure,
            )
        return response

    @property
    def secure(self) -> bool:
        """Whether people reach us by https, so that cookies go nowhere else."""
        return self.wiring.public_url.startswith("https://")

    def _html(self, template: str, status: int, context: dict[str, Any]) -> Response:
        body = render(template, context, self.reader).encode()
        headers = {
            "Content-Security-Policy": PAGE_POLICY,
            # Without an own Referer and Origin a browser could not show that a form is ours.
            "Referrer-Policy": "same-origin",
            "Vary": "Accept-Encoding, Accept-Language, Cookie, HX-Request",
        }
        if len(body) >= _WORTH_PACKING and takes_gzip(self.request.headers.get("accept-encoding", "")):
            body = gzip.compress(body, 5, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return Response(body, status_code=status, headers=headers, media_type="text/html")

    def _said(self) -> str | None:
        found = self.request.cookies.get(SAID_COOKIE, "")
        if not found or len(found) > _LONGEST_SAID:
            return None
        try:
            text, values = json.loads(base64.urlsafe_b64decode(found.encode("ascii")))
            # Whoever can plant a cookie still cannot make us say what he likes.
            return self.text(text) % values if text in known_texts() else None
        except (binascii.Error, ValueError, TypeError, KeyError):
            return None


class View(PublicView):
    """A page for whoever is signed in.

    Attributes:
        caller: on whose behalf the page acts.
        desk: what services work with.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        signed: Signed = request.scope[SIGNED]
        self.caller: Caller = signed.caller
        self.desk = Desk(
            pool=self.wiring.app,
            gateway=self.wiring.gateway,
            vault=self.wiring.vault,
            registry=self.wiring.registry,
            within=self.wiring.patience,
        )

    @property
    def ai(self) -> Ai | None:
        """What asks models; None where the reader's tenant has no account at a provider."""
        found = self.wiring.ai
        return found if found is not None and found.router.configured(self.caller.tenant) else None

    @staticmethod
    def now() -> datetime:
        """This moment, a UTC instant."""
        return datetime.now(UTC)

    def can(self, act: Act, lead: Relation | None = None) -> bool:
        """Whether the caller may do this; without a lead, whether his role may do it to any at all."""
        return can(self.caller, act, lead)

    def asking(self, act_key: str | None = None, *, dry_run: bool = False) -> Asking:
        """A request on the caller's behalf; under the key of a form it has one effect, sent twice or not."""
        key = act_key if act_key is not None and _ACT.fullmatch(act_key) else None
        return Asking.of(
            self.caller,
            key=None if key is None else f"page/{self.caller.user}/{key}",
            dry_run=dry_run,
        )

    def looking(self) -> AbstractAsyncContextManager[Connection]:
        """One reading of one state of all tables, with the caller's eyes."""
        caller = self.caller
        return transaction(self.wiring.app, caller.tenant, caller.user, caller.roles, reading=True)


def can(caller: Caller, act: Act, lead: Relation | None = None) -> bool:
    """Whether the caller may do this; without a lead, whether his role may do it to any at all."""
    roles = frozenset(_ROLES[role] for role in caller.roles if role in _ROLES)
    if lead is not None:
        return may(act, Actor(caller.user, roles), lead)
    scopes = {MATRIX[act].get(role) for role in roles}
    return Scope.NEVER not in scopes and scopes != {None} and bool(scopes)


def reader_of(request: Request, signed: Signed | None) -> Reader:
    """Language by choice, else on file, else by the browser; theme by choice; the zone on file."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return Reader(
        language=_language(chosen) or preferred(request.headers.get("accept-language", "")),
        zone=_zone(None if signed is None else signed.timezone),
        theme=_theme(request.cookies.get(THEME_COOKIE)),
    )


def _language(text: str | None) -> Language | None:
    match text:
        case "de" | "en":
            return text
        case _:
            return None


def _theme(text: str | None) -> Theme | None:
    match text:
        case "light" | "dark":
            return text
        case _:
            return None


def _zone(name: str | None) -> ZoneInfo:
    if name is None:
        return USUAL_ZONE
    try:
        return zone(name)
    except (ValueError, KeyError):
        return USUAL_ZONE


async def _view(request: Request) -> View:
    return View(request)


async def _public_view(request: Request) -> PublicView:
    return PublicView(request)


# Of a page behind the sign-in: the frame has made sure that somebody is signed in.
CurrentView = Annotated[View, Depends(_view)]
# Of a page for everybody.
CurrentPublicView = Annotated[PublicView, Depends(_public_view)]
