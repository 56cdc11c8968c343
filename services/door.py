"""The door every act passes in the database, and the answers kept behind it.

An act is entered in one transaction as the caller: row security has its own say, and an idempotency key
finds an act entered before, with its answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeAlias
from uuid import UUID

from adapters.act_store import (
    ActDenied,
    ActEntry,
    KeyTaken,
    Standing,
    answer_act,
    drop_act,
    enter_act,
    enter_at_once,
    standing_of,
)
from adapters.database import Connection
from adapters.lead_entry import ContactEntry
from protection.permission import Act, Relation
from protection.state import LeadState
from services.asking import Asking, spelled
from services.desk import Desk
from services.errors import Forbidden, KeyReused, NotFound

# Reads what else an answer tells, once the fact is on record.
Detail: TypeAlias = "Callable[[Desk], Awaitable[dict[str, Any]]]"


@dataclass(frozen=True, slots=True)
class Tried:
    """What would come of an act; `at` is the UTC instant both states are of."""

    before: LeadState
    after: LeadState
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of an act.

    Attributes:
        revision: the ledger's revision that holds the fact.
        duplicate: the very same act was done before; nothing has changed.
        status: where the lead stands now.
        valid_until: ISO 8601; None while unknown.
        detail: what else there is to know, such as the hold that was placed.
        tried: of a dry run the lead before and after by the engine alone; nothing was done.
    """

    lead: UUID
    fact_id: str
    revision: int | None
    duplicate: bool
    status: str
    paused: bool
    valid_until: str | None
    detail: dict[str, Any] = field(default_factory=dict)
    tried: Tried | None = None


async def stand(connection: Connection, asking: Asking, lead: UUID) -> Standing:
    """Where the lead stands, and what it is to the caller.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    found = await standing_of(connection, asking.tenant, lead, asking.caller.user)
    if found is None:
        raise NotFound
    return found


def relation(standing: Standing) -> Relation:
    """What makes the lead somebody's."""
    return Relation(standing.owner, standing.share)


@dataclass(frozen=True, slots=True)
class Before:
    """An act entered before under the same key; `done` is None where it was never answered."""

    id: UUID
    done: Done | None


def new_entry(
    desk: Desk,
    asking: Asking,
    lead: UUID | None,
    act: Act,
    said: Mapping[str, Any],
    *,
    entries: Iterable[ContactEntry] = (),
) -> ActEntry:
    """The entry of an act that begins now.

    Args:
        lead: None for one that is not there yet.
        said: what is asked for: the fields of the request, and what kind of request it is.
        entries: the personal data that go with it.
    """
    words = [
        f"{entry.kind}:{entry.name}:{entry.email}:{entry.phone}:{entry.note}:{entry.channel}"
        for entry in entries
    ]
    return ActEntry(
        tenant=asking.tenant,
        lead=lead,
        act=act,
        actor=asking.caller.user,
        fact_id=asking.fact_id,
        idempotency_key=asking.key,
        request_hash=(
            None
            if asking.key is None
            else desk.vault.request_mark(asking.tenant, spelled(act, lead, said, words))
        ),
        opened_at=desk.now(),
    )


async def enter(connection: Connection, entry: ActEntry) -> Before | None:
    """Enter an act; None if it is new.

    Raises:
        Forbidden: the database does not let it in.
        KeyReused: the key stands for another request.
    """
    try:
        known = await enter_act(connection, entry)
    except ActDenied as error:
        raise Forbidden(entry.act) from error
    except KeyTaken as error:
        raise KeyReused from error
    if known is None:
        return None
    if known.answer is None:
        return Before(known.id, None)
    answer = dict(known.answer)
    return Before(known.id, Done(**(answer | {"lead": UUID(answer["lead"]), "duplicate": True})))


async def enter_plainly(desk: Desk, asking: Asking, entry: ActEntry) -> bool:
    """Enter an act that brings nothing along on a living lead; False where there is more to be looked at.

    Raises:
        Forbidden: the caller may not do this.
    """
    try:
        lead = await enter_at_once(desk.pool, asking.caller, entry)
    except ActDenied as error:
        raise Forbidden(entry.act) from error
    if lead is None:
        return False
    if not asking.may(entry.act, lead):
        await take_back(desk, asking, entry)
        raise Forbidden(entry.act)
    return True


async def finish(desk: Desk, asking: Asking, entry: ActEntry, done: Done, detail: Detail | None) -> Done:
    """Complete the answer, and keep it where the caller may ask for it again."""
    if detail is not None:
        done = replace(done, detail=await detail(desk))
    if asking.key is not None:
        async with desk.writing(asking) as connection:
            await answer_act(
                connection,
                asking.tenant,
                entry.id,
                at=desk.now(),
                status=HTTPStatus.OK,
                location=None,
                answer=asdict(done) | {"lead": str(done.lead)},
            )
    return done


async def take_back(desk: Desk, asking: Asking, entry: ActEntry, written: Iterable[UUID] = ()) -> None:
    """Forget an act that was refused, and the personal data that came with it."""
    async with desk.writing(asking) as connection:
        await drop_act(connection, asking.tenant, entry.id)
        ids = list(written)
        if ids and entry.lead is not None:
            await desk.vault.remove(connection, asking.tenant, entry.lead, ids)
