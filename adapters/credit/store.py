"""Credit checks in PostgreSQL. SQL: credit.sql (as the application), credit_work.sql (as the worker)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import asyncpg

from activities.upstreams import Fault
from adapters.credit.records import (
    Answer,
    CreditCheck,
    CreditStatus,
    GivenUp,
    Grade,
    Postponed,
    Purpose,
    Subject,
)
from adapters.database import Caller, Connection, Pool, load_queries, transaction
from protection.permission import Relation, Share
from protection.state import Status

_SQL: Final = load_queries("credit")
_WORK: Final = load_queries("credit_work")
_ENTER: Final[str] = _SQL.enter.sql
_SETTLE: Final[str] = _WORK.settle.sql
_FOR_BUREAU: Final[str] = _WORK.checks_for_bureau.sql
# Between the conditions of one answer; the wire lets no control character in.
_BETWEEN: Final = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A check that somebody wants.

    Attributes:
        id: under which it goes on record.
        fresh: answers put on record after this UTC instant will do.
        own: it goes on record in any case, whatever was answered before.
    """

    id: UUID
    lead: UUID
    subject: Subject
    purpose: Purpose
    fresh: datetime
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What there is to a question.

    Attributes:
        relation: what makes the lead somebody's.
        status: where the lead stands; None while its ledger has not begun.
        check: the check that answers it, or waits for the answer; None where the caller may not ask.
        new: it was put on record just now.
    """

    relation: Relation
    status: Status | None
    check: CreditCheck | None
    new: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """How checks went that somebody waited for; those answered by what was on record are not among them.

    Attributes:
        p95_ms: milliseconds that 95 of 100 took at most; None where there were none.
        late: how many were not answered while he waited.
    """

    checks: int
    p95_ms: int | None
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be put on record of a check.

    Attributes:
        degraded: why there is no answer of the bureau's; None where there is.
        took: milliseconds whoever asked has waited; None where nobody did.
    """

    check: UUID
    status: CreditStatus
    degraded: Fault | GivenUp | Postponed | None = None
    answer: Answer | None = None
    took: int | None = None

    @classmethod
    def of(cls, check: UUID, answer: Answer, took: int | None = None) -> Verdict:
        """The bureau has answered."""
        return cls(check=check, status=answer.status, answer=answer, took=took)


async def enter(pool: Pool, caller: Caller, wanted: Sequence[Wanted], at: datetime) -> list[Entered | None]:
    """What there is to each question, in order; new checks are put on record, all in one statement.

    None where there is no such lead for this caller.
    """
    async with pool.acquire() as connection:
        entered = await _enter(connection, caller, wanted, at)
    places = _waiting(entered)
    if places:
        async with transaction(pool, caller.tenant, caller.user, caller.roles) as connection:
            await _in_flight(connection, caller.tenant, wanted, entered, places)
    return entered


async def enter_on(connection: Connection, caller: Caller, wanted: Wanted, at: datetime) -> Entered | None:
    """The same for one question within the caller's transaction."""
    entered = await _enter(connection, caller, [wanted], at)
    await _in_flight(connection, caller.tenant, [wanted], entered, _waiting(entered))
    return entered[0]


async def _enter(
    connection: Connection, caller: Caller, wanted: Sequence[Wanted], at: datetime
) -> list[Entered | None]:
    entered: list[Entered | None] = [None] * len(wanted)
    for row in await connection.fetch(_ENTER, *_columns(caller, wanted, at)):
        place, new = row["place"] - 1, row["is_new"]
        share = None if row["share"] is None else Share(row["share"])
        entered[place] = Entered(
            relation=Relation(row["owner"], share),
            status=None if row["lead_status"] is None else Status(row["lead_status"]),
            check=_new(wanted[place], row["company"], caller.user, at) if new else _maybe(row),
            new=new,
        )
    return entered


