"""Calendars of deadlines under a secret address: whose they are, and what stands in them."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from activities.ports import Language
from adapters.database import Caller, Pool, load_queries, set_context, transaction
from adapters.mail_texts.entries import DeadlineKind, Entry
from protection.permission import Role
from protection.state import Status

RANDOM_BYTES: Final = 32
_TENANT_BYTES: Final = 16
_SECRET_LENGTH: Final = (_TENANT_BYTES + RANDOM_BYTES) * 4 // 3
# How often it is noted that a calendar is being read.
_READ_EVERY: Final = timedelta(hours=1)
_MOST_LEADS: Final = 2_000
_USUAL_ZONE: Final = "Europe/Berlin"

_SQL: Final = load_queries("calendar_feed")


@dataclass(frozen=True, slots=True)
class Address:
    """The secret address somebody has; the secret itself is not known here.

    Attributes:
        made_at: since when, a UTC instant.
        read_at: when a calendar program asked last, to the hour, a UTC instant; None if never.
    """

    made_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Feed:
    """What a calendar program is given.

    Attributes:
        language: of its reader.
        timezone: IANA name of the reader's zone.
        entries: deadlines of the reader's own leads, what ends first before the rest.
    """

    language: Language
    timezone: str
    entries: tuple[Entry, ...]


def secret_of(tenant: UUID, random: bytes) -> str:
    """The secret part of an address: URL-safe, and as hard to guess as these bytes."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"random: must be {RANDOM_BYTES} bytes")
    return base64.urlsafe_b64encode(tenant.bytes + random).decode("ascii")


class CalendarFeeds:
    """Secret addresses in the database, by the hash of the secret."""

    def __init__(self, pool: Pool) -> None:
        """Keep them over connections of the application role."""
        self._pool = pool

    async def in_force(self, caller: Caller) -> Address | None:
        """The address the caller has; None if there is none."""
        async with self._as(caller, reading=True) as connection:
            row = await _SQL.in_force(connection, tenant=caller.tenant, user=caller.user)
        return None if row is None else Address(row["made_at"], row["read_at"])

    async def make(self, caller: Caller, secret: str, at: datetime) -> bool:
        """Give the caller this address and revoke the one there was; once, however often it is asked for.

        Returns:
            Whether it holds; false if it was revoked in the meantime.
        """
        found = _hash(_raw(secret) or b"")
        async with self._as(caller) as connection:
            await _SQL.one_at_a_time(connection, tenant=caller.tenant, user=caller.user)
            known = await _SQL.of_secret(connection, tenant=caller.tenant, secret_hash=found)
            if known is not None:
                return known["revoked_at"] is None and known["user_id"] == caller.user
            await _SQL.revoke(connection, tenant=caller.tenant, user=caller.user, at=at)
            await _SQL.make(connection, tenant=caller.tenant, user=caller.user, secret_hash=found, at=at)
            return True

    async def revoke(self, caller: Caller, at: datetime) -> None:
        """From now on the caller's address leads nowhere."""
        async with self._as(caller) as connection:
            await _SQL.revoke(connection, tenant=caller.tenant, user=caller.user, at=at)

    async def read(self, secret: str, at: datetime) -> Feed | None:
        """The calendar of that address; None if there is none or it was revoked.

        Args:
            secret: what somebody has sent; may be anything.
            at: UTC instant.
        """
        raw = _raw(secret)
        if raw is None:
            return None
        tenant, found = UUID(bytes=raw[:_TENANT_BYTES]), _hash(raw)
        async with transaction(self._pool, tenant, "") as connection:
            row = await _SQL.of_secret(connection, tenant=tenant, secret_hash=found)
            if row is None or row["revoked_at"] is not None:
                return None
            user = row["user_id"]
            # With an agent's eyes, whatever else he is: a calendar holds his own leads.
            await set_context(connection, tenant, user, (Role.AGENT,))
            if row["read_at"] is None or at - row["read_at"] >= _READ_EVERY:
                await _SQL.was_read(connection, tenant=tenant, secret_hash=found, at=at)
            reader = await _SQL.reader(connection, tenant=tenant, user=user)
            rows = [
                line async for line in _SQL.deadlines(connection, tenant=tenant, user=user, most=_MOST_LEADS)
            ]
        return Feed(
            language=Language.DE if reader is None else Language(reader["locale"]),
            timezone=_USUAL_ZONE if reader is None else reader["timezone"],
            entries=tuple(entry for line in rows for entry in _entries(line)),
        )

    def _as(self, caller: Caller, *, reading: bool = False) -> Any:
        return transaction(self._pool, caller.tenant, caller.user, caller.roles, reading=reading)


def _entries(row: asyncpg.Record) -> list[Entry]:
    """The deadlines that are known; while an open hold lies ahead, there is none."""
    ends = row["valid_until"]
    match Status(row["status"]):
        case Status.PREREGISTERED:
            told = {DeadlineKind.RESERVATION: ends}
        case Status.GRACE:
            told = {DeadlineKind.GRACE: row["grace_until"], DeadlineKind.BASE: row["base_until"]}
            if ends is not None and row["grace_until"] is not None and ends < row["grace_until"]:
                del told[DeadlineKind.GRACE]
        case _:
            told = {DeadlineKind.PROGRESS: row["reminder_due_at"], DeadlineKind.BASE: row["base_until"]}
    return [
        Entry(row["lead"], kind, at, row["company"], row["city"], row["revision"], row["updated_at"])
        for kind, at in told.items()
        if at is not None
    ]


def _raw(secret: str) -> bytes | None:
    if len(secret) != _SECRET_LENGTH or not secret.isascii():
        return None
    try:
        return base64.b64decode(secret, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def _hash(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()
