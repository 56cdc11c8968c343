"""AI behind the API."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Final

from adapters.ai.composition import Ai, open_ai
from adapters.database import Pool
from adapters.outside_settings import OutsideSettings
from adapters.registry import SettingsRegistry
from adapters.upstream_standings import reporting
from adapters.vault import Vault

_PROCESS: Final = "api"


async def opened_ai(
    stack: AsyncExitStack, outside: OutsideSettings, pool: Pool, registry: SettingsRegistry, vault: Vault
) -> Ai | None:
    """The router over the installation's accounts, closed with the stack; None where there are none.

    Raises:
        SettingsError: an account makes no sense.
    """
    if outside.openai() is None and outside.anthropic() is None:
        return None
    ai = await stack.enter_async_context(open_ai(outside, pool, registry, vault))
    await stack.enter_async_context(reporting(pool, outside.tenant, _PROCESS, ai.providers.watched()))
    return ai