def _waiting(entered: Sequence[Entered | None]) -> list[int]:
    """The places of what is neither known nor new: the same is in flight, or the caller may not ask."""
    return [place for place, one in enumerate(entered) if one is not None and one.check is None]


async def _in_flight(
    connection: Connection,
    tenant: UUID,
    wanted: Sequence[Wanted],
    entered: list[Entered | None],
    places: Sequence[int],
) -> None:
    """Fill in at these places the very same question that waits already, where there is one."""
    if not places:
        return
    asked = [wanted[place] for place in places]
    rows = _SQL.in_flight(
        connection,
        tenant=tenant,
        leads=[one.lead for one in asked],
        accounts=[one.subject.account for one in asked],
        countries=[one.subject.country for one in asked],
        registrations=[one.subject.registration_no for one in asked],
        vats=[one.subject.vat_no for one in asked],
        amounts=[one.subject.amount for one in asked],
        currencies=[one.subject.currency for one in asked],
    )
    ids = {places[row["place"] - 1]: row["id"] async for row in rows}
    known = await checks(connection, tenant, list(ids.values()))
    for place, identity in ids.items():
        before = entered[place]
        if before is not None:
            entered[place] = replace(before, check=known[identity])


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


async def figures(connection: Connection, tenant: UUID, since: datetime, until: datetime) -> Figures:
    """How checks went that were asked for between two UTC instants; of leads the caller may see."""
    row = await _SQL.figures(connection, tenant=tenant, since=since, until=until)
    return Figures(row["checks"], row["p95_ms"], row["late"])


async def settle(
    connection: Connection, tenant: UUID, verdicts: Sequence[Verdict], at: datetime
) -> dict[UUID, CreditCheck]:
    """Put what came of checks on record, as the worker; how they stand then."""
    ids = [verdict.check for verdict in verdicts]
    answers = [verdict.answer for verdict in verdicts]
    await connection.execute(
        _SETTLE,
        at,
        ids,
        [verdict.status for verdict in verdicts],
        [verdict.degraded for verdict in verdicts],
        [answer and answer.bureau_id for answer in answers],
        [answer and answer.grade for answer in answers],
        [answer and answer.limit for answer in answers],
        [answer and _BETWEEN.join(answer.conditions) for answer in answers],
        [answer and answer.valid_until for answer in answers],
        [answer and answer.decided_at for answer in answers],
        [verdict.took for verdict in verdicts],
        tenant,
    )
    rows = await connection.fetch(_FOR_BUREAU, tenant, ids)
    return {row["id"]: _check(row) for row in rows}


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


def _columns(caller: Caller, wanted: Sequence[Wanted], at: datetime) -> tuple[Any, ...]:
    """The parameters of `enter`, in order."""
    subjects = [one.subject for one in wanted]
    return (
        caller.tenant,
        caller.user,
        caller.roles_text,
        at,
        [one.id for one in wanted],
        [one.lead for one in wanted],
        [subject.account for subject in subjects],
        [subject.country for subject in subjects],
        [subject.registration_no for subject in subjects],
        [subject.vat_no for subject in subjects],
        [subject.amount for subject in subjects],
        [subject.bucket for subject in subjects],
        [subject.currency for subject in subjects],
        [one.purpose for one in wanted],
        [one.fresh for one in wanted],
        [one.own for one in wanted],
    )


def _new(wanted: Wanted, company: str, user: str, at: datetime) -> CreditCheck:
    """A check as it was just put on record."""
    return CreditCheck(
        id=wanted.id,
        lead=wanted.lead,
        company=company,
        subject=wanted.subject,
        purpose=wanted.purpose,
        requested_by=user,
        requested_at=at,
        status=CreditStatus.PENDING,
        degraded=None,
        bureau_id=None,
        grade=None,
        limit=None,
        conditions=(),
        valid_until=None,
        decided_at=None,
        settled_at=None,
    )


def _maybe(row: asyncpg.Record) -> CreditCheck | None:
    return None if row["id"] is None else _check(row)


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
