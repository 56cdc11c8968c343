"""Erasing a lead's personal data because somebody asked for it: what it would meet, and that it begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from adapters.database import Caller, Connection, Pool, transaction
from adapters.erasure_gateway import ErasureAnswer, TemporalErasures
from adapters.erasure_store import Outlook, foreseen
from adapters.lead_gateway import LeadsUnavailable
from adapters.retention import Receipt, receipts_of
from protection.permission import Act
from services import words
from services.asking import Asking
from services.desk import Desk
from services.door import Done, enter, finish, new_entry, relation, stand, take_back
from services.errors import ErasureBarred, Unavailable

_RECEIPT: Final = "receipt"
_ROWS: Final = "rows"
_OVER: Final = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """An erasure that was begun.

    Attributes:
        over: whether it has come to an end; else it goes on, and leaves a receipt.
        receipt: id of the receipt; None while it goes on, and where nothing was left to erase.
        rows: how many rows were emptied until now.
    """

    lead: UUID
    over: bool
    receipt: UUID | None
    rows: int


def checked_reason(text: str) -> str:
    """Why something is erased. It stays in the audit for good, so it must say something.

    Raises:
        Malformed: it is too short to be a reason, or too long.
    """
    return words.reason(text, least=words.MIN_GRAVE_REASON)


async def outlook(pool: Pool, asking: Asking, lead: UUID, *, reason: str) -> Outlook:
    """What an erasure would meet now; nothing is done.

    Args:
        pool: connections as the application role.
        reason: why; only looked at.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not erase.
        Malformed: the reason says nothing.
    """
    checked_reason(reason)
    caller = asking.caller
    async with transaction(pool, caller.tenant, caller.user, caller.roles, reading=True) as connection:
        return await _looked_at(connection, asking, lead)


async def erase(
    desk: Desk, erasures: TemporalErasures, asking: Asking, lead: UUID, *, reason: str, patience: timedelta
) -> Erasing:
    """Begin an erasure; protection of a living lead ends first. One under way is joined.

    The audit is told who asked and why in the transaction that lets the act in.

    Args:
        reason: why; stays in the audit for good.
        patience: how long to wait for its end; it goes on behind the answer.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not erase.
        Malformed: the reason says nothing.
        KeyReused: the idempotency key stands for another request.
        ErasureBarred: something stands against it; nothing was erased.
        Unavailable: nobody could be asked; repeat it.
    """
    why = checked_reason(reason)
    entry = new_entry(desk, asking, lead, Act.ERASE, {"reason": why})
    async with desk.writing(asking, reason=why) as connection:
        seen = await _looked_at(connection, asking, lead)
        known = await enter(connection, entry)
        if known is not None:
            if known.done is not None:
                return _told(known.done)
            entry = replace(entry, id=known.id)
        if seen.obstacle is not None:
            raise ErasureBarred(seen, seen.obstacle)
    try:
        begun = await erasures.begin(asking.tenant, lead, by=asking.caller.user)
        answer = await erasures.outcome(begun, within=patience)
    except LeadsUnavailable as error:
        raise Unavailable from error
    if answer is not None and answer.obstacle is not None:
        await take_back(desk, asking, entry)
        raise ErasureBarred(seen, answer.obstacle)
    done = Done(
        lead=lead,
        fact_id=asking.fact_id,
        revision=None,
        duplicate=False,
        status=str(seen.status),
        paused=False,
        valid_until=None,
        detail=_kept(answer),
    )
    return _told(await finish(desk, asking, entry, done, None))


async def receipts(connection: Connection, caller: Caller, lead: UUID) -> list[Receipt]:
    """The receipts of a lead's erasures, the newest first.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: he may neither erase nor read the lead's audit.
    """
    asking = Asking.of(caller)
    about = relation(await stand(connection, asking, lead))
    if not asking.may(Act.ERASE, about):
        asking.require(Act.READ_AUDIT, about)
    return (await receipts_of(connection, caller.tenant, lead))[::-1]


async def _looked_at(connection: Connection, asking: Asking, lead: UUID) -> Outlook:
    asking.require(Act.ERASE, relation(await stand(connection, asking, lead)))
    return await foreseen(connection, asking.tenant, lead, datetime.now(UTC))


def _kept(answer: ErasureAnswer | None) -> dict[str, Any]:
    if answer is None:
        return {_OVER: False, _RECEIPT: None, _ROWS: 0}
    receipt = None if answer.receipt is None else str(answer.receipt)
    return {_OVER: True, _RECEIPT: receipt, _ROWS: answer.rows}


def _told(done: Done) -> Erasing:
    receipt = done.detail[_RECEIPT]
    return Erasing(
        lead=done.lead,
        over=done.detail[_OVER],
        receipt=None if receipt is None else UUID(receipt),
        rows=done.detail[_ROWS],
    )
