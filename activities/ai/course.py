"""One call on its way: what is settled for it, what it may cost, where its answers are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from activities.ai.asking import Asker
from activities.ai.case import Size
from activities.ai.ports import Keep, Kept, Model, Prompt, Providers, Rules

# Longer than one question to every provider, one after the other, can take (10 s to connect, 30 s to read).
RESERVED_FOR: Final = timedelta(minutes=3)


@dataclass(slots=True, kw_only=True)
class Course:
    """A call on its way.

    Attributes:
        call: its id in the audit.
        mark: what makes two calls the same, but for the model.
        keep_for: how long its answers are kept; not at all if that is nothing.
        began: when, on the router's clock, in seconds.
        set_aside: what the next question may cost, EUR.
    """

    call: UUID
    asker: Asker
    rules: Rules
    prompt: Prompt
    mark: bytes
    keep_for: timedelta
    began: float
    set_aside: Decimal = Decimal(0)

    def most(self, providers: Providers, model: Model) -> Decimal:
        """What one question to this model can cost at most, EUR."""
        return model.cost(*providers.most_tokens(model, self.prompt))

    def until(self, at: datetime) -> datetime:
        """When what is set aside now is free again by itself."""
        return at + RESERVED_FOR

    def keys(self, size: Size) -> tuple[bytes, ...]:
        """Keys of kept answers of this size, of the first choice first; none where nothing is kept."""
        if not self.keep_for:
            return ()
        return tuple(self._key(model) for model in self.rules.models(size))

    def keep(self, model: Model, kept: Kept, at: datetime) -> Keep | None:
        """How this model's answer is kept."""
        if not self.keep_for:
            return None
        return Keep(key=self._key(model), kept=kept, until=at + self.keep_for)

    def _key(self, model: Model) -> bytes:
        return hashlib.sha256(self.mark + f"{model.provider}/{model.name}".encode()).digest()
