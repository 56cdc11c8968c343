"""Who I am here, and how the pages look to me."""

from __future__ import annotations

from typing import Final, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.pages.forms import FormModel, read_form
from api.pages.view import LANGUAGE_COOKIE, THEME_COOKIE, CurrentPublicView, CurrentView

router: Final = APIRouter(include_in_schema=False)

_YEAR_SECONDS: Final = 31_536_000


class Look(FormModel):
    """What somebody likes; `system` leaves it to his browser."""

    language: Literal["de", "en", "system"] | None = None
    theme: Literal["light", "dark", "system"] | None = None


@router.get("/me")
async def read_me(view: CurrentView) -> Response:
    """Show who is signed in."""
    return view.page("me.html.j2")


@router.post("/look")
async def choose_look(request: Request, view: CurrentPublicView) -> Response:
    """Choose language or theme; for everybody, signed in or not."""
    form = await read_form(request, Look)
    if not form.ok:
        return view.page("errors/form.html.j2", status=422, form=form)
    response = view.to(form.back or "/")
    for name, chosen in ((LANGUAGE_COOKIE, form.values.language), (THEME_COOKIE, form.values.theme)):
        if chosen == "system":
            response.delete_cookie(name, path="/")
        elif chosen is not None:
            response.set_cookie(
                name,
                chosen,
                max_age=_YEAR_SECONDS,
                path="/",
                httponly=True,
                samesite="lax",
                secure=view.secure,
            )
    return response
