"""How an act on a lead is done: who may, is it new, its words, one message, the answer.

The act is entered first, in one transaction as the caller: row security has its own say there, and an
idempotency key finds the act again. Words (notes, reasons) go into the vault in that same transaction, so
that none is lost; the message carries ids and times only. The lead's workflow answers once the fact is
on record, so that whoever reads after an answer sees what he did.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from adapters.act_store import ActEntry, Standing
from adapters.database import Connection
from adapters.lead_entry import ContactEntry
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, Told
from adapters.note_store import note_entry
from adapters.read_model import protection_of
from adapters.vault import Erased, KeyOutOfReach, NoteConflict
from protection.dates import format_instant
from protection.lifecycle import apply, replay, snapshot
from protection.permission import Act
from protection.refusal import Code, Refused
from protection.simulator import settle
from protection.state import ENDED, LeadState, Status
from services.asking import Asking
from services.clock_reading import whole_ledger
from services.desk import Desk
from services.door import (
    Detail,
    Done,
    Tried,
    enter,
    enter_plainly,
    finish,
    new_entry,
    relation,
    stand,
    take_back,
)
from services.errors import Forbidden, NobodyKeepsIt, Unavailable
from workflows.messages import Reinstate, TellsFact, to_json

_OF_THE_REQUEST: Final = frozenset({"by", "fact_id", "if_revision"})

# Looks at the lead inside the transaction, and raises where the act must not be.
Check: TypeAlias = "Callable[[Connection, Standing], Awaitable[None]]"


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote about an act; goes to the vault only.

    Attributes:
        part: tells several texts about one fact apart.
    """

    text: str
    part: str = "note"


async def tell(
    desk: Desk,
    asking: Asking,
    lead: UUID,
    message: TellsFact,
    *,
    act: Act,
    words: Sequence[Words] = (),
    contacts: Sequence[ContactEntry] = (),
    check: Check | None = None,
    detail: Detail | None = None,
) -> Done:
    """Do an act on a lead; repeating it under the same key changes nothing.

    Args:
        message: tells it to the lead's workflow; made by `asking.message`.
        act: what the caller must be allowed to do.
        words: what was written about it.
        contacts: other personal data that come with it.
        check: looks at the lead once more before anything is entered.
        detail: reads what else the answer tells.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not do this.
        Refused: the contract does not allow it; nothing has changed.
        KeyReused: the idempotency key stands for another request.
        Unavailable: nobody took it up in time; repeat it with the same key.
    """
    said = {name: value for name, value in to_json(message).items() if name not in _OF_THE_REQUEST}
    notes = [note_entry(lead, asking.fact_id, word.text, at=desk.now(), part=word.part) for word in words]
    entries = [*contacts, *notes]
    entry = new_entry(desk, asking, lead, act, {"message": type(message).__name__, **said}, entries=entries)
    if asking.dry_run:
        return await _tried(desk, asking, lead, message, act)
    added: list[UUID] = []
    if entries or check is not None or not await enter_plainly(desk, asking, entry):
        entered = await _enter(desk, asking, entry, lead, message, entries=entries, check=check)
        if isinstance(entered, Done):
            return entered
        entry, added = entered
    try:
        done = await _send(desk, asking, lead, message)
    except Refused as refused:
        # Words of an earlier try that never arrived go too, unless another fact owns this id.
        stale = [] if refused.code is Code.FACT_ID_REUSED else [written.id for written in entries]
        await take_back(desk, asking, entry, {*added, *stale})
        raise
    except NobodyKeepsIt:
        # Nobody was there to take it, and it is not on record from before.
        await take_back(desk, asking, entry, {written.id for written in entries})
        raise
    return await finish(desk, asking, entry, done, detail)


async def _enter(
    desk: Desk,
    asking: Asking,
    entry: ActEntry,
    lead: UUID,
    message: TellsFact,
    *,
    entries: Sequence[ContactEntry],
    check: Check | None,
) -> tuple[ActEntry, list[UUID]] | Done:
    """Enter an act with all that comes with it; the entry and what was written, or what came of it before."""
    async with desk.writing(asking) as connection:
        standing = await stand(connection, asking, lead)
        asking.require(entry.act, relation(standing))
        known = await enter(connection, entry)
        if known is not None and known.done is not None:
            return known.done
        entry = entry if known is None else replace(entry, id=known.id)
        if standing.status in ENDED and not isinstance(message, Reinstate):
            if await _on_record(connection, asking, lead, message) is None:
                raise ended(standing.status)
            # On record, but a worker may have died before the workflow knew: it is told once more.
            return entry, []
        if check is not None and known is None:
            await check(connection, standing)
        return entry, await _keep(
            desk, connection, asking, lead, entries, returns=isinstance(message, Reinstate)
        )


