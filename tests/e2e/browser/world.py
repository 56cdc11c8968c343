"""What the browser looks at: a newcomer's stack, with odd leads and requests among the demo ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx
from playwright.async_api import Browser, StorageState

from tests.e2e.browser.album import Album, album_of_this_run
from tests.e2e.browser.odd import ATTACKS, attack, odd_companies
from tests.e2e.browser.window import PATIENCE, Window, window
from tests.stack.running import Up

# One of each role among the demo people.
AGENT: Final = "anna"
MANAGER: Final = "maria"
ADMIN: Final = "adam"
AUDITOR: Final = "olga"
_BUSY: Final = 503
_AGAIN: Final = 0.2  # seconds
# Leads that are made at the same time.
_AT_ONCE: Final = 3
PEOPLE: Final = (AGENT, MANAGER, ADMIN, AUDITOR)


@dataclass
class World:
    """The stack, the browser, and what has been put there to be looked at.

    Attributes:
        odd: lead by odd company.
        known: what paths of pages may name.
        sessions: what the browser of each person remembers after a sign-in.
    """

    stack: Up
    browser: Browser
    album: Album = field(default_factory=album_of_this_run)
    odd: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, StorageState] = field(default_factory=dict, repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def address(self) -> str:
        """Where the product listens."""
        return self.stack.addresses()["PUBLIC_URL"]

    @property
    def issuer(self) -> str:
        """Where people sign in."""
        return self.stack.addresses()["OIDC_ISSUER"]

    @asynccontextmanager
    async def window(
        self, person: str | None = None, *, more_origins: Collection[str] = (), **more: Any
    ) -> AsyncIterator[Window]:
        """A window in a fresh context, of somebody who is signed in or of nobody."""
        state = None if person is None else self.sessions[person]
        others = frozenset({self.issuer, *more_origins})
        async with window(self.browser, self.address, others=others, state=state, **more) as made:
            yield made

    async def sign_in(self, window: Window, person: str, to: str = "/me") -> None:
        """As a person does it: through the provider's page, and on to where one wanted to go."""
        await window.open(to)
        assert window.path == "/sign-in"
        await window.page.get_by_role("main").get_by_role("link").click()
        await window.page.locator(f'button[name=person][value="{person}"]').click()
        await window.page.wait_for_url(f"{self.address}{to}")

    async def signed_in(self, person: str) -> None:
        """Keep what the browser remembers of this person's sign-in for later windows."""
        async with self.window() as window:
            await self.sign_in(window, person)
            self.sessions[person] = await window.context.storage_state()

    async def token(self, person: str) -> str:
        """As `fristwerk token` asks for it."""
        if person not in self.tokens:
            form = {"grant_type": "password", "username": person}
            form["client_secret"] = (self.stack.state / "issuer" / "client").read_text()
            async with httpx.AsyncClient(timeout=120) as http:
                answer = await http.post(f"{self.issuer}/token", data=form)
            self.tokens[person] = str(answer.raise_for_status().json()["access_token"])
        return self.tokens[person]

    async def ask(self, person: str, method: str, path: str, said: Any = None) -> Any:
        """One request to the JSON API, which went well; it is repeated while the stack is too busy."""
        headers = {"Authorization": f"Bearer {await self.token(person)}", "Idempotency-Key": uuid4().hex}
        async with (
            asyncio.timeout(PATIENCE / 1000),
            httpx.AsyncClient(base_url=self.address, timeout=PATIENCE / 1000, headers=headers) as http,
        ):
            answer = await http.request(method, f"/api{path}", json=said)
            while answer.status_code == _BUSY:
                await asyncio.sleep(_AGAIN)
                answer = await http.request(method, f"/api{path}", json=said)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def opened(self, person: str = AGENT, **said: Any) -> str:
        """A lead of somebody, just registered; its id."""
        company = {"company": f"Gasthof {uuid4().hex[:12]}", "city": f"Ort {uuid4().hex[:6]}"}
        body = {**company, "contact": {"name": "Jo Beispiel"}, **said}
        return str((await self.ask(person, "POST", "/leads", body))["lead"])


async def fill(world: World) -> None:
    """Odd leads, each with odd words in everything that people may write, and every kind of request."""
    texts = [*odd_companies(), *ATTACKS]
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int, company: str) -> None:
        async with gate:
            world.odd[company] = await _odd_lead(world, number, company)

    await asyncio.gather(*(one(number, company) for number, company in enumerate(texts)))
    world.known["odd"] = world.odd[ATTACKS[0]]
    for name, asked in {"grace": "status=GRACE", "paused": "paused=true", "lapsed": "status=EXPIRED"}.items():
        found = await world.ask(AGENT, "GET", f"/leads?owner={AGENT}&limit=1&{asked}")
        world.known[name] = found["items"][0]["id"]


async def _odd_lead(world: World, number: int, company: str) -> str:
    contact = {"name": attack(number)[:200], "email": f"odd{number}@bad.example"}
    lead = await world.opened(
        company=company[:200],
        city=attack(number + 1)[:100],
        industry=attack(number + 2)[:100],
        contact=contact,
        firstContact={"note": f"Erstkontakt {attack(number + 3)}", "channel": attack(0)},
    )
    path = f"/leads/{lead}"
    said = f"Begründung {attack(number + 4)}"
    match number % 5:
        case 0:
            await world.ask(AGENT, "POST", f"{path}/holds", {"reason": "OTHER", "note": said})
        case 1:
            step = {"what": said, "at": "2030-01-02T10:00:00Z"}
            await world.ask(AGENT, "POST", f"{path}/extensions", {"reason": said, "nextStep": step})
        case 2:
            await world.ask(MANAGER, "POST", f"{path}/holds", {"reason": "CUSTOMER_BLOCKED", "note": said})
        case 3:
            await world.ask(AGENT, "POST", f"{path}/activities", {"kind": "NOTE", "note": said})
        case _:
            await world.ask(MANAGER, "POST", f"{path}/transfer", {"owner": "ben", "reason": said})
    return lead
