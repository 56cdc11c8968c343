"""Signing in and out."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from api.pages.cookies import drop_session, session_in
from api.pages.paths import local_path
from api.pages.texts import N_
from api.pages.view import CurrentPublicView, CurrentView

router: Final = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def read_sign_in(view: CurrentPublicView, to: str = "/") -> Response:
    """Show the way in; afterwards it goes on to `to`, if that is a page of ours."""
    return view.page("signin.html.j2", to=local_path(to) or "/")


@router.post("/sign-out")
async def sign_out(view: CurrentView) -> Response:
    """End the session here and in the browser."""
    session = session_in(dict(view.request.scope["headers"]), https=view.secure)
    if session is not None:
        await view.sessions.close(session)
    response = view.to("/sign-in", said=N_("You are signed out."))
    drop_session(response, https=view.secure)
    return response
