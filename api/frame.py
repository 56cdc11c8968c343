"""Around every request: who calls, what is too much, what every answer carries, and what is written down.

Plain ASGI, one object a request, because every request passes here. Everything below `/api` needs a bearer
token, whether there is such an address or not; only what `api/routes/docs.py` lists is open. Everything else
is a page and needs a session; only what `api/pages/paths.py` lists is open. So a route that forgets to ask
for its caller is closed, not open.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from fastapi.exceptions import HTTPException
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters import log, tracing
from adapters.database import Caller
from adapters.health import DATABASE_AWAY
from adapters.session_store import SessionStore
from api.auth import NotAuthenticated, TokenVerifier
from api.bodies import Bodies, bodies_at
from api.dependencies import CALLER
from api.failures import REQUEST_ID, of_absent_keys, of_authentication, too_large, unavailable
from api.keys import KeysAway
from api.metrics import Metrics
from api.pages.cookies import is_ours, session_in
from api.pages.failure import answer_of
from api.pages.paths import is_api, is_open
from api.pages.view import SIGNED
from api.problems import ApiError, Kind
from api.routes.docs import OPEN, OPEN_BELOW
from api.telling import without_values

_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LONGEST_LENGTH: Final = 12
_NO_ROUTE: Final = "(none)"
_STATIC: Final = "/static/"
_TRACEPARENT: Final = tracing.TRACEPARENT.encode("ascii")
# Asked every few seconds by machines.
_UNINTERESTING: Final = frozenset({"/healthz", "/readyz", "/metrics"})

_log = log.get(__name__)


class Frame:
    """The middleware."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        tokens: TokenVerifier,
        sessions: SessionStore,
        metrics: Metrics,
        public_url: str,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._sessions = sessions
        self._public_url = public_url
        self._https = public_url.startswith("https://")
        self._metrics = metrics
        self._tell = log.teller(__name__, "request")
        self._headers = _standing_headers(https=self._https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        followed = scope["path"] not in _UNINTERESTING
        with tracing.begun("request", SpanKind.SERVER, _caused_by(scope), followed=followed) as span:
            await self._traced(scope, receive, send, span)

    async def _traced(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        request_id = scope[REQUEST_ID] = tracing.span_id(span)
        began = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                given = message["headers"] = list(message.get("headers", ()))
                names = {name for name, _ in given}
                given.extend(header for header in self._headers if header[0] not in names)
                given.append((b"x-request-id", request_id.encode()))
            await send(message)

        self._metrics.in_progress.inc()
        try:
            problem = await self._serve(scope, receive, answer)
            if problem is not None and status == 0:
                await answer_of(Request(scope, receive), problem, request_id)(scope, receive, answer)
        finally:
            self._metrics.in_progress.dec()
            self._write_down(scope, status, time.perf_counter() - began, span)

    async def _serve(self, scope: Scope, receive: Receive, answer: Send) -> ApiError | None:
        try:
            admitted = await self._admit(scope, receive)
            if isinstance(admitted, Response):
                await admitted(scope, receive, answer)
            else:
                await self._app(scope, admitted, answer)
        except ApiError as error:
            return error
        except DATABASE_AWAY as error:
            _log.warning("request not served", request=scope[REQUEST_ID], error=type(error).__name__)
            return unavailable("The database does not answer.")
        except NotAuthenticated as error:
            return of_authentication(error)
        except KeysAway as error:
            return of_absent_keys(error)
        except Exception as error:  # noqa: BLE001 - the outermost frame: told without details, and logged
            _log.error("request failed", request=scope[REQUEST_ID], **without_values(error))
            return ApiError(Kind.INTERNAL, "It has been written down. Tell us the last part of `instance`.")
        return None

    async def _admit(self, scope: Scope, receive: Receive) -> Receive | Response:
        """Look at the head of a request; returns what its body is to be read with, or the answer."""
        path: str = scope["path"]
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if "\0" in path or b"%00" in scope["query_string"]:
            raise ApiError(Kind.UNPROCESSABLE, "The address holds a character that means nothing here.")
        if (path.startswith("/api/") or path == "/api") and not _asks_nobody(path):
            scope[CALLER] = await self._tokens.caller(headers.get(b"authorization"))
        elif not is_api(path) and (sent_away := await self._admit_to_page(scope, headers)) is not None:
            return sent_away
        if _has_no_body(headers):
            return receive
        return _body(scope["method"], headers, receive, bodies_at(path))

    async def _admit_to_page(self, scope: Scope, headers: dict[bytes, bytes]) -> Response | None:
        """Find out who is signed in; returns the way to the sign-in where somebody must be, and nobody is."""
        if scope["method"] in _WITH_BODY and not is_ours(headers, self._public_url):
            raise ApiError(Kind.FORBIDDEN, "This was not sent by a page of ours.", code="cross-site-request")
        path: str = scope["path"]
        session = None if path.startswith(_STATIC) else session_in(headers, https=self._https)
        if session is not None:
            signed = await self._sessions.find(session, datetime.now(UTC))
            if signed is not None:
                scope[SIGNED] = signed
                scope[CALLER] = signed.caller
        if SIGNED in scope or is_open(path):
            return None
        return _to_sign_in(scope, headers)

    def _write_down(self, scope: Scope, status: int, seconds: float, span: Span) -> None:
        route = getattr(scope.get("route"), "path", _NO_ROUTE)
        method: str = scope["method"]
        self._metrics.answered(method, route, status, seconds)
        caller: Caller | None = scope.get(CALLER)
        if span.is_recording():
            _tell_span(span, method, route, status, caller)
        if route in _UNINTERESTING and status < 400:
            return
        self._tell(
            {
                "request": scope[REQUEST_ID],
                "trace_id": tracing.trace_id(span),
                "method": method[:10],
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "tenant": None if caller is None else str(caller.tenant),
            }
        )


def _caused_by(scope: Scope) -> tuple[str, ...]:
    """What another service says its request belongs to; from a browser nobody has anything to say."""
    if not is_api(scope["path"]):
        return ()
    return tuple(told.decode("latin-1") for name, told in scope["headers"] if name == _TRACEPARENT)[:1]


def _tell_span(span: Span, method: str, route: str, status: int, caller: Caller | None) -> None:
    """Templates and ids only: an address may hold a name that was searched for."""
    span.update_name(f"{method[:10]} {route}")
    span.set_attribute("http.request.method", method[:10])
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    if caller is not None:
        span.set_attribute("fristwerk.tenant", str(caller.tenant))
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))


