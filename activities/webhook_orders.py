"""What the steps about news of systems outside are ordered with and answer. Ids and instants only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HANDLE_CREDIT_EVENT: Final = "handle-credit-event"
HANDLE_ERP_EVENT: Final = "handle-erp-event"
SETTLE_WEBHOOK_EVENT: Final = "settle-webhook-event"


class Source(StrEnum):
    """Who sends news by himself. Wire names: part of addresses, ids of workflows, and rows."""

    XENTRAL = "xentral"
    ALLIANZ = "allianz"


class EventState(StrEnum):
    """What became of a piece of news. Wire names.

    Attributes:
        WAITING: nobody has settled it yet.
        HANDLED: it was made use of, or found to be of none; what it said is not kept.
        DEAD: given up after many tries; somebody may have it tried again.
    """

    WAITING = "waiting"
    HANDLED = "handled"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class WebhookOrder:
    """Make use of a piece of news.

    Attributes:
        tenant: uuid.
        event: uuid of its row.
    """

    tenant: str
    event: str


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of it.

    Attributes:
        outcome: in a word or two with hyphens, for people who look after the systems outside.
    """

    outcome: str


@dataclass(frozen=True, slots=True)
class SettleOrder:
    """Put down what became of a piece of news.

    Attributes:
        tenant: uuid.
        event: uuid of its row.
        round: which time it was given to a workflow; a later round is not settled by an earlier one.
        state: an `EventState`, not `waiting`.
        outcome: what came of it, or the type of the last error.
        at: the instant, ISO 8601 with a zone.
    """

    tenant: str
    event: str
    round: int
    state: str
    outcome: str
    at: str
