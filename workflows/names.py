"""Names on the wire. Stable: histories and operators know them by heart."""

from __future__ import annotations

from typing import Final

LEAD_PROTECTION: Final = "lead-protection"
LEAD_ERASURE: Final = "lead-erasure"
HOLD_CAMPAIGN: Final = "hold-campaign"
SAMPLE_TEST: Final = "sample-test"
CREDIT_CHECK: Final = "credit-check"
LEAD_CLASSIFY: Final = "lead-classify"
INBOUND_MAIL: Final = "inbound-mail"
RECONCILIATION: Final = "reconciliation"
OWED_MAIL: Final = "owed-mail"
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
REMINDER_BOUNCED: Final = "reminder-bounced"
REQUEST_HOLD: Final = "request-hold"
DECIDE_HOLD: Final = "decide-hold"
REQUEST_EXTENSION: Final = "request-extension"
DECIDE_EXTENSION: Final = "decide-extension"
WITHDRAW_REQUEST: Final = "withdraw-request"
ADOPT_POLICY: Final = "adopt-policy"
ERASE: Final = "erase"
RECORD_AGAIN: Final = "record-again"

OPENED: Final = "opened"
SHIPPED: Final = "shipped"
DELIVERED: Final = "delivered"
TEST_PHASE: Final = "test-phase"
FEEDBACK: Final = "feedback"
CANCEL: Final = "cancel"
SAMPLE: Final = "sample"

PROTECTION: Final = "protection"
EXPLAIN: Final = "explain"
LEDGER: Final = "ledger"
REFUSED: Final = "refused"

LOOK_AGAIN: Final = "look-again"
PROGRESS: Final = "progress"


def workflow_id(tenant: object, lead: object) -> str:
    """The id of a lead's workflow."""
    return f"lead/{tenant}/{lead}"


def erasure_id(tenant: object, lead: object) -> str:
    """The id of the workflow that erases a lead's personal data."""
    return f"erasure/{tenant}/{lead}"


def campaign_id(tenant: object, campaign: object) -> str:
    """The id of the workflow that places one hold on many leads."""
    return f"hold-campaign/{tenant}/{campaign}"


def sample_id(tenant: object, box: object) -> str:
    """The id of the workflow that follows a box of samples."""
    return f"sample-test/{tenant}/{box}"


def classify_id(tenant: object, lead: object) -> str:
    """The id of the workflow that has a new lead classified."""
    return f"lead-classify/{tenant}/{lead}"


def credit_id(tenant: object, check: object) -> str:
    """The id of the workflow that sees a credit check through."""
    return f"credit-check/{tenant}/{check}"


def inbound_mail_id(tenant: object, mail: object, *, by_hand: bool) -> str:
    """The id of the workflow of a mail that came in; another one once a person has said whose it is."""
    return f"inbound-mail/{tenant}/{mail}{'/by-hand' if by_hand else ''}"


def owed_mail_id(tenant: object, lead: object, kind: object, cycle: object) -> str:
    """The id of the workflow that sends a notification whose order was lost."""
    return f"owed-mail/{tenant}/{lead}/{kind}/{cycle}"


def reconciliation_id(tenant: object) -> str:
    """The id of a reconciliation that somebody asks for; those of the schedule carry their time instead."""
    return f"{RECONCILIATION}/{tenant}"
