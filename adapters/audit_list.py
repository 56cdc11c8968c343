"""The audit as people look through it. SQL: sql/queries/audit_list.sql."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from adapters.database import Connection, load_queries
from adapters.lead_reading import AuditRow
from adapters.read_model import row_of

_SQL: Final = load_queries("audit_list")
_LAST: Final = 2**63 - 1
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows; None does not narrow, the rest narrows together.

    Attributes:
        owner: only about leads of this one.
        actor: id of the person, or name of the part of the system, who did it.
        what: stable word.
        since: UTC instant, from then on.
        until: UTC instant, before then.
    """

    owner: str | None = None
    actor: str | None = None
    what: str | None = None
    lead: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def timed(self) -> bool:
        """Whether rows are told in the order of their instants instead of that of the chain."""
        return self.since is not None or self.until is not None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: number of its last row, and its instant where rows are told by time."""

    seq: int
    at: datetime | None = None


async def audit_page(
    connection: Connection, tenant: UUID, wanted: AuditFilter, *, after: Place | None, most: int
) -> tuple[AuditRow, ...]:
    """Rows of the audit that the caller may see, the newest first."""
    told = {
        "tenant": tenant,
        "owner": wanted.owner,
        "actor": wanted.actor,
        "what": wanted.what,
        "lead": wanted.lead,
        "most": most,
    }
    if wanted.timed:
        rows = _SQL.by_time(
            connection,
            **told,
            since=wanted.since or _EVER,
            # Rows of `until` itself are left out on the first page: none has a number below 0.
            until=after.at if after and after.at else wanted.until or _NEVER,
            before=after.seq if after else 0,
        )
    else:
        rows = _SQL.by_seq(connection, **told, before=after.seq if after else _LAST)
    return tuple([row_of(AuditRow, row, shaped=False) async for row in rows])


async def changes_of_setting(
    connection: Connection, tenant: UUID, key: str, *, most: int
) -> tuple[AuditRow, ...]:
    """How a setting was changed, the newest change first."""
    rows = _SQL.of_setting(connection, tenant=tenant, key=key, most=most)
    return tuple([row_of(AuditRow, row, shaped=False) async for row in rows])


async def names_of_leads(
    connection: Connection, tenant: UUID, leads: Iterable[UUID]
) -> dict[UUID, tuple[str, str]]:
    """Company and city of leads, by id; of those the caller may see."""
    rows = _SQL.names_of_leads(connection, tenant=tenant, leads=list(leads))
    return {row["id"]: (row["company"], row["city"]) async for row in rows}
