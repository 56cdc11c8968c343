"""Who is told and where, as the settings say: the registry on a real database, mails on a real server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from temporalio.exceptions import ApplicationError

from activities.courier import notification_id
from activities.orders import NotificationKind, NotificationOutcome
from activities.ports import Channel, DeliveryKey
from adapters.database import Pool, open_pool, transaction
from adapters.notification_store import PostgresNotificationStore
from adapters.registry import SettingsRegistry, open_registry
from adapters.setting_definitions import Json, Scope
from adapters.setting_store import Place, put_value
from adapters.settings import Login, Role, Settings
from adapters.telling_rules import CHANNELS, ROLES, SettledRules
from protection.facts import ExtensionRequested, Lapsed, ReminderSent
from protection.lifecycle import lapse_by, replay
from protection.permission import Role as UserRole
from tests.mail.smtpserver import Server
from tests.mail.world import CALL, POLICY, World, due, later, life, run
from workers.bootstrap import notifications

DUE = due(life())
CYCLE = str(replay(POLICY, life()).cycle)
ASKED = later(CALL, days=1)


@asynccontextmanager
async def settled(world: World) -> AsyncIterator[tuple[SettingsRegistry, Pool]]:
    login = Login(world.url, Role.WORKER)
    pool = await open_pool(login, name="fristwerk-rules", largest=4)
    try:
        async with open_registry(pool, login) as registry:
            yield registry, pool
    finally:
        await pool.close()


async def put(pool: Pool, world: World, key: str, value: Json) -> None:
    async with transaction(pool, world.tenant, "root", ["admin"], at=CALL, reason="because") as connection:
        await put_value(connection, Place(world.tenant, Scope.TENANT), key, value, by="root", at=CALL)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(2400):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to hold within two minutes")


async def test_managers_are_told_until_somebody_settles_otherwise(world: World) -> None:
    async with settled(world) as (registry, pool):
        rules = SettledRules(registry)

        async def hears() -> bool:
            return registry.hears

        async def everywhere() -> bool:
            return await rules.channels(world.tenant) == (Channel.INAPP, Channel.TASK)

        await until(hears)
        assert await rules.roles(world.tenant) == {UserRole.MANAGER}
        assert await rules.channels(world.tenant) == (Channel.INAPP,)
        await put(pool, world, ROLES, ["admin", "auditor"])
        await put(pool, world, CHANNELS, ["TASK"])
        await until(everywhere)
        assert await rules.roles(world.tenant) == {UserRole.MANAGER, UserRole.ADMIN, UserRole.AUDITOR}


def lapsed_life() -> tuple[datetime, tuple[ReminderSent, Lapsed]]:
    sent = ReminderSent(fact_id="s", recorded_at=DUE, by="clock", sent_at=DUE, cycle=int(CYCLE))
    lapse = lapse_by(replay(POLICY, life(sent)), later(DUE, days=60))
    assert lapse is not None
    return lapse[0], (
        sent,
        Lapsed(fact_id="l", recorded_at=lapse[0], by="clock", at=lapse[0], reason=lapse[1]),
    )


async def test_settled_roles_hear_of_a_lapse_if_they_may_read_the_lead(world: World, smtp: Server) -> None:
    await world.person("alma", "alma@ffz.example", roles=["auditor"])
    await world.person("otto", "otto@agents.example")
    end, more = lapsed_life()
    lead = await world.lead(life(*more))
    async with settled(world) as (registry, pool):
        await put(pool, world, ROLES, ["auditor", "agent"])
        activities = world.activities(smtp.url, rules=SettledRules(registry))
        await run(activities, world.order(lead, NotificationKind.LAPSE, end), end)
    # Another agent is a competitor for the lead: a role in the settings opens nobody's leads.
    assert sorted(smtp.recipients) == [
        "alma@ffz.example", "erika@agents.example", "max@ffz.example", "rita@ffz.example",
    ]  # fmt: skip


async def test_only_who_may_decide_is_asked_to(world: World, smtp: Server) -> None:
    await world.person("alma", "alma@ffz.example", roles=["auditor"])
    await world.person("adam", "adam@ffz.example", roles=["admin"])
    await world.person("both", "both@ffz.example", roles=["manager", "auditor"])
    wanted = ExtensionRequested(fact_id="w", recorded_at=ASKED, by="erika", request="q", days=30)
    lead = await world.lead(life(wanted))
    async with settled(world) as (registry, pool):
        await put(pool, world, ROLES, ["auditor", "agent", "admin"])
        activities = world.activities(smtp.url, rules=SettledRules(registry))
        await run(activities, world.order(lead, NotificationKind.REQUEST_MADE, ASKED, "q"), ASKED)
    assert sorted(smtp.recipients) == ["adam@ffz.example", "max@ffz.example", "rita@ffz.example"]


async def test_a_reminder_is_shown_wherever_settled_once_and_with_the_mails_dates(
    world: World, smtp: Server
) -> None:
    lead = await world.lead(life())
    async with settled(world) as (registry, pool):
        await put(pool, world, CHANNELS, ["TASK", "EMAIL"])
        activities = world.activities(smtp.url, rules=SettledRules(registry))
        order = world.order(lead, NotificationKind.REMINDER, DUE, CYCLE)
        first = await run(activities, order, later(DUE, seconds=3))
        assert await run(activities, order, later(DUE, hours=1), attempt=2) == first
    rows = {row["channel"]: row for row in await world.told(lead)}
    assert set(rows) == {"EMAIL", "INAPP", "TASK"}
    assert {row["status"] for row in rows.values()} == {"sent"}
    assert len({(row["recipient"], row["promised"], row["sent_at"]) for row in rows.values()}) == 1
    assert (rows["INAPP"]["message_id"], rows["TASK"]["message_id"]) == (None, None)
    assert smtp.recipients == ["erika@agents.example"]


async def test_a_reminder_that_did_not_go_out_is_shown_nowhere(world: World, smtp: Server) -> None:
    await world.person("erika", "bounce@agents.example")
    lead = await world.lead(life())
    async with settled(world) as (registry, _):
        activities = world.activities(smtp.url, rules=SettledRules(registry))
        result = await run(activities, world.order(lead, NotificationKind.REMINDER, DUE, CYCLE), DUE)
        nobody = await world.lead(life(owner="nobody"))
        await run(activities, world.order(nobody, NotificationKind.REMINDER, DUE, CYCLE), DUE)
    assert result.outcome is NotificationOutcome.BOUNCED
    assert [row["channel"] for row in await world.told(lead)] == ["EMAIL"]
    assert [row["channel"] for row in await world.told(nobody)] == ["EMAIL"]


async def test_a_reminder_that_is_in_the_ledger_already_is_not_shown_later(
    world: World, smtp: Server
) -> None:
    lead = await world.lead(life())
    order = world.order(lead, NotificationKind.REMINDER, DUE, CYCLE)
    await run(world.activities(smtp.url), order, DUE)
    await world.add(lead, *lapsed_life()[1][:1])
    async with settled(world) as (registry, _):
        again = world.activities(smtp.url, rules=SettledRules(registry))
        assert (await run(again, order, later(DUE, hours=1), attempt=2)).outcome is NotificationOutcome.SENT
    assert [row["channel"] for row in await world.told(lead)] == ["EMAIL"]


async def test_two_attempts_do_not_show_a_reminder_at_the_same_time(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    order = world.order(lead, NotificationKind.REMINDER, DUE, CYCLE)
    shown = DeliveryKey(world.tenant, lead, CYCLE, NotificationKind.REMINDER, "erika", Channel.INAPP)
    async with settled(world) as (registry, _):
        activities = world.activities(smtp.url, rules=SettledRules(registry))
        async with PostgresNotificationStore(world.pool).delivery(shown):
            with pytest.raises(ApplicationError) as busy:
                await run(activities, order, DUE)
        assert (busy.value.type, busy.value.non_retryable) == ("mail-busy", False)
        await run(activities, order, later(DUE, seconds=5), attempt=2)
    rows = {row["channel"]: row for row in await world.told(lead)}
    assert rows["INAPP"]["id"] == notification_id(shown)
    assert rows["INAPP"]["sent_at"] == rows["EMAIL"]["sent_at"] == DUE
    assert len(smtp.mails) == 1


async def test_a_worker_tells_as_the_settings_say(
    world: World, smtp: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", smtp.url)
    monkeypatch.setenv("MAIL_FROM", "Fristwerk <clock@fristwerk.example>")
    lead = await world.lead(life())
    async with settled(world) as (registry, pool):
        activities = notifications(Settings(), pool, registry)
        await run(activities, world.order(lead, NotificationKind.REMINDER, DUE, CYCLE), DUE)
    assert [row["channel"] for row in await world.told(lead)] == ["EMAIL", "INAPP"]
    assert smtp.recipients == ["erika@agents.example"]


async def test_news_are_shown_inside_and_what_is_to_do_is_a_task(world: World, smtp: Server) -> None:
    await world.person("max", "bounce@ffz.example", "Max Boss", roles=["manager"])
    wanted = ExtensionRequested(fact_id="w", recorded_at=ASKED, by="erika", request="q", days=30)
    asked = await world.lead(life(wanted))
    end, more = lapsed_life()
    over = await world.lead(life(*more))
    async with settled(world) as (registry, pool):
        await put(pool, world, CHANNELS, ["TASK"])
        activities = world.activities(smtp.url, rules=SettledRules(registry))
        for attempt in (1, 2):
            at = later(ASKED, minutes=attempt)
            await run(activities, world.order(asked, NotificationKind.REQUEST_MADE, ASKED, "q"), at)
            await run(activities, world.order(over, NotificationKind.LAPSE, end), later(end, minutes=attempt))
    # A decision is asked for inside even where the mail was refused; the news of a lapse ask for nothing.
    told = [(row["recipient"], row["channel"], row["status"]) for row in await world.told(asked)]
    assert sorted(told) == [
        ("max", "EMAIL", "bounced"), ("max", "INAPP", "sent"), ("max", "TASK", "sent"),
        ("rita", "EMAIL", "sent"), ("rita", "INAPP", "sent"), ("rita", "TASK", "sent"),
    ]  # fmt: skip
    news = [(row["recipient"], row["channel"]) for row in await world.told(over)]
    assert sorted(news) == [(user, way) for user in ("erika", "max", "rita") for way in ("EMAIL", "INAPP")]
