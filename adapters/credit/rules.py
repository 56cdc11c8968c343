"""What a tenant has settled about credit checks (domain.md section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import TypeAdapter

from adapters.credit.records import Grade
from adapters.registry import SettingsRegistry

TTL: Final = "credit.cache.ttl"
WINDOW: Final = "credit.batch.window.ms"
SLO: Final = "credit.peak.slo.p95.ms"
_DURATION: Final = TypeAdapter(timedelta)
_WHOLE: Final = TypeAdapter(int)


class Occasion(StrEnum):
    """What can be made to wait for a positive answer: the settings that say so."""

    SAMPLES = "credit.require.samples"
    CONVERSION = "credit.require.conversion"


@dataclass(frozen=True, slots=True)
class CreditRules:
    """How checks are answered.

    Attributes:
        ttl: for how long an answer serves the next who asks.
        window: for how long questions are put together.
    """

    ttl: timedelta
    window: timedelta


@dataclass(frozen=True, slots=True)
class Requirement:
    """Whether something waits for a positive answer.

    Attributes:
        worst: the worst grade that will do; None: any.
    """

    required: bool
    worst: Grade | None


async def credit_rules(registry: SettingsRegistry, tenant: UUID, org: str | None) -> CreditRules:
    """What holds for somebody of this org."""
    ttl = (await registry.effective(tenant, TTL, org=org)).value
    window = (await registry.effective(tenant, WINDOW, org=org)).value
    return CreditRules(
        ttl=_DURATION.validate_python(ttl),
        window=timedelta(milliseconds=_WHOLE.validate_python(window, strict=True)),
    )


async def promised_p95(registry: SettingsRegistry, tenant: UUID) -> int:
    """Milliseconds that 95 of 100 checks are to stay under at peak."""
    return _WHOLE.validate_python((await registry.effective(tenant, SLO)).value, strict=True)


async def requirement(
    registry: SettingsRegistry, tenant: UUID, occasion: Occasion, org: str | None
) -> Requirement:
    """Whether this waits for a positive answer."""
    value = (await registry.effective(tenant, occasion, org=org)).value
    if not isinstance(value, dict):  # pragma: no cover - the setting's schema lets nothing else in
        raise TypeError(f"{occasion} is no object")
    worst = value.get("worstGrade")
    return Requirement(value["required"] is True, None if worst is None else Grade(str(worst)))
