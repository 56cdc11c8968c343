"""The way through the sign-in, as a browser goes it, with the demo issuer as the provider."""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx

from sandbox.people import DemoPerson
from tests.api.house import ISSUER, Callers
from tests.pages.visitor import Visitor

_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def known_at_issuer(callers: Callers, tenant: UUID, user: str, *roles: str) -> None:
    """Make somebody known to the provider."""
    callers.issuer.people[user] = DemoPerson(name=user, called=user.title(), tenant=str(tenant), roles=roles)


async def at_provider(callers: Callers, address: str, person: str) -> str:
    """Say who one is on the provider's page; returns the path and query it sends the browser back to."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(callers.app), base_url=ISSUER) as http:
        page = await http.get(address)
        assert page.status_code == 200, page.text
        fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(page.text)}
        back = await http.post("/authorize", data={**fields, "person": person})
        assert back.status_code == 303, back.text
    parts = urlsplit(back.headers["location"])
    return f"{parts.path}?{parts.query}"


async def begun(visiting: Visitor, to: str = "/me") -> str:
    """Begin a sign-in; returns the provider's address."""
    answer = await visiting.get(f"/sign-in/start?to={to}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def through(visiting: Visitor, callers: Callers, person: str, to: str = "/me") -> httpx.Response:
    """The whole way; returns the answer to the browser's return."""
    return await visiting.get(await at_provider(callers, await begun(visiting, to), person))


def asked_for(address: str) -> dict[str, str]:
    """What the provider is asked for."""
    return dict(parse_qsl(urlsplit(address).query))
