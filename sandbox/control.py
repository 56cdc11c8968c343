"""Where the stand-ins are looked at and made to fail: a small API, and a page that needs no JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.acts import ActError, act
from sandbox.control_page import page
from sandbox.control_texts import language_of
from sandbox.listening import LOOPBACK
from sandbox.requests import Recorded
from sandbox.switches import Switch, SwitchError, Upstream
from sandbox.world import World

_MOST_BYTES: Final = 2_000_000
_SHOWN: Final = 200
_HOSTS: Final = (LOOPBACK, "localhost")
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "latency_ms": (int,),
    "error": (int,),
    "error_rate": (int, float),
    "retry_after": (int,),
    "times": (int,),
}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


def control(world: World) -> Starlette:
    """The control of a world as an application."""
    return Starlette(
        routes=[
            Route("/", _Page(world).show, methods=["GET"]),
            Route("/act", _Page(world).do, methods=["POST"]),
            Route("/_sandbox/switches", _Api(world).switches, methods=["GET"]),
            Route("/_sandbox/switches/{upstream}", _Api(world).switch, methods=["PUT"]),
            Route("/_sandbox/requests/{upstream}", _Api(world).requests, methods=["GET"]),
            Route("/_sandbox/bill/{upstream}", _Api(world).bill, methods=["GET"]),
            Route("/_sandbox/acts/{name}", _Api(world).act, methods=["POST"]),
            Route("/_sandbox/inbox", _Api(world).deliver, methods=["POST"]),
            Route("/_sandbox/reset", _Api(world).reset, methods=["POST"]),
        ],
        # A foreign name that leads here (DNS rebinding) controls nothing.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(_HOSTS))],
    )


class _Page:
    """What people see."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def show(self, request: Request) -> Response:
        told = request.query_params.get("told", "")
        return self._page(request, 200, told=told)

    async def do(self, request: Request) -> Response:
        # A page from elsewhere in the same browser is not to act here; the mail sink's is from this machine.
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).hostname not in _HOSTS:
            return Response(status_code=HTTPStatus.FORBIDDEN)
        body = await _body(request)
        form = dict(parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True))
        done = form.get("act", "")
        try:
            await act(self._world, form.pop("act", ""), form)
        except ActError as wrong:
            return self._page(request, 400, wrong=str(wrong))
        return RedirectResponse(f"/?{urlencode({'told': done})}", status_code=303)

    def _page(self, request: Request, status: int, *, told: str = "", wrong: str = "") -> Response:
        language = language_of(request.headers.get("accept-language", ""))
        shown = page(self._world, language, told=told, wrong=wrong)
        return HTMLResponse(shown, status_code=status, headers=_HEADERS)


class _Api:
    """The same for programs."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def switches(self, _: Request) -> Response:
        return JSONResponse({one: asdict(self._world.switches.current(one)) for one in Upstream})

    async def switch(self, request: Request) -> Response:
        upstream = _upstream(request)
        if upstream is None:
            return _missing()
        try:
            switch = _switch(await _json(request))
        except SwitchError as wrong:
            return JSONResponse({"error": str(wrong), "field": wrong.field}, status_code=400)
        self._world.switches.set(upstream, switch)
        return JSONResponse(asdict(switch))

    async def requests(self, request: Request) -> Response:
        upstream = _upstream(request)
        if upstream is None:
            return _missing()
        return JSONResponse([_shown(one) for one in self._world.log.of(upstream)[-_SHOWN:]])

    async def bill(self, request: Request) -> Response:
        models = self._world.models(_upstream(request))
        if models is None:
            return _missing()
        bill = models.bill()
        return JSONResponse(
            {
                "calls": len(bill.calls),
                "inputTokens": bill.input_tokens,
                "outputTokens": bill.output_tokens,
                "usd": str(bill.usd),
            }
        )

    async def act(self, request: Request) -> Response:
        given = await _json(request)
        if given is None or not all(isinstance(value, str) for value in given.values()):
            return JSONResponse({"error": "must be an object of texts", "field": "body"}, status_code=400)
        try:
            told = await act(self._world, request.path_params["name"], given)
        except ActError as wrong:
            return JSONResponse({"error": str(wrong), "field": wrong.field}, status_code=400)
        return JSONResponse({"done": told})

    async def deliver(self, request: Request) -> Response:
        mail = await _body(request)
        if not mail.strip():
            return JSONResponse({"error": "must be a mail", "field": "body"}, status_code=400)
        return JSONResponse({"uid": await self._world.inbox.deliver(mail)}, status_code=201)

    async def reset(self, _: Request) -> Response:
        await self._world.reset()
        return Response(status_code=204)


def _upstream(request: Request) -> Upstream | None:
    name = request.path_params["upstream"]
    return Upstream(name) if name in set(Upstream) else None


def _missing() -> Response:
    return JSONResponse({"error": "there is no such stand-in", "field": "upstream"}, status_code=404)


def _shown(one: Recorded) -> dict[str, Any]:
    return {**asdict(one), "at": one.at.isoformat(), "headers": dict(one.headers)}


def _switch(given: Mapping[str, Any] | None) -> Switch:
    """A switch from JSON; every field may be left out.

    Raises:
        SwitchError: names the first field that makes no sense.
    """
    if given is None:
        raise SwitchError("body", "must be an object")
    known = {field.name for field in fields(Switch)}
    for name, value in given.items():
        if name not in known:
            raise SwitchError(name, "is not known")
        wrong = type(value) not in _KINDS.get(name, (bool,))
        if wrong and not (value is None and name in {"error", "retry_after", "times"}):
            raise SwitchError(name, "is of the wrong kind")
    return replace(Switch(), **given)


async def _json(request: Request) -> dict[str, Any] | None:
    try:
        found = await request.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return b""
    return body
