"""Forms that are open, and customers who fill them in over HTTP without signing in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from activities.sample_orders import Closed
from activities.samples import Box as Place
from adapters.registry import SettingsRegistry
from adapters.sample_work import FeedbackLinks, PostgresSampleStore, invitation_id
from tests.api.shop import Shop
from tests.samples.boxes import SKUS
from tests.samples.parts import PUBLIC_URL
from tests.vaultfixtures import VAULT


@dataclass(frozen=True)
class Customer:
    """Somebody with a link, at an address of his own."""

    shop: Shop
    lead: UUID
    box: UUID
    token: str
    address: str

    async def ask(self, method: str, path: str, *, token: str | None = None, **more: Any) -> httpx.Response:
        """One request below an address of the form; `{}` is the token."""
        transport = httpx.ASGITransport(
            self.shop.api.app, raise_app_exceptions=False, client=(self.address, 1234)
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            return await client.request(method, path.format(self.token if token is None else token), **more)

    async def look(self, token: str | None = None) -> httpx.Response:
        """Look whether the form is open."""
        return await self.ask("GET", "/api/feedback/{}", token=token)

    async def say(self, token: str | None = None, **more: Any) -> httpx.Response:
        """Say how the samples were."""
        return await self.ask("POST", "/api/feedback/{}", token=token, json={**answer(), **more})

    async def close(self) -> None:
        """Its days are over."""
        lab = self.shop.office.lab
        place = Place(lab.tenant, self.lead, self.box, datetime.now(UTC))
        await PostgresSampleStore(lab.pool, SettingsRegistry(lab.pool), VAULT).close(place, Closed.CLOSED)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """What is on record of the box."""
        return await self.shop.office.lab.execute(f"select * from {table} where box = $1", self.box)


def answer(*ratings: int, comment: str | None = None) -> dict[str, Any]:
    """What somebody says of the samples."""
    rated = [
        {"sku": sku, "rating": rating, **({} if comment is None else {"comment": comment})}
        for sku, rating in zip(SKUS, ratings or (5, 3), strict=False)
    ]
    return {"contactRole": "CHEF", "ratings": rated}


def an_address() -> str:
    """An address in a range nobody else has asked from."""
    return f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(250)}"


async def promised(shop: Shop, user: str = "anna", **said: Any) -> Mapping[str, Any]:
    """A box of a lead of somebody."""
    lead = (await shop.opened(user)).strip("/")
    body = {"leadId": lead, "items": [{"sku": sku, "qty": 2} for sku in SKUS], **said}
    answer = await asked(shop, user, "POST", "/api/sample-boxes", body)
    assert answer.status_code == 201, answer.text
    told: Mapping[str, Any] = answer.json()
    return told


async def asked(
    shop: Shop, user: str, method: str, path: str, json: Any = None, **headers: str
) -> httpx.Response:
    """One request of somebody who is signed in."""
    token = shop.callers.token(user, *_roles(user), tenant=shop.office.lab.tenant)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await shop.api.ask(method, path, token, json=json, headers=named)


def _roles(user: str) -> tuple[str, ...]:
    return {"maria": ("manager",), "olga": ("auditor",), "adam": ("admin",)}.get(user, ("agent",))


async def invited(shop: Shop, *, user: str = "anna", ago: timedelta = timedelta()) -> Customer:
    """A customer whose form is open, as the workflow opens it when the day has come."""
    box = await promised(shop, user)
    lab = shop.office.lab
    place = Place(lab.tenant, UUID(box["lead"]), UUID(box["id"]), datetime.now(UTC) - ago)
    assert await PostgresSampleStore(lab.pool, SettingsRegistry(lab.pool), VAULT).issue(place) == "recorded"
    link = await FeedbackLinks(lab.pool, VAULT, PUBLIC_URL).link(lab.tenant, invitation_id(place.box))
    return Customer(shop, place.lead, place.box, link.rpartition("/")[2], an_address())
