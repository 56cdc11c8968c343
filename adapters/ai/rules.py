"""What a tenant has settled about AI, as the router takes it (domain.md section 11)."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from activities.ai.asking import Asker
from activities.ai.case import Size, UseCase
from activities.ai.ports import Caps, Model, Rules
from adapters.ai.models import ORDER, PRICES, USUAL, Price
from adapters.outside_settings import ProviderName
from adapters.registry import SettingsRegistry
from adapters.setting_definitions import DEFINITIONS
from adapters.setting_values import resolve

CAP: Final = "ai.budget.monthly.cap"
THRESHOLD: Final = "ai.routing.confidence.threshold"
COOLDOWN: Final = "ai.routing.demotion.cooldown"
TTL: Final = "ai.cache.ttl"
ROUTING: Final = "ai.routing.providers"
PACES: Final = "ai.providers.perMinute"
MODEL_PRICES: Final = "ai.prices.models"
EUR_PER_USD: Final = "ai.prices.eurPerUsd"
CONTENT: Final = "ai.audit.content"
_PARTS: Final = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


class SettledAi:
    """Reads the registry.

    Args:
        registry: what holds, and for whom.
    """

    def __init__(self, registry: SettingsRegistry) -> None:
        self._registry = registry

    async def rules(self, asker: Asker, use_case: UseCase, offered: tuple[str, ...]) -> Rules:
        """See `activities.ai.ports.Settled`."""
        stored = await self._registry.values(asker.tenant)

        def value(key: str, *, org: str | None = None, user: str | None = None) -> Any:
            return resolve(DEFINITIONS[key], stored.get(key, ()), org=org, user=user).value

        rate = Decimal(str(value(EUR_PER_USD)))
        prices = {**PRICES, **_told_prices(value(MODEL_PRICES))}
        routing = value(ROUTING)
        told = routing.get(use_case) or routing.get("default") or ()
        # Whoever is not named comes last: an outage of the one named is no outage of ours.
        order = dict.fromkeys([*map(ProviderName, told), *ORDER[use_case]])

        def models(size: Size) -> tuple[Model, ...]:
            found = []
            for provider in order:
                named = value(f"ai.providers.{provider}.models").get(size)
                # What a model without a price costs, nobody can set aside: the usual one is asked instead.
                name = named if named in prices else USUAL[provider][size]
                if provider in offered:
                    found.append(_model(provider, name, size, prices[name], rate))
            return tuple(found)

        org = asker.org
        return Rules(
            threshold=float(value(THRESHOLD, org=org, user=asker.user)),
            keep_for=_duration(value(TTL, org=org)),
            rest=_duration(value(COOLDOWN, org=org)),
            caps=Caps(
                tenant=Decimal(str(value(CAP))),
                org=None if org is None else Decimal(str(value(CAP, org=org))),
            ),
            small=models(Size.SMALL),
            large=models(Size.LARGE),
            paces={str(provider): int(count) for provider, count in value(PACES).items()},
            keeps_content=bool(value(CONTENT)["enabled"]),
        )


async def month_cap(registry: SettingsRegistry, asker: Asker) -> Caps:
    """The budgets of a month alone."""
    tenant = (await registry.effective(asker.tenant, CAP)).value
    org = None if asker.org is None else (await registry.effective(asker.tenant, CAP, org=asker.org)).value
    return Caps(tenant=Decimal(str(tenant)), org=None if org is None else Decimal(str(org)))


def _model(provider: ProviderName, name: str, size: Size, price: Price, rate: Decimal) -> Model:
    return Model(
        provider=provider,
        name=name,
        size=size,
        input_eur=price.input_usd * rate,
        output_eur=price.output_usd * rate,
        takes_temperature=price.temperature,
    )


def _told_prices(told: Any) -> dict[str, Price]:
    return {
        name: Price(
            Decimal(str(price["inputUsd"])),
            Decimal(str(price["outputUsd"])),
            bool(price.get("temperature", True)),
        )
        for name, price in told.items()
    }


def _duration(text: str) -> timedelta:
    found = _PARTS.fullmatch(text)
    if found is None:  # pragma: no cover - the setting's schema lets nothing else in
        raise ValueError("no duration")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
