"""From the form of a correction to the fields that are to be different."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from api.pages.reader import Reader
from api.pages.routes.lead_forms import CorrectionForm
from protection.basis import CORRECTABLE, effective
from protection.dates import format_instant
from protection.facts import Fact
from protection.refusal import Code, Refused

# Fields that may be emptied: a hold without an end lasts until it is released.
_MAY_BE_EMPTY: Final = frozenset({"end_at", "ended_at"})


def replacement_of(facts: Sequence[Fact], said: CorrectionForm, reader: Reader) -> dict[str, Any] | None:
    """The right values of what was wrong; None where the entry never was.

    Args:
        facts: the ledger.
        said: the form; it holds every field of the entry, most of them as they were.
        reader: whose minutes the form shows.

    Raises:
        Refused: nothing is to be different.
    """
    if said.never:
        return None
    fact = next((one for one in effective(facts) if one.fact_id == said.corrects), None)
    if fact is None:
        raise Refused(Code.UNKNOWN_FACT, "corrects", "there is no such fact in this ledger")
    right: dict[str, Any] = {}
    for name in sorted(CORRECTABLE.get(type(fact), ())):
        before, after = getattr(fact, name), getattr(said, "hold_reason" if name == "reason" else name)
        if after is None and name not in _MAY_BE_EMPTY:
            continue
        if _shown(before, reader) != _shown(after, reader):
            right[name] = format_instant(after) if isinstance(after, datetime) else after
    if not right:
        raise Refused(Code.NOT_CORRECTABLE, "corrects", "nothing is different from what the entry says")
    return right


def _shown(value: Any, reader: Reader) -> str:
    """As the form shows it: instants to the minute."""
    if value is None:
        return ""
    return reader.typed(value) if isinstance(value, datetime) else str(value)
