"""The credit bureau behind the API."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Final

from adapters.credit.bureau import CreditBureau
from adapters.database import open_pool
from adapters.outside_settings import OutsideSettings
from adapters.settings import Settings
from adapters.upstream_standings import reporting
from services.credit import Credits

# Only answers of the bureau go through them, many at a time.
_CONNECTIONS: Final = 2
_PROCESS: Final = "api"
CALLBACK: Final = "/api/webhooks/allianz"


async def open_credits(
    stack: AsyncExitStack, configured: Settings, outside: OutsideSettings
) -> Credits | None:
    """The installation's account at the bureau, closed with the stack; None where there is none.

    Raises:
        SettingsError: something of the account is missing.
    """
    account = outside.credit()
    if account is None:
        return None
    worker = await open_pool(
        configured.worker_login(),
        name="fristwerk-api-credit",
        smallest=0,
        largest=_CONNECTIONS,
        session_state=False,
    )
    stack.push_async_callback(worker.close)
    callback = None if account.webhook_secret is None else f"{configured.public_url.rstrip('/')}{CALLBACK}"
    bureau = await stack.enter_async_context(CreditBureau(account, callback=callback))
    await stack.enter_async_context(reporting(worker, outside.tenant, _PROCESS, bureau.standings))
    made = Credits(outside.tenant, bureau, worker)
    stack.push_async_callback(made.stop)
    return made
