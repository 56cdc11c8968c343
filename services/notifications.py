"""What somebody was told inside the application: how much of it is new, and that he read or did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from activities.ports import Channel
from adapters import notice_store
from adapters.database import Caller, Connection
from adapters.notice_store import Notice, NoticePlace
from services.asking import Asking
from services.desk import Desk
from services.errors import Missing, NotFound


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Some of what somebody was told, and where the rest begins; None at the end."""

    notices: tuple[Notice, ...]
    after: NoticePlace | None


async def notices(
    connection: Connection,
    caller: Caller,
    *,
    channel: Channel | None = None,
    only_open: bool = False,
    before: NoticePlace | None = None,
    most: int,
) -> NoticePage:
    """A page of what the caller was told, the newest first.

    Args:
        channel: only notifications, or only tasks.
        only_open: only what is not read, and tasks that are not done.
        before: where the page before ended.
        most: rows of a page.
    """
    found = await notice_store.notices_of(
        connection, caller, channel=channel, only_open=only_open, before=before, most=most + 1
    )
    listed = found[:most]
    return NoticePage(listed, listed[-1].place if len(found) > most else None)


async def read(desk: Desk, asking: Asking, notice: UUID) -> UUID:
    """Note that the caller has opened it; the lead it is about.

    Raises:
        NotFound: he was told no such thing.
    """
    async with desk.writing(asking) as connection:
        lead = await notice_store.about(connection, asking.caller, notice)
        if lead is None:
            raise NotFound(Missing.NOTICE)
        await notice_store.mark_read(connection, asking.tenant, notice, desk.now())
    return lead


async def settle(desk: Desk, asking: Asking, notice: UUID, *, done: bool) -> None:
    """Note that a task is done, or that it is not after all; saying so twice changes nothing.

    Raises:
        NotFound: the caller was told no such thing.
    """
    now = desk.now()
    async with desk.writing(asking) as connection:
        if await notice_store.about(connection, asking.caller, notice) is None:
            raise NotFound(Missing.NOTICE)
        await notice_store.mark_read(connection, asking.tenant, notice, now)
        await notice_store.mark_done(connection, asking.tenant, notice, now if done else None)


async def read_all(desk: Desk, asking: Asking, *, until: datetime) -> None:
    """Note that the caller has seen all he was told until this UTC instant: what his page showed."""
    async with desk.writing(asking) as connection:
        await notice_store.mark_all_read(connection, asking.caller, until=until, at=desk.now())
