"""The cookie of a session, and whether a request was made by a page of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import cookie_parser
from starlette.responses import Response

_NAME: Final = "fristwerk"
_OURS: Final = frozenset({b"same-origin", b"none"})


def session_cookie(*, https: bool) -> str:
    """The cookie's name; with https it is one that no other host can set."""
    return f"__Host-{_NAME}" if https else _NAME


def flow_cookie(*, https: bool) -> str:
    """The name of the cookie of a sign-in that has begun."""
    return f"{session_cookie(https=https)}-sign-in"


def session_in(headers: Mapping[bytes, bytes], *, https: bool) -> str | None:
    """The session a request brings, as it was sent; may be anything."""
    raw = headers.get(b"cookie")
    return None if raw is None else cookie_parser(raw.decode("latin-1")).get(session_cookie(https=https))


def keep_session(response: Response, session: str, *, https: bool) -> None:
    """Have the browser keep a session until it is closed; scripts never see it."""
    response.set_cookie(
        session_cookie(https=https), session, path="/", httponly=True, samesite="lax", secure=https
    )


def drop_session(response: Response, *, https: bool) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(session_cookie(https=https), path="/", httponly=True, samesite="lax", secure=https)


def is_ours(headers: Mapping[bytes, bytes], public_url: str) -> bool:
    """Whether a form was sent by a page of ours. Without a cookie nobody's name can be abused.

    Browsers say where a request comes from (Sec-Fetch-Site, older ones Origin), and no script can change it.
    """
    if b"cookie" not in headers:
        return True
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in _OURS
    origin = headers.get(b"origin", b"").decode("latin-1")
    ours = urlsplit(public_url)
    return origin == f"{ours.scheme}://{ours.netloc}"
