"""What an act would do to a lead's dates: the engine's answer before and after, with nothing done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from adapters.database import Caller, Connection
from protection.dates import local, zone
from protection.lifecycle import Snapshot, apply, replay, snapshot
from protection.refusal import Code, Refused
from protection.simulator import settle
from services.clock_reading import whole_ledger
from workflows.messages import TellsFact

# Of facts that are only played with.
_PLAYED: Final = "played-with"


@dataclass(frozen=True, slots=True)
class Effect:
    """A lead before and after an act.

    Attributes:
        after: None where the contract refuses the act.
        refused: why it does.
        days: by how many local dates the end of protection moves; None where it is unknown before or after.
        base_days: the same for the end of the base period.
        progress_days: the same for the day until which a progress is expected.
    """

    lead: UUID
    before: Snapshot
    after: Snapshot | None = None
    refused: Code | None = None
    days: int | None = None
    base_days: int | None = None
    progress_days: int | None = None


async def effect_of(
    connection: Connection, caller: Caller, lead: UUID, message: TellsFact, *, now: datetime
) -> Effect:
    """What telling the lead this would do to its dates.

    Args:
        connection: a transaction in the caller's context.
        message: the act; nothing is sent.
        now: UTC instant as of which it is done.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    ledger = await whole_ledger(connection, caller, lead)
    state = replay(ledger.policy, ledger.facts)
    moment = max(now, state.recorded_at)
    state = settle(state, moment, assume_reminders=False)
    before = snapshot(state, moment)
    try:
        after = snapshot(apply(state, message.fact(_PLAYED, moment)), moment)
    except Refused as refused:
        return Effect(lead, before, refused=refused.code)
    tz = zone(state.policy.timezone)
    return Effect(
        lead,
        before,
        after,
        days=_days(before.valid_until, after.valid_until, tz),
        base_days=_days(before.base_until, after.base_until, tz),
        progress_days=_days(before.progress_until, after.progress_until, tz),
    )


def _days(was: datetime | None, will_be: datetime | None, tz: ZoneInfo) -> int | None:
    return (
        None if was is None or will_be is None else (local(will_be, tz).date() - local(was, tz).date()).days
    )
