"""The router of a process, over the accounts of this installation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from activities.ai.router import Router
from adapters.ai.books import PostgresBooks
from adapters.ai.providers import SdkProviders
from adapters.ai.rules import SettledAi
from adapters.ai.scrubber import VaultScrubber
from adapters.breaker import Standing
from adapters.database import Pool
from adapters.outside_settings import OutsideSettings
from adapters.registry import SettingsRegistry
from adapters.vault import Vault


@dataclass(frozen=True, slots=True)
class Ai:
    """What a process asks models with.

    Attributes:
        router: asks them.
        providers: who is asked.
    """

    router: Router
    providers: SdkProviders

    def standings(self) -> tuple[Standing, ...]:
        """How the breaker of each provider stands; none where none is configured."""
        return self.providers.standings()


@asynccontextmanager
async def open_ai(
    configured: OutsideSettings, pool: Pool, registry: SettingsRegistry, vault: Vault
) -> AsyncIterator[Ai]:
    """The router, for as long as it is open; calls under way are seen through before it closes.

    Args:
        configured: the accounts; without any, every call says "not configured".
        pool: connections as the application or the worker role.
        registry: what tenants have settled.
        vault: opens names, so that they can be taken out.

    Raises:
        SettingsError: an account makes no sense.
    """
    accounts = [account for account in (configured.openai(), configured.anthropic()) if account is not None]
    providers = SdkProviders(configured.tenant, accounts)
    router = Router(
        settled=SettledAi(registry),
        scrubber=VaultScrubber(pool, vault),
        providers=providers,
        books=PostgresBooks(pool),
    )
    try:
        yield Ai(router, providers)
    finally:
        await router.finish()
        await providers.aclose()
