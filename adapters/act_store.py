"""Acts of callers: where a lead stands for its caller, and the row that opens every act in the database.

All of it runs as the application role, in a transaction on the caller's behalf
(`adapters.database.transaction`): row security decides who gets in, and shows nobody another's acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from adapters.database import Caller, Connection, Pool, load_queries
from protection.permission import Act, Relation, Share
from protection.state import Status

_SQL: Final = load_queries("act")
_AT_ONCE: Final[str] = _SQL.enter_act_at_once.sql

# How long an idempotency key is kept, and how many outdated rows each new act sweeps away.
KEPT_FOR: Final = timedelta(hours=24)
_SWEPT: Final = 20
# Without a key to be freed it is enough to sweep now and then.
_SWEEP_EVERY: Final = 16


class ActDenied(Exception):
    """Row security did not let the act in: the caller may not do this to the lead."""


class KeyTaken(Exception):
    """The idempotency key stands for another request, or for somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a lead stands, and what it is to the caller.

    Attributes:
        owner: whose lead it is.
        share: how it is shared with the caller; None where it is not.
        status: as last recorded; None while its ledger has not begun.
        revision: how many facts its ledger holds.
        changed: how often what describes it was changed by hand.
    """

    lead: UUID
    owner: str
    share: Share | None
    status: Status | None
    revision: int
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActEntry:
    """An act about to be done.

    Attributes:
        lead: to which lead; None where it is about none, or about one that is not there yet.
        actor: who does it; nobody can enter an act of another.
        fact_id: of the fact it will tell, where it tells one.
        idempotency_key: what makes a repetition of the request known; with it goes `request_hash`.
        opened_at: UTC instant.
    """

    tenant: UUID
    lead: UUID | None
    act: Act
    actor: str
    fact_id: str | None
    idempotency_key: str | None
    request_hash: bytes | None
    opened_at: datetime
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAct:
    """An act of the same caller that was entered before under the same key for the same request.

    Attributes:
        answered_at: UTC instant; None where no answer was stored: still under way, or cut off.
        status: HTTP status of the answer.
        answer: its body.
    """

    id: UUID
    fact_id: str | None
    answered_at: datetime | None
    status: int | None
    location: str | None
    answer: Mapping[str, Any] | None


async def standing_of(connection: Connection, tenant: UUID, lead: UUID, user: str) -> Standing | None:
    """Where the lead stands; None if there is none this transaction may see.

    Args:
        user: for whom `share` is looked up.
    """
    row = await _SQL.standing_of(connection, tenant=tenant, lead=lead, user=user)
    if row is None:
        return None
    return Standing(
        lead=row["lead"],
        owner=row["owner"],
        share=None if row["share"] is None else Share(row["share"]),
        status=None if row["status"] is None else Status(row["status"]),
        revision=row["revision"],
        changed=row["changed"],
    )


async def enter_act(connection: Connection, entry: ActEntry) -> KnownAct | None:
    """Enter an act: the door every write passes in the database before anybody else is told.

    Returns:
        None for a new act; what is known of it if the same request was entered within 24 hours.

    Raises:
        ActDenied: the caller may not do this to the lead.
        KeyTaken: the key stands for another request.
    """
    try:
        new = await _SQL.enter_act(
            connection,
            tenant=entry.tenant,
            id=entry.id,
            lead=entry.lead,
            act=entry.act,
            actor=entry.actor,
            fact_id=entry.fact_id,
            idempotency_key=entry.idempotency_key,
            request_hash=entry.request_hash,
            opened_at=entry.opened_at,
            outdated=entry.opened_at - KEPT_FOR,
            swept=_SWEPT,
        )
    except asyncpg.InsufficientPrivilegeError as error:
        raise ActDenied(entry.act) from error
    if new is not None:
        return None
    row = await _SQL.act_of_key(connection, tenant=entry.tenant, idempotency_key=entry.idempotency_key)
    if row is None or (row["act"], row["lead"], row["request_hash"]) != (
        entry.act,
        entry.lead,
        entry.request_hash,
    ):
        raise KeyTaken
    return KnownAct(
        id=row["id"],
        fact_id=row["fact_id"],
        answered_at=row["answered_at"],
        status=row["status"],
        location=row["location"],
        answer=row["answer"],
    )


async def enter_at_once(pool: Pool, caller: Caller, entry: ActEntry) -> Relation | None:
    """Enter an act on a living lead, in one round trip; context included.

    Returns:
        What the lead is to the caller; None, with nothing entered, where there is more to be looked at:
        no such lead, an ended one, a key that is known.

    Raises:
        ActDenied: the caller may not do this to the lead.
    """
    sweeps = entry.idempotency_key is not None or entry.id.int % _SWEEP_EVERY == 0
    try:
        row = await pool.fetchrow(
            _AT_ONCE,
            entry.tenant,
            caller.user,
            caller.roles_text,
            entry.id,
            entry.lead,
            entry.act,
            entry.fact_id,
            entry.idempotency_key,
            entry.request_hash,
            entry.opened_at,
            entry.opened_at - KEPT_FOR,
            _SWEPT if sweeps else 0,
        )
    except asyncpg.InsufficientPrivilegeError as error:
        raise ActDenied(entry.act) from error
    if row is None:
        return None
    return Relation(row["owner"], None if row["share"] is None else Share(row["share"]))


async def answer_act(
    connection: Connection,
    tenant: UUID,
    act: UUID,
    *,
    at: datetime,
    status: int,
    location: str | None,
    answer: Mapping[str, Any] | None,
) -> None:
    """Keep the answer of an act for its repetitions; the first one stays.

    Args:
        act: id of the entry.
        at: UTC instant.
        status: HTTP status, 200..599.
    """
    await _SQL.answer_act(
        connection, tenant=tenant, id=act, at=at, status=status, location=location, answer=answer
    )


async def drop_act(connection: Connection, tenant: UUID, act: UUID) -> None:
    """Take back an act that was refused; its key may be used again."""
    await _SQL.drop_act(connection, tenant=tenant, id=act)


async def purge_acts(connection: Connection, at: datetime, *, most: int = 10_000) -> int:
    """Forget acts of the whole tenant that were opened more than 24 hours before `at`, a UTC instant.

    Args:
        most: how many at most.

    Returns:
        How many were forgotten.
    """
    forgotten: int = await _SQL.purge_acts(connection, outdated=at - KEPT_FOR, most=most)
    return forgotten
