"""A tenant whose systems outside send news, with the API that takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import pytest_asyncio

from adapters.database import Pool
from adapters.vault import Vault
from adapters.webhooks.store import WebhookDoor
from api.app import create_app
from api.main import wired
from services.webhooks import WebhookDesk
from tests.api.house import Api, Callers, settings_for
from tests.sql.conftest import app, new_tenant, superuser, worker
from tests.webhooks.letterbox import SECRETS, Letterbox

__all__ = ["app", "superuser", "worker"]


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Callers:
    """Anybody, with a token."""
    return Callers(tmp_path_factory.mktemp("issuer"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def company(worker: Pool) -> UUID:
    """Whose systems outside they are."""
    return await new_tenant(worker)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def letterbox(
    postgres_url: str, callers: Callers, company: UUID, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Letterbox]:
    """Where news is thrown in; Temporal is away."""
    folder: Path = tmp_path_factory.mktemp("keys")
    settings = settings_for(folder, postgres_url).model_copy(update={"oidc_client_secret": callers.secret})
    async with callers.http() as http, wired(settings, http=http) as wiring:
        desk = WebhookDesk(WebhookDoor(wiring.app, wiring.vault), company, SECRETS)
        served = create_app(replace(wiring, webhooks=desk))
        transport = httpx.ASGITransport(served, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            yield Letterbox(Api(served, wiring, client), callers, company, Vault.of(settings))
