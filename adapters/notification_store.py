"""Notifications, and what is read for them, in PostgreSQL. SQL: sql/queries/notifications.sql."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from activities.courier import notification_id
from activities.errors import DeliveryBusy, UnknownLead
from activities.letters import LeadLedger
from activities.ports import DeliveryKey, DeliveryRecord, DeliveryStatus, Language, Promise, Reader
from adapters.database import Connection, Pool, load_queries, set_context, transaction
from protection.dates import format_instant
from protection.permission import Role
from protection.policy import policy_from_json
from protection.wire import fact_from_json

_SQL: Final = load_queries("notifications")
SYSTEM: Final = "system"


def _promised(promise: Promise) -> str:
    values = {field.name: getattr(promise, field.name) for field in fields(promise)}
    return json.dumps(
        {name: None if value is None else format_instant(value) for name, value in values.items()}
    )


class PostgresDelivery:
    """One notification, held by this session's advisory lock. Every method is one transaction."""

    def __init__(self, connection: Connection, key: DeliveryKey) -> None:
        self._connection = connection
        self._key = key
        self._id = notification_id(key)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[None]:
        """One transaction on the session that holds the lock."""
        async with self._connection.transaction():
            await set_context(self._connection, self._key.tenant, SYSTEM, ())
            yield

    async def look(self) -> DeliveryRecord | None:
        """What is recorded so far; None if nothing."""
        async with self._transaction():
            row = await _SQL.notification_by_id(self._connection, tenant=self._key.tenant, id=self._id)
        if row is None:
            return None
        return DeliveryRecord(DeliveryStatus(row["status"]), row["attempt"], row["sent_at"], row["code"])

    async def begin(self, message_id: str | None, promise: Promise) -> int:
        """Records that a try starts now, with these dates; returns its number, from 1."""
        key = self._key
        async with self._transaction():
            attempt = await _SQL.begin_notification(
                self._connection,
                tenant=key.tenant,
                id=self._id,
                lead=key.lead,
                cycle=key.cycle,
                kind=key.kind.value,
                recipient=key.recipient,
                channel=key.channel.value,
                message_id=message_id,
                promised=_promised(promise),
                at=promise.sent_at,
            )
        if not isinstance(attempt, int):
            raise RuntimeError(f"notification {self._id} was sent while this session held it")
        return attempt

    async def sent(self, at: datetime) -> None:
        """Records the server's acceptance."""
        await self._finish(DeliveryStatus.SENT, None, at)

    async def refused(self, status: DeliveryStatus, code: str, at: datetime) -> None:
        """Records an end without acceptance, or why a try has to be repeated."""
        await self._finish(status, code, at)

    async def not_reached(self, code: str, at: datetime) -> None:
        """Records that no server saw this try: it does not count."""
        async with self._transaction():
            await _SQL.uncount_notification(
                self._connection, tenant=self._key.tenant, id=self._id, code=code, at=at
            )

    async def _finish(self, status: DeliveryStatus, code: str | None, at: datetime) -> None:
        async with self._transaction():
            await _SQL.finish_notification(
                self._connection,
                tenant=self._key.tenant,
                id=self._id,
                status=status.value,
                sent_at=at if status is DeliveryStatus.SENT else None,
                code=code,
                at=at,
            )


class PostgresNotificationStore:
    """Where deliveries are recorded.

    Args:
        pool: connections as the worker role; one is in use for as long as a mail takes.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def delivery(self, key: DeliveryKey) -> AsyncIterator[PostgresDelivery]:
        """The notification of that key, to the exclusion of every other session.

        The lock is the session's: should this process die, the server lets go of it at once.

        Raises:
            DeliveryBusy: somebody else holds it at this moment.
        """
        name = str(notification_id(key))
        async with self._pool.acquire() as connection:
            if not await _SQL.try_hold_notification(connection, key=name):
                raise DeliveryBusy
            try:
                yield PostgresDelivery(connection, key)
            finally:
                if not connection.is_closed():
                    await _SQL.let_go_of_notification(connection, key=name)


def _reader(row: asyncpg.Record) -> Reader:
    return Reader(
        user=row["id"],
        address=row["email"],
        name=row["display_name"],
        language=Language(row["locale"]),
        timezone=row["timezone"],
        roles=frozenset(Role(role) for role in row["roles"]),
    )


class PostgresPeople:
    """Who people are, and the ledgers they are told about."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ledger(self, tenant: UUID, lead: UUID) -> LeadLedger:
        """The lead's ledger with its policy, as one consistent reading.

        Raises:
            UnknownLead: there is none.
        """
        async with transaction(self._pool, tenant, SYSTEM, reading=True) as connection:
            row = await _SQL.notified_lead(connection, tenant=tenant, lead=lead)
            facts = [row async for row in _SQL.notified_facts(connection, tenant=tenant, lead=lead)]
        if row is None or not facts:
            raise UnknownLead
        return LeadLedger(
            company=row["company"],
            city=row["city"],
            policy=policy_from_json(json.loads(row["policy"])),
            facts=tuple(fact_from_json(json.loads(fact["payload"])) for fact in facts),
        )

    async def reader(self, tenant: UUID, user: str) -> Reader | None:
        """The person of that id; None if the tenant has no such person."""
        async with transaction(self._pool, tenant, SYSTEM, reading=True) as connection:
            row = await _SQL.notified_person(connection, tenant=tenant, user=user)
        return None if row is None else _reader(row)

    async def having(self, tenant: UUID, roles: Collection[Role]) -> tuple[Reader, ...]:
        """Everybody with one of these roles, by id."""
        async with transaction(self._pool, tenant, SYSTEM, reading=True) as connection:
            rows = _SQL.notified_roles(connection, tenant=tenant, roles=[str(role) for role in roles])
            return tuple([_reader(row) async for row in rows])

    async def names(self, tenant: UUID, users: Collection[str]) -> Mapping[str, str]:
        """What people call these users, by id; without those the tenant does not have."""
        async with transaction(self._pool, tenant, SYSTEM, reading=True) as connection:
            rows = _SQL.notified_names(connection, tenant=tenant, users=list(users))
            return {row["id"]: row["display_name"] async for row in rows}
