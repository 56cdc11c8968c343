"""The pages of people at work who may ask models: both providers are the sandbox's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import httpx

from adapters.ai.composition import Ai, open_ai
from adapters.outside_settings import OutsideSettings
from api.app import create_app
from tests.api.house import Api
from tests.api.shop import Shop
from tests.outsidefixtures import Outside
from tests.pages.visitor import Visitor, visitor
from tests.vaultfixtures import VAULT


@dataclass(frozen=True)
class Asked:
    """Who asks whom.

    Attributes:
        plain: the same people where no provider is connected.
    """

    shop: Shop
    plain: Shop
    ai: Ai
    outside: Outside

    async def visitor(self, user: str, language: str = "en") -> Visitor:
        """Somebody signed in where models may be asked."""
        return await visitor(self.shop, user, language=language)

    def prompts(self) -> str:
        """All that models were told since the last reset."""
        found = [*self.outside.log("openai"), *self.outside.log("anthropic")]
        return "\n".join(one.body for one in found)


def connected(outside: Outside, tenant: UUID) -> OutsideSettings:
    """Accounts at both providers."""
    return OutsideSettings.model_validate(
        {
            "OPENAI_API_KEY": outside.accounts.openai,
            "OPENAI_BASE_URL": outside.openai_url,
            "ANTHROPIC_API_KEY": outside.accounts.anthropic,
            "ANTHROPIC_BASE_URL": outside.anthropic_url,
            "FRISTWERK_TENANT": tenant,
        }
    )


@asynccontextmanager
async def asked_over(shop: Shop, outside: Outside) -> AsyncIterator[Asked]:
    """The same people, and models."""
    wiring = shop.api.wiring
    configured = connected(outside, shop.office.lab.tenant)
    async with open_ai(configured, wiring.app, wiring.registry, VAULT) as ai:
        app = create_app(replace(wiring, ai=ai))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            yield Asked(replace(shop, api=Api(app, wiring, client)), shop, ai, outside)
