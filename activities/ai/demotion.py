"""Models that are asked last for a while: their answers were of no use, or their provider refused us."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from activities.ai.ports import Model

# One unusable answer may be bad luck.
STRIKES: Final = 3


class Demotions:
    """Which models rest. What an outage does is the breaker's business, not theirs.

    Args:
        now: UTC instants.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._strikes: dict[tuple[str, str], int] = {}
        self._until: dict[tuple[str, str], datetime] = {}

    def in_order(self, models: Iterable[Model]) -> list[Model]:
        """The same models, those that rest last."""
        return sorted(models, key=lambda model: self.rests_until(model) is not None)

    def rests_until(self, model: Model) -> datetime | None:
        """Until when a model is asked last, a UTC instant; None: it is not."""
        until = self._until.get((model.provider, model.name))
        return until if until is not None and until > self._now() else None

    def strike(self, model: Model, rest: timedelta) -> None:
        """An answer of no use; so many in a row and the model rests."""
        key = (model.provider, model.name)
        self._strikes[key] = self._strikes.get(key, 0) + 1
        if self._strikes[key] >= STRIKES:
            self.demote(model, rest)

    def demote(self, model: Model, rest: timedelta) -> None:
        """Its provider does not let us use it; only a person mends that."""
        key = (model.provider, model.name)
        self._strikes.pop(key, None)
        self._until[key] = self._now() + rest

    def praise(self, model: Model) -> None:
        """A good answer: what was before is forgotten."""
        key = (model.provider, model.name)
        self._strikes.pop(key, None)
        self._until.pop(key, None)
