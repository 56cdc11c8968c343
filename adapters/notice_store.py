"""What somebody was told inside the application, and what he did with it. SQL: sql/queries/notices.sql."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from activities.orders import NewsKind, NoticeKind, NotificationKind
from activities.ports import Channel
from adapters.database import Caller, Connection, load_queries
from protection.dates import parse_instant
from protection.state import Status

_SQL: Final = load_queries("notices")
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_LAST: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePlace:
    """Where a page of notices ends: instant and id of its last row."""

    sent_at: datetime = _NEVER
    id: UUID = _LAST


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something somebody was told inside the application. UTC instants; None is unknown or not yet.

    Attributes:
        promised: the dates it told, by name, such as `grace_until`.
        read_at: when he opened it.
        done_at: when he said that it is done; of tasks.
        lead_status: where the lead stands by now.
        valid_until: of the lead, by now.
    """

    id: UUID
    lead: UUID
    company: str
    city: str
    kind: NoticeKind
    channel: Channel
    sent_at: datetime
    promised: Mapping[str, datetime]
    read_at: datetime | None
    done_at: datetime | None
    lead_status: Status
    paused: bool
    valid_until: datetime | None

    @property
    def place(self) -> NoticePlace:
        """Where it stands in the list."""
        return NoticePlace(sent_at=self.sent_at, id=self.id)

    @property
    def open(self) -> bool:
        """Whether it still wants something of its reader."""
        return self.done_at is None if self.channel is Channel.TASK else self.read_at is None


def _kind(name: str) -> NoticeKind:
    return NewsKind(name) if name in set(NewsKind) else NotificationKind(name)


async def count_unread(connection: Connection, *, most: int) -> int:
    """How many the caller of the transaction has not opened yet, counted no further than `most`."""
    counted: int = await _SQL.unread_notices(connection, most=most)
    return counted


async def notices_of(
    connection: Connection,
    caller: Caller,
    *,
    channel: Channel | None = None,
    only_open: bool = False,
    before: NoticePlace | None = None,
    most: int,
) -> tuple[Notice, ...]:
    """What the caller was told, the newest first."""
    place = before or NoticePlace()
    rows = _SQL.notices_of(
        connection,
        tenant=caller.tenant,
        user=caller.user,
        channel=channel,
        only_open=only_open,
        before_at=place.sent_at,
        before_id=place.id,
        most=most,
    )
    return tuple(
        [
            Notice(
                id=row["id"],
                lead=row["lead"],
                company=row["company"],
                city=row["city"],
                kind=_kind(row["kind"]),
                channel=Channel(row["channel"]),
                sent_at=row["sent_at"],
                promised={
                    name: parse_instant(at) for name, at in (row["promised"] or {}).items() if at is not None
                },
                read_at=row["read_at"],
                done_at=row["done_at"],
                lead_status=Status(row["lead_status"]),
                paused=row["paused"],
                valid_until=row["valid_until"],
            )
            async for row in rows
        ]
    )


async def about(connection: Connection, caller: Caller, notice: UUID) -> UUID | None:
    """The lead a notice of the caller is about; None where he has no such notice."""
    lead: UUID | None = await _SQL.notice_about(connection, tenant=caller.tenant, user=caller.user, id=notice)
    return lead


async def mark_read(connection: Connection, tenant: UUID, notice: UUID, at: datetime) -> None:
    """Note that its reader has opened it; the first time counts."""
    await _SQL.read_notice(connection, tenant=tenant, id=notice, at=at)


async def mark_done(connection: Connection, tenant: UUID, notice: UUID, at: datetime | None) -> None:
    """Note that a task, read before, is done; None: not after all."""
    await _SQL.settle_notice(connection, tenant=tenant, id=notice, at=at)


async def mark_all_read(connection: Connection, caller: Caller, *, until: datetime, at: datetime) -> None:
    """Note that he has seen all that was told until this UTC instant."""
    await _SQL.read_all_notices(connection, tenant=caller.tenant, user=caller.user, until=until, at=at)
