"""Search attributes: what operators filter workflows by. Ids and clock facts only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeKey

from protection.decide import next_change
from protection.lifecycle import snapshot
from workflows.desk import Desk

STATUS = SearchAttributeKey.for_keyword("LeadStatus")
PAUSED = SearchAttributeKey.for_bool("LeadPaused")
OWNER = SearchAttributeKey.for_keyword("LeadOwner")
TENANT = SearchAttributeKey.for_keyword("LeadTenant")
VALID_UNTIL = SearchAttributeKey.for_datetime("ValidUntil")
NEXT_WAKE_UP = SearchAttributeKey.for_datetime("NextWakeUp")
HOLD_REASONS = SearchAttributeKey.for_keyword_list("HoldReasons")


def attributes(desk: Desk, now: datetime) -> dict[SearchAttributeKey[Any], Any]:
    """Every attribute with the value it should have now; None where it has none."""
    answer = snapshot(desk.state, now)
    return {
        STATUS: str(answer.status),
        PAUSED: answer.paused,
        OWNER: desk.state.basis.owner,
        TENANT: desk.tenant,
        VALID_UNTIL: answer.valid_until,
        NEXT_WAKE_UP: next_change(desk.state, now),
        HOLD_REASONS: desk.hold_reasons(now) or None,
    }
