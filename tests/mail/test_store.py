"""The record of deliveries: exclusive, the tenant's own, and every query one the database accepts."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiosql
import asyncpg
import pytest

import adapters
from activities.courier import notification_id
from activities.errors import DeliveryBusy, UnknownLead
from activities.orders import NotificationKind
from activities.ports import Channel, DeliveryKey, DeliveryStatus, Language, Promise
from adapters.notification_store import PostgresNotificationStore, PostgresPeople
from protection.facts import Fact
from protection.permission import Role
from tests.mail.world import POLICY, World, life

AT = datetime(2031, 4, 4, 9, 15, tzinfo=UTC)
PROMISE = Promise(AT, None, AT, AT, None)
QUERIES = Path(str(adapters.__file__)).parents[1] / "sql" / "queries" / "notifications.sql"


async def key(world: World, *facts: Fact) -> DeliveryKey:
    lead = await world.lead(facts or life())
    return DeliveryKey(world.tenant, lead, "1", NotificationKind.REMINDER, "erika", Channel.EMAIL)


async def test_every_query_is_one_the_database_accepts(world: World) -> None:
    queries = aiosql.from_path(QUERIES, "asyncpg")
    async with world.pool.acquire() as connection:
        for name in queries.available_queries:
            sql = getattr(getattr(queries, name), "sql", None)
            if sql:
                await connection.prepare(sql)


async def test_a_delivery_is_exclusive_and_others_are_free(world: World) -> None:
    store, wanted = PostgresNotificationStore(world.pool), await key(world)
    async with store.delivery(wanted):
        with pytest.raises(DeliveryBusy):
            async with store.delivery(wanted):
                pytest.fail("two hold the same notification")
        async with store.delivery(replace(wanted, recipient="max")) as other:
            assert await other.look() is None
    async with store.delivery(wanted) as free:
        assert await free.look() is None


async def _begin_and_lose(store: PostgresNotificationStore, wanted: DeliveryKey, url: str) -> None:
    async with store.delivery(wanted) as delivery:
        await delivery.begin("<x@y>", PROMISE)
        admin = await asyncpg.connect(url)
        await admin.execute(
            """select pg_terminate_backend(l.pid)
               from pg_locks as l join pg_stat_activity as a using (pid)
               where l.locktype = 'advisory' and a.datname = current_database()"""
        )
        await admin.close()
        await delivery.sent(AT)


async def test_a_lost_session_lets_go(world: World, postgres_url: str) -> None:
    store, wanted = PostgresNotificationStore(world.pool), await key(world)
    # Which of them depends on what the client hears first: the server's farewell or the silence after it.
    lost = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
    with pytest.raises(lost):
        await _begin_and_lose(store, wanted, postgres_url)
    async with store.delivery(wanted) as free:
        found = await free.look()
        assert found is not None
        assert (found.status, found.attempt) == (DeliveryStatus.SENDING, 1)


async def test_tries_are_counted_as_the_server_saw_them(world: World) -> None:
    store = PostgresNotificationStore(world.pool)
    async with store.delivery(await key(world)) as delivery:
        assert await delivery.begin("<x@y>", PROMISE) == 1
        await delivery.not_reached("no-connection", AT)
        await delivery.not_reached("no-connection", AT)
        assert await delivery.begin("<x@y>", PROMISE) == 1
        await delivery.refused(DeliveryStatus.SENDING, "451", AT)
        assert await delivery.begin("<x@y>", PROMISE) == 2
        await delivery.refused(DeliveryStatus.DEAD, "451", AT)
        assert await delivery.begin("<x@y>", PROMISE) == 1


async def test_what_was_sent_stays_sent(world: World) -> None:
    store, wanted = PostgresNotificationStore(world.pool), await key(world)
    async with store.delivery(wanted) as delivery:
        await delivery.begin("<x@y>", PROMISE)
        await delivery.sent(AT)
        await delivery.refused(DeliveryStatus.BOUNCED, "550", AT)
        await delivery.not_reached("no-connection", AT)
        with pytest.raises(RuntimeError):
            await delivery.begin("<x@y>", PROMISE)
        found = await delivery.look()
    assert found is not None
    assert (found.status, found.sent_at, found.code) == (DeliveryStatus.SENT, AT, None)


async def test_nothing_of_another_tenant_is_seen(world: World, postgres_url: str) -> None:
    other = World(postgres_url, world.pool)
    await other.begin()
    wanted = await key(world)
    store, people = PostgresNotificationStore(world.pool), PostgresPeople(world.pool)
    async with store.delivery(wanted) as delivery:
        await delivery.begin("<x@y>", PROMISE)
    async with store.delivery(replace(wanted, tenant=other.tenant)) as delivery:
        assert await delivery.look() is None
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await delivery.begin("<x@y>", PROMISE)
    with pytest.raises(UnknownLead):
        await people.ledger(other.tenant, wanted.lead)
    await world.person("anna", "anna@x.example")
    assert await people.reader(other.tenant, "anna") is None
    async with world.pool.acquire() as connection:
        assert await connection.fetchval("select count(*) from notification") == 0  # no context, no rows


async def test_people_and_ledgers_are_read_as_they_are(world: World) -> None:
    people = PostgresPeople(world.pool)
    lead = await world.lead(life())
    ledger = await people.ledger(world.tenant, lead)
    assert (ledger.company, ledger.city, ledger.policy, ledger.facts) == (
        "Bäckerei Süß GmbH", "Ulm", POLICY, life(),
    )  # fmt: skip
    reader = await people.reader(world.tenant, "max")
    assert reader is not None
    assert (reader.address, reader.language, reader.timezone) == (
        "max@ffz.example",
        Language.EN,
        "America/New_York",
    )
    assert [one.user for one in await people.having(world.tenant, [Role.MANAGER])] == ["max", "rita"]
    assert [one.user for one in await people.having(world.tenant, [Role.ADMIN, Role.AUDITOR])] == ["rita"]
    assert await people.having(world.tenant, []) == ()
    assert reader.roles == {Role.MANAGER}
    assert await people.names(world.tenant, ["max", "nobody", "erika"]) == {
        "max": "Max Boss",
        "erika": "Erika Müller",
    }
    with pytest.raises(UnknownLead):
        await people.ledger(world.tenant, uuid4())


async def test_a_notification_has_one_identity(world: World) -> None:
    one = await key(world)
    changed = [
        replace(one, cycle="2"),
        replace(one, recipient="max"),
        replace(one, lead=uuid4()),
        replace(one, tenant=uuid4()),
    ]
    assert notification_id(one) == notification_id(replace(one))
    assert len({notification_id(each) for each in [one, *changed]}) == 5


async def test_many_at_once_share_few_connections(world: World) -> None:
    store = PostgresNotificationStore(world.pool)
    keys = [await key(world) for _ in range(12)]

    async def deliver(wanted: DeliveryKey) -> int:
        async with store.delivery(wanted) as delivery:
            return await delivery.begin("<x@y>", PROMISE)

    assert await asyncio.gather(*(deliver(each) for each in keys)) == [1] * 12
