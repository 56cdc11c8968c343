"""Activities, and what ends, revives, hands over or corrects a lead (domain.md section 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from adapters.act_store import Standing
from adapters.console_model import person_by_key
from adapters.credit.rules import Occasion
from adapters.database import Connection
from protection.dates import format_instant
from protection.facts import (
    Corrected,
    ExtensionRequested,
    Fact,
    HoldReleased,
    HoldRequested,
    Registered,
    RequestDecided,
)
from protection.permission import Act
from protection.refusal import Code, Refused
from services import words
from services.acting import Check, Words, tell
from services.asking import Asking
from services.clock_reading import whole_ledger
from services.credit_required import credit_needed
from services.desk import Desk
from services.door import Done
from services.known_customers import require_new_customer_lead
from services.late import came_late
from services.openings import Backdating, checked_backdating
from workflows.messages import Convert, CorrectFact, RecordActivity, Reinstate, ReleaseLead, Transfer


async def log_activity(
    desk: Desk,
    asking: Asking,
    lead: UUID,
    *,
    kind: str,
    occurred_at: datetime | None = None,
    note: str | None = None,
) -> Done:
    """Log something the agent did or the customer said; progress if its kind qualifies.

    Args:
        occurred_at: UTC instant; None is now.

    Raises:
        See `services.acting.tell`.
    """
    message = asking.message(RecordActivity, kind=kind, occurred_at=occurred_at)
    return await tell(desk, asking, lead, message, act=Act.LOG_ACTIVITY, words=_noted(note))


async def transfer(
    desk: Desk, asking: Asking, lead: UUID, *, owner: str, reason: str, restart_base: bool = False
) -> Done:
    """Hand the lead over: a new tenure starts.

    Raises:
        See `services.acting.tell`.
    """
    why = words.reason(reason)

    async def check(connection: Connection, standing: Standing) -> None:
        await require_person(connection, asking, owner)
        if standing.owner == owner:
            raise words.malformed("owner", "the lead is theirs already")

    message = asking.message(Transfer, owner=owner, restart_base=restart_base)
    return await tell(desk, asking, lead, message, act=Act.GOVERN, words=(Words(why),), check=check)


async def release_lead(desk: Desk, asking: Asking, lead: UUID, *, note: str | None = None) -> Done:
    """Give the lead up: protection ends at once.

    Raises:
        See `services.acting.tell`.
    """
    message = asking.message(ReleaseLead)
    return await tell(desk, asking, lead, message, act=Act.RELEASE_LEAD, words=_noted(note))


async def convert(
    desk: Desk,
    asking: Asking,
    lead: UUID,
    *,
    customer_no: str | None = None,
    agreement_date: date | None = None,
    note: str | None = None,
) -> Done:
    """The lead has become a customer; its clock ends.

    Raises:
        CreditWanted: by a setting the credit bureau has to approve the company first.
        See besides `services.acting.tell`.
    """
    message = asking.message(Convert, customer_no=customer_no, agreement_date=agreement_date)
    await require_new_customer_lead(desk, asking, lead)
    needed = await credit_needed(desk, asking, lead, Occasion.CONVERSION)
    return await tell(desk, asking, lead, message, act=Act.GOVERN, words=_noted(note), check=needed)


async def reinstate(
    desk: Desk, asking: Asking, lead: UUID, *, reason: str, restart_base: bool = False
) -> Done:
    """Bring a lapsed or released lead back; progress is counted from now.

    Raises:
        See `services.acting.tell`.
    """
    message = asking.message(Reinstate, restart_base=restart_base)
    return await tell(desk, asking, lead, message, act=Act.GOVERN, words=(Words(words.reason(reason)),))


async def correct(
    desk: Desk,
    asking: Asking,
    lead: UUID,
    *,
    corrects: str,
    replacement: Mapping[str, Any] | None,
    reason: str,
) -> Done:
    """Say that an earlier fact was wrong: in these of its fields, or (None) altogether.

    Raises:
        Refused: it says how a request of the caller's own was decided.
        See `services.acting.tell`.
    """
    right = None if replacement is None else dict(replacement)
    message = asking.message(CorrectFact, corrects=corrects, replacement=right)

    async def check(connection: Connection, _: Standing) -> None:
        ledger = await whole_ledger(connection, asking.caller, lead)
        if _settles_own_request(ledger.facts, corrects, asking.caller.user):
            raise Refused(
                Code.OWN_REQUEST,
                "corrects",
                "nobody corrects what was decided about a request of their own; ask another manager",
            )

    return await _corrected(desk, asking, lead, message, said=Words(words.reason(reason)), check=check)


async def _corrected(
    desk: Desk,
    asking: Asking,
    lead: UUID,
    message: CorrectFact,
    *,
    said: Words,
    check: Check | None = None,
) -> Done:
    try:
        return await tell(desk, asking, lead, message, act=Act.GOVERN, words=(said,), check=check)
    except Refused as refused:
        if refused.code is not Code.PROTECTION_ENDED:
            raise
        raise await came_late(desk, asking, lead, message, refused) from refused


async def set_registered_at(desk: Desk, asking: Asking, lead: UUID, said: Backdating) -> Done:
    """Correct when protection began; moves the base period, not the progress period.

    Said again by the same person, because nobody answered in time, it is still the same correction.

    Raises:
        Refused: the same person has set this very instant already, for another reason.
        See `services.acting.tell`.
    """
    right = checked_backdating(said, desk.now())
    async with desk.looking(asking) as connection:
        ledger = await whole_ledger(connection, asking.caller, lead)
    first = next((fact for fact in ledger.facts if isinstance(fact, Registered)), None)
    if first is None:
        raise Refused(Code.NOT_REGISTERED, "", "the lead is only pre-registered; register it first")
    replacement = {"registered_at": format_instant(right.registered_at)}
    if not asking.lasting:
        asking = replace(asking, fact_id=_setting_id(asking, lead, first, replacement, ledger.facts))
    message = asking.message(CorrectFact, corrects=first.fact_id, replacement=replacement)
    try:
        return await _corrected(desk, asking, lead, message, said=Words(right.words, "backdated"))
    except Refused as refused:
        if refused.code is not Code.FACT_ID_REUSED or asking.lasting:
            raise
        raise Refused(
            Code.FACT_ID_REUSED,
            "reason",
            "you have set this very instant already, for another reason; that reason stands",
        ) from refused


def _setting_id(
    asking: Asking, lead: UUID, first: Registered, replacement: Mapping[str, Any], facts: Sequence[Fact]
) -> str:
    """One id for all tries of somebody to set this instant; another once it was set otherwise."""
    said = [fact for fact in facts if isinstance(fact, Corrected) and fact.corrects == first.fact_id]
    if said and said[-1].by == asking.caller.user and said[-1].replacement == replacement:
        return said[-1].fact_id
    at = replacement["registered_at"]
    return str(uuid5(asking.tenant, f"registered-at/{lead}/{asking.caller.user}/{at}/{len(said)}"))


async def require_person(connection: Connection, asking: Asking, user: str, field: str = "owner") -> None:
    """Go on only if the tenant has somebody of this id.

    Raises:
        Refused: it has not; names the field.
    """
    found = await person_by_key(connection, asking.tenant, user)
    if found is None or found.id != user:
        raise words.malformed(field, "there is nobody of this id")


def _settles_own_request(facts: Sequence[Fact], corrects: str, user: str) -> bool:
    """Whether this fact says how a request of the user went: what was decided, or what that rests on."""
    decided = {fact.request for fact in facts if isinstance(fact, RequestDecided)}
    own = {
        fact.request
        for fact in facts
        if isinstance(fact, HoldRequested | ExtensionRequested) and fact.by == user
    }
    match next((fact for fact in facts if fact.fact_id == corrects), None):
        case RequestDecided(request=name) | HoldRequested(request=name) | HoldReleased(hold=name):
            return name in own & decided
        case _:
            return False


def _noted(note: str | None) -> tuple[Words, ...]:
    said = words.note(note)
    return () if said is None else (Words(said),)
