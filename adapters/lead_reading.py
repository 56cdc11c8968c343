"""What the service reads of one lead, and the audit; as the application role. SQL: sql/queries/reading.sql.

A lead the caller may not see does not exist here: the same statement finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from adapters.database import Caller, Connection, Pool, load_queries
from adapters.read_model import row_of

_SQL: Final = load_queries("reading")
_AT_ONCE: Final[str] = _SQL.protection_read.sql
_LAST: Final = 2**63 - 1
_NEVER: Final = datetime.max.replace(tzinfo=UTC)

# Where a timeline's page ended: instant and key of its last entry.
Place = tuple[datetime, str]
FROM_THE_NEWEST: Final[Place] = (_NEVER, "")


@dataclass(frozen=True, slots=True)
class ProtectionNow:
    """A lead's protection as last recorded: the columns of `protection_read`, in their order. UTC instants.

    Attributes:
        updated_at: the moment it speaks of; from there nothing changes until the lead's next wake-up.
        active_holds: the holds for which the clock stands still, as the API tells them; None if it runs.
    """

    revision: int
    status: str
    paused: bool
    owner: str
    assigned_at: datetime | None
    last_progress_at: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None
    base_until: datetime | None
    progress_until: datetime | None
    valid_until: datetime | None
    reason: str | None
    policy_version: str
    updated_at: datetime
    active_holds: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """Something asked for, and how it was decided. UTC instants.

    Attributes:
        asked_by_fact: the fact that asked; its notes say why.
        decided_by_fact: the fact that decided or withdrew it.
    """

    request: str
    kind: str
    status: str
    reason: str | None
    start_at: datetime | None
    end_at: datetime | None
    days: int | None
    next_step_at: datetime | None
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    asked_by_fact: str | None
    decided_by_fact: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """A fact (`payload` is its JSON) or a mail (`by` is whom it went to) of a lead.

    Attributes:
        at: when it was recorded or sent, a UTC instant.
        key: tells entries of one instant apart.
        type: the fact's type, or the kind of mail.
        status: of the mail.
        code: why the mail was refused.
    """

    at: datetime
    key: str
    fact_id: str | None
    type: str
    by: str
    payload: Mapping[str, Any] | None
    status: str | None
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """A row of the audit chain; hashes in hexadecimal.

    Attributes:
        whole: it is as it was written, and follows the row before it.
    """

    seq: int
    audit_id: str | None
    actor: str
    what: str
    lead: UUID | None
    fact_id: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None
    at: datetime
    prev_hash: str
    hash: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditStanding:
    """The audit chain of a tenant.

    Attributes:
        rows_kept: how many rows there are.
        head_seq: number of the last row that was written.
        head_hash: its hash, in hexadecimal; kept elsewhere now and then, it proves more than we can.
        first_broken: the first row that is not as it was written, or missing; None if the chain is whole.
    """

    rows_kept: int
    head_seq: int
    head_hash: str
    first_broken: int | None


async def protection_now(pool: Pool, caller: Caller, lead: UUID) -> ProtectionNow | None:
    """The lead's protection as last recorded, in one round trip; None if there is none for the caller."""
    row = await pool.fetchrow(_AT_ONCE, caller.tenant, caller.user, caller.roles_text, lead)
    return None if row is None else ProtectionNow(*row.values())


async def protection_of_lead(connection: Connection, caller: Caller, lead: UUID) -> ProtectionNow | None:
    """The same in a transaction of the caller's."""
    row = await _SQL.protection_read(
        connection, tenant=caller.tenant, user=caller.user, roles=caller.roles_text, lead=lead
    )
    return None if row is None else ProtectionNow(*row.values())


async def requests_of(connection: Connection, tenant: UUID, lead: UUID) -> tuple[RequestRow, ...]:
    """What was asked for, in order of asking."""
    rows = _SQL.requests_of(connection, tenant=tenant, lead=lead)
    return tuple([row_of(RequestRow, row, shaped=False) async for row in rows])


async def timeline_of(
    connection: Connection, tenant: UUID, lead: UUID, *, before: Place = FROM_THE_NEWEST, most: int
) -> tuple[TimelineRow, ...]:
    """Facts and mails of a lead, the newest first."""
    rows = _SQL.timeline_of(
        connection, tenant=tenant, lead=lead, before_at=before[0], before_key=before[1], most=most
    )
    return tuple([row_of(TimelineRow, row, shaped=False) async for row in rows])


async def facts_by_id(
    connection: Connection, tenant: UUID, lead: UUID, fact_ids: Iterable[str]
) -> dict[str, Mapping[str, Any]]:
    """Facts of a lead as JSON, by id."""
    rows = _SQL.facts_by_id(connection, tenant=tenant, lead=lead, fact_ids=list(fact_ids))
    return {row["fact_id"]: row["payload"] async for row in rows}


async def names_of(connection: Connection, tenant: UUID, ids: Iterable[str]) -> dict[str, str]:
    """What these people are called; of an agent only his own name is known here."""
    rows = _SQL.people_named(connection, tenant=tenant, ids=list(ids))
    return {row["id"]: row["display_name"] async for row in rows}


async def audit_rows(
    connection: Connection, tenant: UUID, *, lead: UUID | None = None, before: int | None = None, most: int
) -> tuple[AuditRow, ...]:
    """Rows of the audit, the newest first: of one lead, or of all the caller may see.

    Args:
        before: only rows with a smaller number.
    """
    rows = _SQL.audit_rows(
        connection, tenant=tenant, lead=lead, before=_LAST if before is None else before, most=most
    )
    return tuple([row_of(AuditRow, row, shaped=False) async for row in rows])


async def audit_standing(connection: Connection) -> AuditStanding:
    """The whole chain of the caller's tenant, checked from its first row."""
    return row_of(AuditStanding, await _SQL.audit_standing(connection))


async def audit_holds(connection: Connection, tenant: UUID, seq: int, digest: str) -> bool:
    """Whether the audit still has this row with this hash (hexadecimal): what a head kept elsewhere asks."""
    there: bool = await _SQL.audit_holds(connection, tenant=tenant, seq=seq, hash=digest)
    return there


async def zone_of(connection: Connection, tenant: UUID, lead: UUID) -> str | None:
    """The IANA zone in which a lead's times are told; None if its policy leaves it open."""
    name: str | None = await _SQL.zone_of_lead(connection, tenant=tenant, lead=lead)
    return name
