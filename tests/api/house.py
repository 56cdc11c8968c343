"""The API as production composes it, asked without a network; and callers with tokens of the demo issuer.

async with api_over(settings_for(folder, postgres_url), callers) as api:
    answer = await api.get("/api/me", callers.token("anna", "agent"))
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from adapters.keyring import Keyring, write_key_file
from adapters.settings import DEMO_TENANT, Settings
from api.app import create_app
from api.main import wired
from api.wiring import Wiring
from sandbox.issuer import AUDIENCE, CLIENT_FILE, Issuer
from sandbox.people import USERS_FILE
from sandbox.sign_in import CLIENT_ID
from services.desk import ANSWER_WITHIN

ISSUER: Final = "http://127.0.0.1:9"
# Nobody listens on the discard port.
NOBODY: Final = "127.0.0.1:9"


class Callers:
    """Gives tokens to anybody, signed with the issuer's own key."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / USERS_FILE).write_text("[]")
        self.issuer = Issuer(folder, ISSUER)
        self.app = self.issuer.app()
        self.secret = (folder / CLIENT_FILE).read_text(encoding="ascii")

    def claims(
        self, user: str, *roles: str, tenant: UUID | None = DEMO_TENANT, **more: Any
    ) -> dict[str, Any]:
        """What a good token says; None leaves a claim out."""
        now = int(time.time())
        said: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user,
            "tenant": None if tenant is None else str(tenant),
            "roles": list(roles),
            "iat": now,
            "exp": now + 600,
            "jti": uuid4().hex,
        }
        return {name: value for name, value in {**said, **more}.items() if value is not None}

    def token(self, user: str, *roles: str, tenant: UUID | None = DEMO_TENANT, **more: Any) -> str:
        """A token that says who this is."""
        return self.issuer.keys.current.sign(self.claims(user, *roles, tenant=tenant, **more))

    def http(self) -> httpx.AsyncClient:
        """What reaches the issuer without a network."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app))


@dataclass(frozen=True, slots=True)
class Api:
    """The application and a client that talks to it."""

    app: FastAPI
    wiring: Wiring
    client: httpx.AsyncClient

    async def ask(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request, as the bearer of a token."""
        bearer = {} if token is None else {"Authorization": f"Bearer {token}"}
        return await self.client.request(method, path, json=json, headers={**bearer, **(headers or {})})

    async def get(self, path: str, token: str | None = None, **headers: str) -> httpx.Response:
        """Read; `if_none_match="…"` becomes the header If-None-Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("GET", path, token, headers=named)

    async def post(
        self, path: str, token: str | None = None, json: Any = None, **headers: str
    ) -> httpx.Response:
        """Write; `idempotency_key="…"` becomes the header Idempotency-Key."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask("POST", path, token, json=json, headers=named)


def settings_for(folder: Path, database_url: str, temporal: str = NOBODY, **more: str) -> Settings:
    """Settings over a test's database, with master keys of its own in the folder."""
    keys = folder / "master.keys"
    if not keys.exists():
        write_key_file(keys, Keyring.new())
    return Settings.model_validate(
        {
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": temporal,
            "OIDC_ISSUER": ISSUER,
            "OIDC_JWKS_URL": f"{ISSUER}/jwks.json",
            "OIDC_CLIENT_ID": CLIENT_ID,
            "FRISTWERK_MASTER_KEY_FILE": keys,
            **more,
        }
    )


@asynccontextmanager
async def api_over(settings: Settings, callers: Callers) -> AsyncIterator[Api]:
    """The API over these settings."""
    known = settings.model_copy(update={"oidc_client_secret": callers.secret})
    # With a Temporal that is there nobody is in a hurry, as busy as the machine may be.
    patience = ANSWER_WITHIN if settings.temporal_address == NOBODY else timedelta(seconds=100)
    async with callers.http() as http, wired(known, http=http, patience=patience) as wiring:
        app = create_app(wiring)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
            yield Api(app, wiring, client)
