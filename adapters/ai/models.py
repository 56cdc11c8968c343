"""Which models there are and what they cost, as data: list prices in US dollars for a million tokens.

What a tenant's settings say comes first; a model without a price is never asked, the usual one is. A
dollar is booked at the rate the tenant has settled (`ai.prices.eurPerUsd`), which stands above the market's,
so that the euros booked do not fall short of the euros billed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from activities.ai.case import Size, UseCase
from adapters.outside_settings import ProviderName


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, and whether the model lets its temperature be set."""

    input_usd: Decimal
    output_usd: Decimal
    temperature: bool = True


PRICES: Final[Mapping[str, Price]] = MappingProxyType(
    {
        "gpt-4.1": Price(Decimal("2.00"), Decimal("8.00")),
        "gpt-4.1-mini": Price(Decimal("0.40"), Decimal("1.60")),
        "gpt-4.1-nano": Price(Decimal("0.10"), Decimal("0.40")),
        "gpt-4o": Price(Decimal("2.50"), Decimal("10.00")),
        "gpt-4o-mini": Price(Decimal("0.15"), Decimal("0.60")),
        "claude-haiku-4-5": Price(Decimal("1.00"), Decimal("5.00")),
        "claude-sonnet-4-5": Price(Decimal("3.00"), Decimal("15.00")),
        "claude-sonnet-4-6": Price(Decimal("3.00"), Decimal("15.00")),
        "claude-opus-4-5": Price(Decimal("5.00"), Decimal("25.00")),
    }
)
# Used where a tenant names none: models that take a temperature and whose price we know.
USUAL: Final[Mapping[ProviderName, Mapping[Size, str]]] = MappingProxyType(
    {
        ProviderName.OPENAI: {Size.SMALL: "gpt-4.1-mini", Size.LARGE: "gpt-4.1"},
        ProviderName.ANTHROPIC: {Size.SMALL: "claude-haiku-4-5", Size.LARGE: "claude-sonnet-4-6"},
    }
)
_OPENAI_FIRST: Final = (ProviderName.OPENAI, ProviderName.ANTHROPIC)
_ANTHROPIC_FIRST: Final = (ProviderName.ANTHROPIC, ProviderName.OPENAI)
# Whose models are asked first where a tenant says nothing; the other one is the fallback.
ORDER: Final[Mapping[UseCase, tuple[ProviderName, ...]]] = MappingProxyType(
    {
        UseCase.LEAD_CLASSIFY: _OPENAI_FIRST,
        UseCase.EMAIL_CATEGORIZE: _OPENAI_FIRST,
        UseCase.CONTACT_ROLE_DETECT: _OPENAI_FIRST,
        UseCase.ACTIVITY_SUMMARIZE: _OPENAI_FIRST,
        UseCase.PRODUCT_MATCH: _OPENAI_FIRST,
        UseCase.HELP_DRAFT: _OPENAI_FIRST,
        UseCase.ROI_RECOMMEND: _ANTHROPIC_FIRST,
        UseCase.RISK_ASSESS: _ANTHROPIC_FIRST,
        UseCase.SAMPLE_STRATEGY: _ANTHROPIC_FIRST,
        UseCase.NEGOTIATION_SUPPORT: _ANTHROPIC_FIRST,
    }
)
