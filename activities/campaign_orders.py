"""What a step of a hold campaign is ordered with, and what came of it. Ids, counts and instants only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ADVANCE_CAMPAIGN = "advance-campaign"


class Turn(StrEnum):
    """Where one lead of a campaign stands. Wire names.

    Attributes:
        WAITING: nothing was told yet, or nobody answered.
        PLACED: the hold stands.
        REFUSED: the contract does not allow it.
        ENDED: the hold was placed, and let go when the campaign was ended.
        LEFT_OUT: the campaign was ended before its turn.
    """

    WAITING = "waiting"
    PLACED = "placed"
    REFUSED = "refused"
    ENDED = "ended"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class CampaignOrder:
    """Take the next leads of a campaign in hand.

    Attributes:
        tenant: uuid of the tenant.
        campaign: uuid of the campaign.
        most: how many leads at most.
        after: uuid of the lead before them; None begins with the first.
    """

    tenant: str
    campaign: str
    most: int
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CampaignStep:
    """How far a campaign is after a step.

    Attributes:
        after: uuid of the last lead of the step; None where no other follows.
        left: leads that something is still to be told to.
        placed: leads on which the hold stands.
        refused: leads on which it cannot.
        ended: leads it was let go of, or was never placed on, because the campaign was ended.
        ending: the campaign is being ended.
    """

    after: str | None
    left: int
    placed: int
    refused: int
    ended: int
    ending: bool
