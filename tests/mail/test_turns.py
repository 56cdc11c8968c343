"""What the mail account allows is kept over all processes, and reminders go first."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.exceptions import ApplicationError

from activities.errors import MailPaced
from activities.orders import InvitationKind, MailKind, NotificationKind
from adapters.database import Pool, load_queries, open_pool
from adapters.mail import MailServer, SmtpMailer
from adapters.mail_turns import MailLimits, PostgresMailTurns, Urgency, mail_limits, urgency_of
from adapters.settings import Login, Role, SettingsError
from tests.mail.paced_sender import mail
from tests.mail.smtpserver import Server
from tests.mail.world import SENDER, World, due, life, run
from tests.stackfixtures import PROJECT
from tests.workflows.lab import until

NOON = datetime(2031, 4, 4, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SQL = load_queries("mail_turn")


class Clock:
    """An instant that goes forward when told."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    """Connections as the worker."""
    async with await open_pool(Login(postgres_url, Role.WORKER), name="test-turns") as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def superuser(postgres_url: str) -> AsyncIterator[Pool]:
    """Connections that no row security holds back."""
    async with await open_pool(Login(postgres_url, None), name="test-superuser") as made:
        yield made


@pytest_asyncio.fixture(autouse=True)
async def nothing_sent(superuser: Pool) -> None:
    """An account nobody has used."""
    await superuser.execute("truncate mail_turn, mail_handed")


def limits(connections: int = 3, minute: int = 60, hour: int = 240) -> MailLimits:
    """Limits, as the environment would say them."""
    return MailLimits.model_validate(
        {"MAIL_CONNECTIONS": connections, "MAIL_PER_MINUTE": minute, "MAIL_PER_HOUR": hour}
    )


async def ask(
    pool: Pool, at: datetime, urgency: Urgency, allowed: MailLimits, mail_id: UUID | None = None
) -> timedelta | None:
    """Ask for a turn and, if it is granted, give it back at once; how long to wait."""
    wanted = mail_id or uuid4()
    async with pool.acquire() as connection, connection.transaction():
        wait = await SQL.ask_turn(
            connection,
            mail=wanted,
            urgency=int(urgency),
            at=at,
            connections=allowed.connections,
            minute=allowed.per_minute,
            hour=allowed.per_hour,
            lease=timedelta(minutes=2),
            present=timedelta(seconds=2),
        )
        if wait is None:
            await SQL.end_turn(connection, mail=wanted)
    return None if wait is None else timedelta(milliseconds=wait)


async def test_two_processes_share_one_account(postgres_url: str, smtp: Server) -> None:
    arguments = [postgres_url, smtp.url, "15", NOON.isoformat(), "20"]
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.mail.paced_sender", *arguments,
            cwd=PROJECT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    told = [await process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    came = [json.loads(out.splitlines()[-1]) for out, _ in told]
    assert [one["unexpected"] for one in came] == [[], []]
    # Two of twenty a minute are kept for reminders, and none of thirty was one.
    assert sum(one["sent"] for one in came) == len(smtp.mails) == 18
    assert smtp.most_together <= 3


async def test_no_minute_and_no_hour_ever_sees_more(pool: Pool) -> None:
    """Whatever comes when: no window of a minute holds more than 6, none of an hour more than 30."""
    chance, at, granted = Random(7), NOON, list[datetime]()
    allowed = limits(minute=6, hour=30)
    for _ in range(600):
        at += timedelta(seconds=chance.choice([0, 0, 1, 2, 5, 20, 60]))
        if await ask(pool, at, chance.choice(list(Urgency)), allowed) is None:
            granted.append(at)
    assert len(granted) >= 60
    for window, most in ((MINUTE, 6), (HOUR, 30)):
        assert max(sum(1 for one in granted if at <= one < at + window) for at in granted) == most


async def test_a_tenth_is_kept_for_reminders(pool: Pool) -> None:
    allowed = limits(minute=10)
    told = [await ask(pool, NOON, Urgency.INVITATION, allowed) for _ in range(10)]
    assert told[:9] == [None] * 9
    assert told[9] == MINUTE
    assert await ask(pool, NOON, Urgency.REMINDER, allowed) is None
    assert await ask(pool, NOON, Urgency.REMINDER, allowed) == MINUTE
    assert await ask(pool, NOON + MINUTE, Urgency.INVITATION, allowed) is None


async def test_who_is_sent_away_comes_back_spread(pool: Pool) -> None:
    """Nine an hour may pass here: one more comes back every 400 seconds, none after more than an hour."""
    allowed = limits(minute=1000, hour=10)
    for _ in range(9):
        assert await ask(pool, NOON, Urgency.NOTICE, allowed) is None
    later = NOON + timedelta(minutes=50)
    waits = [await ask(pool, later, Urgency.NOTICE, allowed) for _ in range(12)]
    assert waits == [min(timedelta(seconds=600 + 400 * number), HOUR) for number in range(12)]


async def test_a_reminder_passes_invitations_that_wait_for_a_connection(pool: Pool, superuser: Pool) -> None:
    turns = PostgresMailTurns(pool, limits(connections=1), Clock())
    order, begun, leave = list[str](), asyncio.Event(), asyncio.Event()

    async def send(name: str, kind: MailKind) -> None:
        async with turns.turn(mail(kind, NOON)):
            order.append(name)
            begun.set()
            await leave.wait()

    tasks = [asyncio.create_task(send("first", InvitationKind.INVITATION))]
    await begun.wait()
    waiting: tuple[MailKind, ...] = (
        InvitationKind.INVITATION,
        NotificationKind.LAPSE,
        NotificationKind.REMINDER,
    )
    for number, kind in enumerate(waiting, start=2):
        tasks.append(asyncio.create_task(send(str(kind), kind)))
        await standing(superuser, number)
    leave.set()
    await asyncio.gather(*tasks)
    assert order == ["first", "reminder", "lapse", "feedback-invitation"]


async def standing(superuser: Pool, many: int) -> None:
    """Wait until so many stand in the queue, or have a connection."""

    async def so_many() -> bool:
        return bool(await superuser.fetchval("select count(*) from mail_turn") == many)

    await until(so_many)


async def test_the_connection_of_a_process_that_died_is_free_again(pool: Pool) -> None:
    clock = Clock()
    turns = PostgresMailTurns(pool, limits(connections=1), clock)
    died = turns.turn(mail(NotificationKind.LAPSE, NOON))
    await died.__aenter__()
    clock.at += timedelta(seconds=10)
    async with asyncio.timeout(120), turns.turn(mail(NotificationKind.LAPSE, NOON)):
        pass
    await died.__aexit__(None, None, None)


async def test_a_mail_that_is_handed_over_stays_so_whatever_the_database_does_then(
    postgres_url: str, smtp: Server
) -> None:
    """Else it would be sent twice."""
    turns_pool = await open_pool(Login(postgres_url, Role.WORKER), name="test-cut")
    account = SmtpMailer(
        MailServer.from_url(smtp.url), SENDER, turns=PostgresMailTurns(turns_pool, limits(), Clock())
    )
    smtp.proceed.clear()
    sending = asyncio.create_task(account.send(mail(NotificationKind.REMINDER, NOON)))
    await smtp.arrivals.get()
    await turns_pool.close()
    smtp.proceed.set()
    await sending
    assert len(smtp.mails) == 1


async def test_nobody_stands_in_the_queue_for_long(pool: Pool, superuser: Pool) -> None:
    clock = Clock()
    turns = PostgresMailTurns(pool, limits(connections=1), clock)
    async with turns.turn(mail(NotificationKind.LAPSE, NOON)):

        async def impatient() -> None:
            async with turns.turn(mail(NotificationKind.LAPSE, NOON)):
                raise AssertionError("there was no connection")

        task = asyncio.create_task(impatient())
        await standing(superuser, 2)
        lasts = NOON + MINUTE
        await superuser.execute("update mail_turn set holds_until = $1 where holds_until is not null", lasts)
        clock.at += timedelta(seconds=30)
        with pytest.raises(MailPaced) as paced:
            await task
    assert paced.value.retry_after == timedelta(seconds=2)


async def test_a_paced_mail_was_not_tried_and_is_sent_later(world: World, smtp: Server, pool: Pool) -> None:
    facts = life()
    lead = await world.lead(facts)
    clock = Clock()
    turns = PostgresMailTurns(pool, limits(minute=1), clock)
    assert await ask(pool, NOON, Urgency.REMINDER, limits(minute=1)) is None
    account = SmtpMailer(MailServer.from_url(smtp.url), SENDER, turns=turns)
    order = world.order(lead, NotificationKind.REMINDER, due(facts), "2")
    for attempt in range(1, 12):
        with pytest.raises(ApplicationError) as paced:
            await run(world.activities(account), order, due(facts), attempt=attempt)
        assert (paced.value.type, paced.value.non_retryable) == ("mail-paced", False)
        assert paced.value.next_retry_delay == MINUTE
    row = (await world.rows(lead))["erika"]
    assert (row["status"], row["attempt"]) == ("sending", 0)
    clock.at += MINUTE
    told = await run(world.activities(account), order, due(facts), attempt=12)
    assert str(told.outcome) == "sent"
    assert len(smtp.mails) == 1


def test_who_goes_first() -> None:
    assert urgency_of(NotificationKind.REMINDER) is Urgency.REMINDER
    assert urgency_of(NotificationKind.LAPSE) is Urgency.NOTICE
    assert urgency_of(InvitationKind.REMINDER) is Urgency.INVITATION


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "1000001"])
def test_limits_that_make_no_sense_are_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (mail_limits().connections, mail_limits().per_minute, mail_limits().per_hour) == (3, 60, 240)
    monkeypatch.setenv("MAIL_PER_HOUR", value)
    with pytest.raises(SettingsError, match="MAIL_PER_HOUR"):
        mail_limits()
