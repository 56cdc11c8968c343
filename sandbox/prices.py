"""What the played AI providers charge: list prices in US dollars for a million tokens, as of autumn 2025."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_MILLION: Final = Decimal(1_000_000)
# The longest beginning of a model's name counts; a model nobody knows costs as much as the dearest.
_PER_MILLION: Final = {
    "gpt-5-nano": (Decimal("0.05"), Decimal("0.40")),
    "gpt-5-mini": (Decimal("0.25"), Decimal("2.00")),
    "gpt-5": (Decimal("1.25"), Decimal("10.00")),
    "gpt-4.1-nano": (Decimal("0.10"), Decimal("0.40")),
    "gpt-4.1-mini": (Decimal("0.40"), Decimal("1.60")),
    "gpt-4.1": (Decimal("2.00"), Decimal("8.00")),
    "gpt-4o-mini": (Decimal("0.15"), Decimal("0.60")),
    "gpt-4o": (Decimal("2.50"), Decimal("10.00")),
    "claude-haiku-4-5": (Decimal("1.00"), Decimal("5.00")),
    "claude-3-5-haiku": (Decimal("0.80"), Decimal("4.00")),
    "claude-sonnet-4": (Decimal("3.00"), Decimal("15.00")),
    "claude-opus-4-5": (Decimal("5.00"), Decimal("25.00")),
    "claude-opus-4": (Decimal("15.00"), Decimal("75.00")),
}


@dataclass(frozen=True, slots=True)
class Charged:
    """One call on a bill.

    Attributes:
        model: who answered.
        input_tokens: of the prompt.
        output_tokens: of the answer.
    """

    model: str
    input_tokens: int
    output_tokens: int

    @property
    def usd(self) -> Decimal:
        """US dollars, unrounded."""
        known = [name for name in _PER_MILLION if self.model.startswith(name)]
        name = max(known, key=len) if known else "claude-opus-4"
        asked, answered = _PER_MILLION[name]
        return (asked * self.input_tokens + answered * self.output_tokens) / _MILLION


@dataclass(frozen=True, slots=True)
class Bill:
    """What a provider charges.

    Attributes:
        calls: one for each answer that was delivered.
    """

    calls: tuple[Charged, ...]

    @property
    def input_tokens(self) -> int:
        """Of all prompts."""
        return sum(call.input_tokens for call in self.calls)

    @property
    def output_tokens(self) -> int:
        """Of all answers."""
        return sum(call.output_tokens for call in self.calls)

    @property
    def usd(self) -> Decimal:
        """US dollars, unrounded."""
        return sum((call.usd for call in self.calls), Decimal(0))

    def eur(self, per_usd: Decimal) -> Decimal:
        """Euros, unrounded.

        Args:
            per_usd: how many euros a dollar costs.
        """
        return self.usd * per_usd
