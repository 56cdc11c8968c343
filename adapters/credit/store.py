"""Credit checks in PostgreSQL. SQL: credit.sql (as the application), credit_work.sql (as the worker)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg

from activities.upstreams import Fault
from adapters.act_store import ActDenied
from adapters.credit.records import (
    Answer,
    CreditCheck,
    CreditStatus,
    GivenUp,
    Grade,
    Purpose,
    Subject,
)
from adapters.database import Connection, load_queries
from protection.permission import Relation, Share
from protection.state import Status

_SQL: Final = load_queries("credit")
_WORK: Final = load_queries("credit_work")
# Between the conditions of one answer; the wire lets no control character in.
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A check that somebody wants.

    Attributes:
        id: under which it goes on record.
        fresh: answers put on record after this UTC instant will do.
    """

    id: UUID
    lead: UUID
    subject: Subject
    purpose: Purpose
    fresh: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What there is to a question.

    Attributes:
        relation: what makes the lead somebody's.
        status: where the lead stands; None while its ledger has not begun.
        known: the check that answers it already, or waits for the answer.
    """

    relation: Relation
    status: Status | None
    known: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be put on record of a check.

    Attributes:
        degraded: why there is no answer of the bureau's; None where there is.
        took: milliseconds whoever asked has waited; None where nobody did.
    """

    check: UUID
    status: CreditStatus
    degraded: Fault | GivenUp | None = None
    answer: Answer | None = None
    took: int | None = None

    @classmethod
    def of(cls, check: UUID, answer: Answer, took: int | None = None) -> Verdict:
        """The bureau has answered."""
        return cls(check=check, status=answer.status, answer=answer, took=took)


async def look(
    connection: Connection, tenant: UUID, user: str, wanted: Sequence[Wanted], at: datetime
) -> list[Seen | None]:
    """What there is to each question, in order; None where there is no such lead for this caller."""
    seen: list[Seen | None] = [None] * len(wanted)
    columns = _columns(wanted)
    rows = _SQL.look(
        connection, tenant=tenant, user=user, fresh=[one.fresh for one in wanted], at=at, **columns
    )
    async for row in rows:
        share = None if row["share"] is None else Share(row["share"])
        seen[row["place"] - 1] = Seen(
            relation=Relation(row["owner"], share),
            status=None if row["lead_status"] is None else Status(row["lead_status"]),
            known=row["check_id"],
        )
    return seen


async def add(
    connection: Connection, tenant: UUID, user: str, wanted: Sequence[Wanted], at: datetime
) -> list[UUID]:
    """Put checks on record; answers the id of each, which is that of another where the same waits already.

    Raises:
        ActDenied: row security does not let one of them in.
    """
    columns = _columns(wanted)
    added = _SQL.add(
        connection,
        tenant=tenant,
        user=user,
        ids=[one.id for one in wanted],
        purposes=[one.purpose for one in wanted],
        at=at,
        **columns,
    )
    try:
        new = {row["id"] async for row in added}
    except asyncpg.InsufficientPrivilegeError as error:
        raise ActDenied from error
    ids = [one.id for one in wanted]
    others = [place for place, one in enumerate(wanted) if one.id not in new]
    if others:
        columns = _columns([wanted[place] for place in others])
        del columns["buckets"]
        async for row in _SQL.in_flight(connection, tenant=tenant, **columns):
            ids[others[row["place"] - 1]] = row["id"]
    return ids


async def checks(connection: Connection, tenant: UUID, ids: Sequence[UUID]) -> dict[UUID, CreditCheck]:
    """Those of these checks that the caller may see."""
    return {row["id"]: _check(row) async for row in _SQL.checks(connection, tenant=tenant, ids=list(ids))}


async def checks_of(connection: Connection, tenant: UUID, lead: UUID, most: int) -> tuple[CreditCheck, ...]:
    """The checks of a lead, the newest first."""
    rows = _SQL.checks_of(connection, tenant=tenant, lead=lead, most=most)
    return tuple([_check(row) async for row in rows])


