"""Who is signed in to the pages: sessions by the hash of a random id, and the person behind one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.database import Caller, Pool, load_queries, set_context, transaction
from adapters.notice_store import count_unread

# Without a request for so long, a session is over; and after this time at the latest.
IDLE: Final = timedelta(hours=8)
LONGEST: Final = timedelta(hours=24)
# Nobody reads a larger number; it is shown as "99+".
MOST_UNREAD: Final = 100
# How often it is noted that a session is in use.
_SEEN_EVERY: Final = timedelta(minutes=1)
_RANDOM_BYTES: Final = 32
_TENANT_BYTES: Final = 16
_ID_LENGTH: Final = (_TENANT_BYTES + _RANDOM_BYTES) * 4 // 3

_SQL: Final = load_queries("web_session")


@dataclass(frozen=True, slots=True)
class Signed:
    """Somebody who is signed in.

    Attributes:
        caller: on whose behalf the pages act.
        name: how people call him; his id where he is not on file.
        locale: the language on file; None where he is not.
        timezone: IANA name of the zone on file; None where he is not.
        unread: notifications and tasks he has not opened, counted up to `MOST_UNREAD`.
    """

    caller: Caller
    name: str
    locale: str | None = None
    timezone: str | None = None
    unread: int = 0


class SessionStore:
    """Sessions in the database. Ids exist in the browser only; here is their hash."""

    def __init__(self, pool: Pool) -> None:
        """Keep sessions over connections of the application role."""
        self._pool = pool

    async def open(self, caller: Caller, at: datetime) -> str:
        """Begin a session; returns its id, which is told to the browser and nobody else.

        Args:
            caller: who has signed in.
            at: UTC instant.

        Raises:
            UnknownTenant: there is no such tenant here.
        """
        raw = caller.tenant.bytes + secrets.token_bytes(_RANDOM_BYTES)
        async with transaction(self._pool, caller.tenant, caller.user, caller.roles) as connection:
            await _SQL.sweep(connection, tenant=caller.tenant, at=at, idle_since=at - IDLE)
            await _SQL.open(
                connection,
                tenant=caller.tenant,
                id_hash=_hash(raw),
                user=caller.user,
                roles=list(caller.roles),
                org=caller.org,
                at=at,
                ends_at=at + LONGEST,
            )
        return base64.urlsafe_b64encode(raw).decode("ascii")

    async def find(self, session: str, at: datetime) -> Signed | None:
        """Whose session this is; None if it is none, or over.

        Args:
            session: what a browser has sent; may be anything.
            at: UTC instant.
        """
        raw = _raw(session)
        if raw is None:
            return None
        tenant, id_hash = _tenant(raw), _hash(raw)
        async with transaction(self._pool, tenant, "") as connection:
            row = await _SQL.find(connection, tenant=tenant, id_hash=id_hash, at=at, idle_since=at - IDLE)
            if row is None:
                return None
            if at - row["seen_at"] > _SEEN_EVERY:
                await _SQL.see(connection, tenant=tenant, id_hash=id_hash, at=at)
            caller = Caller(tenant, row["user_id"], tuple(row["roles"]), row["org"])
            await set_context(connection, tenant, caller.user, caller.roles)
            person = await _SQL.person(connection, tenant=tenant, user=caller.user)
            unread = await count_unread(connection, most=MOST_UNREAD)
        if person is None:
            return Signed(caller, caller.user, unread=unread)
        return Signed(caller, person["display_name"], person["locale"], person["timezone"], unread)

    async def close(self, session: str) -> None:
        """End a session; what is none is ended already."""
        raw = _raw(session)
        if raw is None:
            return
        tenant = _tenant(raw)
        async with transaction(self._pool, tenant, "") as connection:
            await _SQL.close(connection, tenant=tenant, id_hash=_hash(raw))


def _raw(session: str) -> bytes | None:
    if len(session) != _ID_LENGTH or not session.isascii():
        return None
    try:
        raw = base64.b64decode(session, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == _TENANT_BYTES + _RANDOM_BYTES else None


def _tenant(raw: bytes) -> UUID:
    return UUID(bytes=raw[:_TENANT_BYTES])


def _hash(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()