def _to_sign_in(scope: Scope, headers: dict[bytes, bytes]) -> Response:
    """To the sign-in, and back again afterwards; what was to be done has to be done again."""
    to = "/"
    if scope["method"] == "GET" and headers.get(b"hx-request") != b"true":
        query: bytes = scope["query_string"]
        to = scope["path"] + (f"?{query.decode('latin-1')}" if query else "")
    where = "/sign-in" if to == "/" else f"/sign-in?to={quote(to, safe='/')}"
    if headers.get(b"hx-request") == b"true":
        return Response(status_code=204, headers={"HX-Redirect": where})
    return RedirectResponse(where, status_code=303)


def _asks_nobody(path: str) -> bool:
    return path in OPEN or path.startswith(OPEN_BELOW)


def _has_no_body(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers


def _body(method: str, headers: dict[bytes, bytes], receive: Receive, bodies: Bodies) -> Receive:
    """Look at what the head says of a body; returns what it is to be read with."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise ApiError(Kind.MALFORMED, "Content-Length is no number.")
    if len(length) > _LONGEST_LENGTH or int(length) > bodies.most:
        raise too_large(bodies.most)
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if method in _WITH_BODY and media_type not in bodies.media_types:
        raise ApiError(
            Kind.UNSUPPORTED_MEDIA_TYPE,
            bodies.advice,
            headers={"Accept": bodies.accepts},
        )
    return _bounded(receive, bodies.most)


def _bounded(receive: Receive, most: int) -> Receive:
    """Reads a body, but no further than we allow, whatever its head has promised."""
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            # Of this kind, because FastAPI makes a 400 of any other while it reads a body.
            raise HTTPException(413)
        return message

    return bounded


def _standing_headers(*, https: bool) -> tuple[tuple[bytes, bytes], ...]:
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]
    if https:
        headers.append((b"strict-transport-security", b"max-age=31536000"))
    return tuple(headers)