async def standing_answer(
    connection: Connection, tenant: UUID, lead: UUID, at: datetime
) -> tuple[CreditStatus, Grade | None] | None:
    """What the bureau has last said of a lead and what still holds at this UTC instant; None: nothing."""
    row = await _SQL.standing_answer(connection, tenant=tenant, lead=lead, at=at)
    return None if row is None else (CreditStatus(row["status"]), _grade(row["grade"]))


async def pending(connection: Connection, tenant: UUID) -> tuple[int, datetime | None]:
    """How many checks wait for the bureau, and since when (UTC) the oldest does."""
    row = await _SQL.pending(connection, tenant=tenant)
    return row["checks"], row["oldest"]


async def settle(
    connection: Connection, tenant: UUID, verdicts: Sequence[Verdict], at: datetime
) -> dict[UUID, CreditCheck]:
    """Put what came of checks on record, as the worker; how they stand then."""
    ids = [verdict.check for verdict in verdicts]
    answers = [verdict.answer for verdict in verdicts]
    settled = _WORK.settle(
        connection,
        tenant=tenant,
        ids=ids,
        statuses=[verdict.status for verdict in verdicts],
        degraded=[verdict.degraded for verdict in verdicts],
        bureau_ids=[answer and answer.bureau_id for answer in answers],
        grades=[answer and answer.grade for answer in answers],
        limits=[answer and answer.limit for answer in answers],
        conditions=[answer and _BETWEEN.join(answer.conditions) for answer in answers],
        valid_untils=[answer and answer.valid_until for answer in answers],
        decided_ats=[answer and answer.decided_at for answer in answers],
        took=[verdict.took for verdict in verdicts],
        at=at,
    )
    async for _ in settled:
        pass
    rows = _WORK.checks_for_bureau(connection, tenant=tenant, ids=ids)
    return {row["id"]: _check(row) async for row in rows}


async def unfollowed(connection: Connection, tenant: UUID, before: datetime, most: int) -> list[UUID]:
    """Checks nobody waits for: handed over, or left behind since before that UTC instant."""
    return [row["id"] async for row in _WORK.unfollowed(connection, tenant=tenant, before=before, most=most)]


async def follow(connection: Connection, tenant: UUID, check: UUID, at: datetime) -> None:
    """A workflow waits for this check from that UTC instant on."""
    await _WORK.follow(connection, tenant=tenant, id=check, at=at)


async def check_for_bureau(connection: Connection, tenant: UUID, check: UUID) -> CreditCheck | None:
    """One check, as the worker; None if there is none."""
    rows = [row async for row in _WORK.checks_for_bureau(connection, tenant=tenant, ids=[check])]
    return _check(rows[0]) if rows else None


def _columns(wanted: Sequence[Wanted]) -> dict[str, list[Any]]:
    subjects = [one.subject for one in wanted]
    return {
        "leads": [one.lead for one in wanted],
        "accounts": [subject.account for subject in subjects],
        "countries": [subject.country for subject in subjects],
        "registrations": [subject.registration_no for subject in subjects],
        "vats": [subject.vat_no for subject in subjects],
        "amounts": [subject.amount for subject in subjects],
        "buckets": [subject.bucket for subject in subjects],
        "currencies": [subject.currency for subject in subjects],
    }


def _check(row: asyncpg.Record) -> CreditCheck:
    limit: Decimal | None = row["credit_limit"]
    return CreditCheck(
        id=row["id"],
        lead=row["lead"],
        company=row["company"],
        subject=Subject(
            account=row["account"],
            country=row["country"],
            registration_no=row["registration_no"],
            vat_no=row["vat_no"],
            amount=row["amount"],
            currency=row["currency"],
        ),
        purpose=Purpose(row["purpose"]),
        requested_by=row["requested_by"],
        requested_at=row["requested_at"],
        status=CreditStatus(row["status"]),
        degraded=row["degraded"],
        bureau_id=row["bureau_id"],
        grade=_grade(row["grade"]),
        limit=limit,
        conditions=tuple(row["conditions"]),
        valid_until=row["valid_until"],
        decided_at=row["decided_at"],
        settled_at=row["settled_at"],
    )


def _grade(text: str | None) -> Grade | None:
    return None if text is None else Grade(text)
