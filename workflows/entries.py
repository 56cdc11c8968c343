"""Facts that were accepted and are on their way to the ledger. No Temporal here."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from protection.facts import Fact
from protection.state import LeadState


class Fate(StrEnum):
    """What became of an accepted fact."""

    PENDING = "pending"
    RECORDED = "recorded"
    LOST = "lost"


@dataclass(slots=True)
class Ticket:
    """Follows one fact from acceptance to the ledger."""

    revision: int
    fate: Fate = Fate.PENDING


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact that was taken in, between two states of the lead; without one before, it opened it."""

    fact: Fact
    before: LeadState | None
    after: LeadState
    ticket: Ticket


def heard_at(told: Fact, at: datetime) -> Fact:
    """The same message heard at another instant, at which whatever it left open begins."""
    heard: dict[str, Any] = {
        field.name: at for field in fields(told) if getattr(told, field.name) == told.recorded_at
    }
    return replace(told, **heard)


def same(told: Fact, stored: Fact) -> bool:
    """Whether one and the same message told both facts, whenever it was heard."""
    if type(told) is not type(stored):
        return False
    at = stored.recorded_at
    return stored in (replace(told, recorded_at=at), heard_at(told, at))
