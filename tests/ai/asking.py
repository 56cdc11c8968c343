"""An office that asks models: the real router over PostgreSQL and both SDKs, its clock can be moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from activities.ai.asking import Answered, Asker
from activities.ai.case import Answer, Case, Size, UseCase
from activities.ai.router import Router
from adapters.ai.books import PostgresBooks
from adapters.ai.providers import SdkProviders
from adapters.ai.rules import SettledAi
from adapters.ai.scrubber import VaultScrubber
from adapters.ai.speaking import Patience
from adapters.breaker import Breaker
from adapters.database import Pool, transaction
from adapters.outside_settings import Provider, ProviderName
from adapters.registry import SettingsRegistry
from adapters.setting_definitions import Scope
from adapters.setting_store import Place, put_value
from tests.outsidefixtures import Outside
from tests.vaultfixtures import VAULT

USER = "agent"
RATE = Decimal("0.95")


class Given(BaseModel):
    """What is told: words, and a number that makes questions differ."""

    words: str
    number: int = 0


class Kind(Answer):
    """What is answered."""

    kind: Literal["HOTEL", "CANTEEN"]
    why: Annotated[str, Field(max_length=200)]


SMALL = Case(
    use_case=UseCase.LEAD_CLASSIFY, size=Size.SMALL, input=Given, answer=Kind, system="Say what kind it is."
)
LARGE = replace(SMALL, use_case=UseCase.RISK_ASSESS, size=Size.LARGE)


def answer(confidence: float = 0.9, **more: Any) -> dict[str, Any]:
    """What a model is made to say."""
    return {"confidence": confidence, "kind": "HOTEL", "why": "beds", **more}


@dataclass
class Moved:
    """A clock."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def pass_by(self, span: timedelta) -> None:
        self.at += span


@dataclass
class Office:
    """Asks on behalf of one tenant."""

    tenant: UUID
    app: Pool
    worker: Pool
    outside: Outside
    router: Router
    providers: SdkProviders
    clock: Moved

    def asker(self, **more: Any) -> Asker:
        return Asker(**{"tenant": self.tenant, "user": USER, **more})

    async def ask(
        self, words: str = "Hotel Adler", number: int = 0, *, case: Any = SMALL, **more: Any
    ) -> Answered[Kind]:
        told = Given(words=words, number=number)
        answered: Answered[Kind] = await self.router.ask(case, told, asker=self.asker(**more))
        return answered

    async def settle(self, key: str, value: Any, scope: str = "tenant", scope_id: str = "") -> None:
        """Set a setting of the tenant."""
        at = self.clock.now()
        place = Place(self.tenant, Scope(scope), scope_id)
        async with transaction(self.app, self.tenant, "root", ("admin",), at=at) as connection:
            await put_value(connection, place, key, value, by="root", at=at)

    async def rows(self, sql: str, *arguments: Any) -> list[dict[str, Any]]:
        """What the tenant's manager reads."""
        async with transaction(self.app, self.tenant, "manager", ("manager",), reading=True) as connection:
            return [dict(row) for row in await connection.fetch(sql, *arguments)]

    async def month(self, org: str = "") -> tuple[Decimal, Decimal]:
        """Booked and set aside."""
        rows = await self.rows("select booked, reserved from ai_budget where org = $1", org)
        return (rows[0]["booked"], rows[0]["reserved"]) if rows else (Decimal(0), Decimal(0))

    async def until_reserved(self) -> None:
        """Wait until something is set aside."""
        for _ in range(24_000):
            if (await self.month())[1]:
                return
            await asyncio.sleep(0.005)
        raise AssertionError("nothing was ever set aside")

    def billed(self) -> Decimal:
        """What both providers charge, EUR."""
        return sum((self.outside.bill(name).eur(RATE) for name in ("openai", "anthropic")), Decimal(0))

    def asked(self, upstream: str) -> int:
        """How many requests it got."""
        return len(self.outside.log(upstream))

    def say(self, *scripted: Any, upstream: str = "openai") -> None:
        """What its models say, one after the other; nothing: whatever fits the schema."""
        self.outside.answers(upstream, list(scripted) or None)


def accounts(outside: Outside, *, https: bool = False) -> list[Provider]:
    """At both providers."""
    known = outside.accounts
    return [
        Provider(
            name=ProviderName.OPENAI,
            base_url=outside.https_openai_url if https else outside.openai_url,
            api_key=known.openai,
            ca_file=outside.ca_file,
        ),
        Provider(
            name=ProviderName.ANTHROPIC,
            base_url=outside.https_anthropic_url if https else outside.anthropic_url,
            api_key=known.anthropic,
            ca_file=outside.ca_file,
        ),
    ]


@asynccontextmanager
async def office_at(
    app: Pool,
    worker: Pool,
    outside: Outside,
    tenant: UUID,
    registry: SettingsRegistry,
    *,
    offered: Sequence[Provider] | None = None,
    patience: Patience | None = None,
) -> AsyncIterator[Office]:
    """An office over these accounts."""
    clock = Moved()
    providers = SdkProviders(
        tenant,
        accounts(outside) if offered is None else offered,
        patience=patience,
        breakers=lambda name: Breaker(name, clock=clock.seconds, now=clock.now),
    )
    router = Router(
        settled=SettledAi(registry),
        scrubber=VaultScrubber(app, VAULT),
        providers=providers,
        books=PostgresBooks(app),
        now=clock.now,
    )
    try:
        yield Office(tenant, app, worker, outside, router, providers, clock)
    finally:
        await router.finish()
        await providers.aclose()
