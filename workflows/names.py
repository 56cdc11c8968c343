"""Names on the wire. Stable: histories and operators know them by heart."""

from __future__ import annotations

from typing import Final

LEAD_PROTECTION: Final = "lead-protection"
PROTECTION_QUEUE: Final = "protection"

RECORD_ACTIVITY: Final = "record-activity"
PLACE_HOLD: Final = "place-hold"
RELEASE_HOLD: Final = "release-hold"
GRANT_EXTENSION: Final = "grant-extension"
REGISTER: Final = "register"
TRANSFER: Final = "transfer"
CONVERT: Final = "convert"
RELEASE_LEAD: Final = "release-lead"
REINSTATE: Final = "reinstate"
CORRECT_FACT: Final = "correct-fact"
RETRY_REMINDER: Final = "retry-reminder"

PROTECTION: Final = "protection"
EXPLAIN: Final = "explain"
LEDGER: Final = "ledger"
REFUSED: Final = "refused"


def workflow_id(tenant: object, lead: object) -> str:
    """The id of a lead's workflow."""
    return f"lead/{tenant}/{lead}"
