"""The API over an office: people of one tenant, the real workflow, the real database, asked over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.api.house import NOBODY, Api, Callers, api_over, settings_for
from tests.services.office import PEOPLE, Office
from tests.vaultfixtures import KEY_ENVIRONMENT


@dataclass(frozen=True)
class Shop:
    """Who asks whom."""

    api: Api
    office: Office
    callers: Callers

    async def ask(
        self, user: str, method: str, path: str, json: Any = None, **headers: str
    ) -> httpx.Response:
        """One request below /api/leads; `idempotency_key="…"` becomes the header Idempotency-Key."""
        token = self.callers.token(user, PEOPLE[user], tenant=self.office.lab.tenant)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.api.ask(method, f"/api/leads{path}", token, json=json, headers=named)

    async def post(self, user: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """Write something."""
        return await self.ask(user, "POST", path, {} if json is None else json, **headers)

    async def get(self, user: str, path: str) -> Any:
        """What is there to read."""
        answer = await self.ask(user, "GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def opened(self, user: str = "anna", **said: Any) -> str:
        """A lead of somebody, just registered; its path."""
        body = {**new_company(), "contact": {"name": "Jo Geheim"}, **said}
        answer = await self.post(user, "", body)
        assert answer.status_code == 201, answer.text
        return f"/{answer.json()['lead']}"


def new_company() -> dict[str, Any]:
    """A company nobody has."""
    return {"company": f"{uuid4().hex} GmbH", "city": f"Ort {uuid4().hex[:8]}"}


@asynccontextmanager
async def shop_over(office: Office, folder: Path, *, away: bool = False) -> AsyncIterator[Shop]:
    """The API over this office.

    Args:
        away: Temporal does not answer.
    """
    callers = Callers(folder / "issuer")
    temporal = NOBODY if away else office.lab.client.service_client.config.target_host
    configured = settings_for(folder, office.lab.url, temporal)
    configured = configured.model_copy(
        update={
            "master_key_file": None,
            "master_key": KEY_ENVIRONMENT["FRISTWERK_MASTER_KEY"],
            "index_key": KEY_ENVIRONMENT["FRISTWERK_INDEX_KEY"],
        }
    )
    async with api_over(configured, callers) as api:
        yield Shop(api, office, callers)
