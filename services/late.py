"""A correction of a lapsed lead: refused, but listed if it would have kept the lead (domain.md section 5)."""

from __future__ import annotations

from uuid import UUID

from adapters.database import Connection
from adapters.late_store import list_late
from protection.facts import Corrected
from protection.late import Kept, kept_by
from protection.refusal import Code, Refused
from services.asking import Asking
from services.clock_reading import whole_ledger
from services.desk import Desk
from workflows.messages import CorrectFact


async def came_late(
    desk: Desk, asking: Asking, lead: UUID, message: CorrectFact, refused: Refused
) -> Refused:
    """Put the lead on the list of those a correction would have kept, and say so; else the refusal as it was.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    async with desk.writing(asking) as connection:
        correction, kept = await _kept(connection, asking, lead, message)
        if kept is None:
            return refused
        if not asking.dry_run:
            await list_late(
                connection,
                asking.caller,
                lead,
                correction.corrects,
                correction.replacement,
                kept=kept,
                at=desk.now(),
            )
    until = "a day nobody knows yet" if kept.until is None else f"{kept.until:%Y-%m-%d %H:%M} UTC"
    return Refused(
        Code.PROTECTION_ENDED,
        refused.field,
        f"protection lapsed at {kept.ended_at:%Y-%m-%d %H:%M} UTC; known in time, this would have kept it "
        f"until {until}. The lead stands among the late corrections; a manager can reinstate it",
    )


async def _kept(
    connection: Connection, asking: Asking, lead: UUID, message: CorrectFact
) -> tuple[Corrected, Kept | None]:
    ledger = await whole_ledger(connection, asking.caller, lead)
    correction = Corrected(
        fact_id=asking.fact_id,
        recorded_at=ledger.facts[-1].recorded_at,
        by=asking.caller.user,
        corrects=message.corrects,
        replacement=message.replacement,
    )
    return correction, kept_by(ledger.policy, ledger.facts, correction)
