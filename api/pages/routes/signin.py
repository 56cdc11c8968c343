"""Signing in and out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from api.auth import NotAuthenticated
from api.keys import KeysAway
from api.pages.cookies import drop_session, flow_cookie, keep_session, session_in
from api.pages.openid import CALLBACK, FLOW_SECONDS, Came, Flow, ProviderAway, SignInFailed, afterwards
from api.pages.paths import local_path
from api.pages.texts import N_
from api.pages.view import CurrentPublicView, CurrentView, PublicView

router: Final = APIRouter(include_in_schema=False)

_Short = Annotated[str, Query(max_length=4_000)]


@router.get("/sign-in")
async def read_sign_in(view: CurrentPublicView, to: _Short = "/") -> Response:
    """Show the way in; afterwards it goes on to `to`, if that is a page of ours."""
    onward = local_path(to) or "/"
    if view.signed is not None:
        return view.to(onward)
    return _shown(view, onward)


@router.get("/sign-in/start")
async def start_sign_in(view: CurrentPublicView, to: _Short = "/") -> Response:
    """Off to the provider."""
    onward = local_path(to) or "/"
    provider = view.wiring.provider
    if provider is None:
        return _shown(view, onward, 503, N_("Nobody can sign in yet: OIDC_CLIENT_ID is not set."))
    try:
        address, flow = await provider.begin(onward, view.language)
    except ProviderAway:
        return _shown(view, onward, 503, N_("The sign-in does not answer at the moment. Please try again."))
    response = RedirectResponse(address, status_code=303)
    response.set_cookie(
        flow_cookie(https=view.secure),
        flow.kept(),
        max_age=FLOW_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=view.secure,
    )
    return response


@router.get(CALLBACK)
async def finish_sign_in(
    view: CurrentPublicView,
    state: _Short = "",
    code: _Short = "",
    error: _Short = "",
    iss: _Short | None = None,
) -> Response:
    """Back from the provider. Whatever was wrong, the browser keeps nothing of this sign-in."""
    name = flow_cookie(https=view.secure)
    flow = Flow.read(view.request.cookies.get(name))
    response = await _finished(view, flow, Came(state, code, iss), refused=bool(error) or not code)
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=view.secure)
    return response


async def _finished(view: PublicView, flow: Flow | None, came: Came, *, refused: bool) -> Response:
    onward = "/" if flow is None else afterwards(flow)
    provider = view.wiring.provider
    if provider is None:
        return _shown(view, onward, 503, N_("Nobody can sign in yet: OIDC_CLIENT_ID is not set."))
    if refused:
        return _shown(view, onward, 403, N_("The sign-in was not completed."))
    try:
        caller = await provider.finish(flow, came)
    except SignInFailed:
        return _shown(view, onward, 400, N_("This sign-in is over or was begun elsewhere. Please try again."))
    except NotAuthenticated:
        return _shown(
            view, onward, 403, N_("The sign-in did not say who you are here. Ask an administrator.")
        )
    except (ProviderAway, KeysAway):
        return _shown(view, onward, 503, N_("The sign-in does not answer at the moment. Please try again."))
    # A new id at every sign-in: one that somebody has planted before is worth nothing afterwards.
    before = session_in(dict(view.request.scope["headers"]), https=view.secure)
    if before is not None:
        await view.sessions.close(before)
    response = RedirectResponse(onward, status_code=303)
    keep_session(response, await view.sessions.open(caller, datetime.now(UTC)), https=view.secure)
    return response


@router.post("/sign-out")
async def sign_out(view: CurrentView) -> Response:
    """End the session here and in the browser."""
    session = session_in(dict(view.request.scope["headers"]), https=view.secure)
    if session is not None:
        await view.sessions.close(session)
    response = view.to("/sign-in", said=N_("You are signed out."))
    drop_session(response, https=view.secure)
    return response


def _shown(view: PublicView, onward: str, status: int = 200, wrong: str | None = None) -> Response:
    # The provider sends people back to our public address, and the cookie must be there by then.
    start = f"{view.wiring.public_url.rstrip('/')}/sign-in/start"
    return view.page("signin.html.j2", status=status, to=onward, start=start, wrong=wrong)
