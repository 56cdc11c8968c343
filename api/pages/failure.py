"""How a page says no: the problem the API would tell, as a page that people understand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from adapters import log
from api.pages.paths import is_api
from api.pages.texts import N_
from api.pages.view import PublicView
from api.problems import ApiError, problem_response, status_of
from api.telling import without_values

_LAST_WORDS: Final = "Something went wrong here.\nHier ist etwas schiefgegangen.\n"

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    advice: str


_WORDS: Final[Mapping[int, _Words]] = MappingProxyType(
    {
        400: _Words(
            N_("This could not be read"),
            N_("Something was sent that makes no sense here. Please go back and try again."),
        ),
        401: _Words(
            N_("Please sign in"),
            N_("This is for people who are signed in."),
        ),
        403: _Words(
            N_("This is not for you"),
            N_("Your role does not allow this. If you need it, ask a manager or an administrator."),
        ),
        404: _Words(
            N_("There is no such page"),
            N_("Either the address is wrong, or what was here is not for you. Nothing was changed."),
        ),
        405: _Words(
            N_("Not this way"),
            N_("This address cannot be used like that. Please start from the navigation."),
        ),
        409: _Words(
            N_("It has changed meanwhile"),
            N_("What you wanted does not fit the present state. Please look again."),
        ),
        410: _Words(
            N_("This is over"),
            N_("This link has expired or was used already."),
        ),
        412: _Words(
            N_("It has changed meanwhile"),
            N_("Somebody was faster. Please look again before you go on."),
        ),
        413: _Words(
            N_("This is too large"),
            N_("Please send less, or a smaller file."),
        ),
        415: _Words(
            N_("This could not be read"),
            N_("Something was sent that is not a form."),
        ),
        422: _Words(
            N_("Something does not fit"),
            N_("Please go back, look at what you entered, and try again."),
        ),
        429: _Words(
            N_("Too often"),
            N_("Please wait a little before you try again."),
        ),
        500: _Words(
            N_("Something went wrong here"),
            N_("It is our fault, and it was written down. If it happens again, tell us the number below."),
        ),
        503: _Words(
            N_("Not available at the moment"),
            N_(
                "A part of Fristwerk does not answer. Load the page again in a moment; nothing happens twice."
            ),
        ),
    }
)


def answer_of(request: Request, error: ApiError, request_id: str) -> Response:
    """The answer that tells a problem: JSON to programs, a page to people."""
    if is_api(request.scope["path"]):
        return problem_response(error, request_id)
    try:
        response = _page_of(request, error, request_id)
    except Exception as failed:  # noqa: BLE001 - of what fails while it tells of a failure only this is left
        _log.error("no page tells of an error", request=request_id, **without_values(failed))
        return PlainTextResponse(_LAST_WORDS, status_code=500)
    response.headers.update(error.headers)
    return response


def _page_of(request: Request, error: ApiError, request_id: str) -> Response:
    view = PublicView(request)
    status = status_of(error)
    words = _WORDS[status]
    template = "errors/_note.html.j2" if view.htmx else "errors/page.html.j2"
    show = view.part if view.htmx else view.page
    return show(
        template, status=status, number=status, title=words.title, advice=words.advice, request_id=request_id
    )
