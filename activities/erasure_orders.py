"""What the erasure of a lead's personal data is ordered with, and what came of it. Ids and instants only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

EXAMINE_ERASURE = "examine-erasure"
END_PROTECTION = "end-protection"
ERASE_PERSONAL_DATA = "erase-personal-data"


class Cause(StrEnum):
    """Why personal data are erased. Wire names."""

    LAPSE = "lapse"
    REQUEST = "request"


class Obstacle(StrEnum):
    """Why personal data stay. Wire names.

    Attributes:
        CONVERTED: the lead has become a customer; other duties apply to his data.
        LEGAL_HOLD: somebody has put down a duty to keep them.
        LIVING: protection lasts, or was taken up again meanwhile.
        NOT_RUNNING: protection lasts, but no workflow runs that could end it.
        REFUSED: the lead's workflow refused to end.
        UNKNOWN_LEAD: there is no such lead, or nothing was recorded of it.
    """

    CONVERTED = "converted"
    LEGAL_HOLD = "legal-hold"
    LIVING = "living"
    NOT_RUNNING = "not-running"
    REFUSED = "refused"
    UNKNOWN_LEAD = "unknown-lead"


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """Erase what is personal of a lead.

    Attributes:
        tenant: uuid of the tenant.
        lead: uuid of the lead.
        erasure: uuid of this erasure; repeating it under the same id changes nothing.
        cause: why.
        by: id of whoever asked, or of the part of the system that noticed the lapse.
        at: the instant it is done, ISO 8601 with a zone.
    """

    tenant: str
    lead: str
    erasure: str
    cause: Cause
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Examined:
    """Whether it can be done.

    Attributes:
        living: protection lasts and has to be ended first.
        obstacle: why it cannot be done; None if it can.
        objection_days: how long after a lapse somebody may still object, in days.
    """

    living: bool
    obstacle: Obstacle | None = None
    objection_days: int = 0


@dataclass(frozen=True, slots=True)
class Erasure:
    """What came of it.

    Attributes:
        obstacle: why nothing was done; None if it was.
        receipt: uuid of the receipt; None where there was nothing left to erase, or nothing was done.
        rows: how many rows of personal data were emptied.
    """

    obstacle: Obstacle | None = None
    receipt: str | None = None
    rows: int = 0