async def _keep(
    desk: Desk,
    connection: Connection,
    asking: Asking,
    lead: UUID,
    entries: Sequence[ContactEntry],
    *,
    returns: bool,
) -> list[UUID]:
    """Words and contacts into the vault; the ids of those that are new.

    Args:
        returns: the lead has ended and is brought back.
    """
    if not entries:
        return []
    if returns:
        with suppress(Erased):
            async with connection.transaction():
                return await desk.vault.seal_entries(connection, asking.tenant, lead, entries)
        # The erasure that follows every end has just taken the key; what is written now gets a new one.
    try:
        return await desk.vault.seal_entries(connection, asking.tenant, lead, entries)
    except NoteConflict as error:
        raise Refused(
            Code.FACT_ID_REUSED, "fact_id", "another note is kept under this fact_id; choose another"
        ) from error
    except KeyOutOfReach as error:
        raise Forbidden(Act.ADD_NOTE) from error
    except Erased as error:
        raise ended(Status.ERASED) from error


async def _send(desk: Desk, asking: Asking, lead: UUID, message: TellsFact) -> Done:
    try:
        if isinstance(message, Reinstate):
            # A workflow would be started for the question alone.
            await foresee(desk, asking, lead, message)
            told = await desk.gateway.reinstate(asking.tenant, lead, message)
        else:
            told = await desk.gateway.tell(asking.tenant, lead, message)
    except LeadsUnavailable as error:
        # Whether it arrived is unknown, so the words stay: repeating the act finds them.
        raise Unavailable from error
    except NoRunningLead as error:
        return await _without_workflow(desk, asking, lead, message, error)
    return done_of(asking, lead, told)


def done_of(asking: Asking, lead: UUID, told: Told) -> Done:
    """What the lead's workflow answered."""
    return Done(
        lead=lead,
        fact_id=asking.fact_id,
        revision=told.revision,
        duplicate=told.duplicate,
        status=told.status,
        paused=told.paused,
        valid_until=told.valid_until,
    )


async def _without_workflow(
    desk: Desk, asking: Asking, lead: UUID, message: TellsFact, error: NoRunningLead
) -> Done:
    """The lead has ended: by this very act, told before, or by something else."""
    async with desk.looking(asking) as connection:
        done = await _on_record(connection, asking, lead, message)
        found = await protection_of(connection, asking.tenant, lead)
    if done is not None:
        return done
    if found is not None and found.status in ENDED:
        raise ended(found.status) from error
    raise NobodyKeepsIt from error


async def _on_record(connection: Connection, asking: Asking, lead: UUID, message: TellsFact) -> Done | None:
    """What came of this very act when it was recorded before; None if it was not.

    Raises:
        Refused: the fact_id belongs to another act.
    """
    ledger = await whole_ledger(connection, asking.caller, lead)
    found = await protection_of(connection, asking.tenant, lead)
    for revision, fact in enumerate(ledger.facts, start=1):
        if fact.fact_id == asking.fact_id and found is not None:
            if message.fact(asking.fact_id, fact.recorded_at) != fact:
                raise Refused(
                    Code.FACT_ID_REUSED, "fact_id", "this fact_id belongs to another fact of the lead"
                )
            until = found.valid_until
            return Done(
                lead=lead,
                fact_id=asking.fact_id,
                revision=revision,
                duplicate=True,
                status=str(found.status),
                paused=found.paused,
                valid_until=None if until is None else format_instant(until),
            )
    return None


def ended(status: Status | None) -> Refused:
    """Why nothing can be told to a lead whose protection is over."""
    return Refused(
        Code.PROTECTION_ENDED,
        "",
        f"protection has ended ({status}); a manager can reinstate a lapsed or released lead",
    )


async def _tried(desk: Desk, asking: Asking, lead: UUID, message: TellsFact, act: Act) -> Done:
    """What would come of an act the caller may do."""
    async with desk.looking(asking) as connection:
        asking.require(act, relation(await stand(connection, asking, lead)))
    before, after, moment = await foresee(desk, asking, lead, message)
    answer = snapshot(after, moment)
    return Done(
        lead=lead,
        fact_id=asking.fact_id,
        revision=None,
        duplicate=after is before,
        status=str(answer.status),
        paused=answer.paused,
        valid_until=None if answer.valid_until is None else format_instant(answer.valid_until),
        tried=Tried(before, after, moment),
    )


async def foresee(
    desk: Desk, asking: Asking, lead: UUID, message: TellsFact
) -> tuple[LeadState, LeadState, datetime]:
    """The lead now and after an act, by the engine alone, and the moment both are of; nothing is done.

    Raises:
        NotFound: there is no such lead for this caller.
        Refused: the contract does not allow it.
    """
    async with desk.looking(asking) as connection:
        ledger = await whole_ledger(connection, asking.caller, lead)
    state = replay(ledger.policy, ledger.facts)
    moment = max(desk.now(), state.recorded_at)
    state = settle(state, moment, assume_reminders=False)
    if state.fact(asking.fact_id) is not None:
        return state, state, moment
    return state, apply(state, message.fact(asking.fact_id, moment)), moment
