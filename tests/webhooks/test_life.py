"""News on its way: carried to a workflow, handled, or put aside and tried again; never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.errors import ErrorType, final
from activities.webhook_orders import HANDLE_ERP_EVENT, Handled, Source, WebhookOrder
from adapters.database import Pool
from adapters.settings import Login, Role
from adapters.webhooks.messenger import WebhookMessenger
from adapters.webhooks.store import DEAD_KEPT, HANDLED_KEPT, WebhookEvents
from tests.webhooks.letterbox import Letterbox, news
from tests.workflows.lab import until
from workers.registry import runner
from workers.webhooks import carrying_webhooks, webhook_parts
from workflows import options
from workflows.webhook_start import webhook_id

FAULTS: Final = "test-fault"


class Office:
    """A handler that reads its news, and fails where the news says so."""

    def __init__(self, events: WebhookEvents) -> None:
        self._events = events
        self.tries: dict[str, int] = {}
        self.broken: set[str] = set()

    @activity.defn(name=HANDLE_ERP_EVENT)
    async def handle(self, order: WebhookOrder) -> Handled:
        """Make use of it."""
        read = await self._events.read(UUID(order.tenant), UUID(order.event))
        if read is None:
            return Handled("gone")
        self.tries[read.event_id] = self.tries.get(read.event_id, 0) + 1
        if read.event_id in self.broken:
            raise final(ErrorType.MALFORMED_ORDER, "cannot be used")
        if read.kind == "slow.once" and self.tries[read.event_id] == 1:
            raise ApplicationError("away", type=FAULTS, next_retry_delay=timedelta(milliseconds=100))
        return Handled("Made use of!")


class House:
    """Everything that carries and handles the news of one test module."""

    def __init__(self, letterbox: Letterbox, superuser: Pool, office: Office, queue: str) -> None:
        self.letterbox = letterbox
        self.office = office
        self.queue = queue
        self._superuser = superuser

    async def sent(self, **more: Any) -> str:
        """Send news; its id."""
        event = news(**more)
        assert (await self.letterbox.send(event)).status_code == 202
        return str(event["eventId"])

    async def row(self, event_id: str) -> asyncpg.Record:
        """What stands of it in the database."""
        found = await self._superuser.fetchrow("select * from webhook_event where event_id = $1", event_id)
        assert found is not None
        return found

    async def settled(self, event_id: str) -> asyncpg.Record:
        """The same, once it does not wait any more."""

        async def is_settled() -> bool:
            return bool((await self.row(event_id))["state"] != "waiting")

        await until(is_settled)
        return await self.row(event_id)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(letterbox: Letterbox, superuser: Pool, worker: Pool) -> House:
    """Where news is handled; nobody works yet."""
    office = Office(WebhookEvents(worker, letterbox.vault))
    return House(letterbox, superuser, office, f"erp-{uuid4().hex[:8]}")


@asynccontextmanager
async def at_work(house: House, client: Client, pool: Pool, url: str) -> AsyncIterator[None]:
    """A worker and a messenger."""
    parts = webhook_parts(pool, house.letterbox.vault)
    login = Login(url, Role.WORKER)
    async with (
        Worker(
            client,
            task_queue=house.queue,
            workflows=list(parts.workflows),
            activities=[house.office.handle, *parts.activities],
            workflow_runner=runner(),
        ),
        carrying_webhooks(pool, login, client, Source.XENTRAL, house.queue),
    ):
        yield


async def test_news_waits_for_whoever_is_away_and_is_then_handled_once(
    house: House, temporal_env: WorkflowEnvironment, worker: Pool, postgres_url: str
) -> None:
    nobody = await Client.connect("127.0.0.1:9", lazy=True)
    early = await house.sent()
    assert await WebhookMessenger(worker, nobody, Source.XENTRAL, house.queue).carry() == 0
    assert (await house.row(early))["told_at"] is None
    # Carried while no worker runs, by two at once: it waits in Temporal, once.
    client = temporal_env.client
    both = [WebhookMessenger(worker, client, Source.XENTRAL, house.queue) for _ in range(2)]
    await asyncio.gather(*(one.carry() for one in both))
    assert (await house.row(early))["state"] == "waiting"
    async with at_work(house, client, worker, postgres_url):
        row = await house.settled(early)
        assert (row["state"], row["outcome"], row["body"]) == ("handled", "Made-use-of", None)
        late = await house.sent(eventType="slow.once")
        assert (await house.settled(late))["state"] == "handled"
        assert house.office.tries == {early: 1, late: 2}
        again = await house.letterbox.send(news(eventId=early))
        assert again.json()["repeated"]
        history = await client.get_workflow_handle(webhook_id(Source.XENTRAL, late)).fetch_history()
        told = history.to_json()
        assert "Beispiel" not in told
        assert "Hauptstrasse" not in told
    assert house.office.tries[early] == 1


async def test_what_cannot_be_used_is_put_aside_and_tried_again_when_somebody_says_so(
    house: House, temporal_env: WorkflowEnvironment, worker: Pool, postgres_url: str
) -> None:
    box = house.letterbox
    async with at_work(house, temporal_env.client, worker, postgres_url):
        event_id = f"evt-{uuid4().hex}"
        house.office.broken.add(event_id)
        await house.sent(eventId=event_id)
        row = await house.settled(event_id)
        assert (row["state"], row["outcome"]) == ("dead", "malformed-order")
        assert row["body"] is not None
        house.office.broken.clear()
        root = box.token("root", "admin")
        replayed = await box.api.post(f"/api/webhook-events/{row['id']}/replay", root)
        assert replayed.status_code == 202
        done = await house.settled(event_id)
        assert (done["state"], done["round"], done["replayed_by"]) == ("handled", 2, "root")
        assert done["body"] is None
        assert house.office.tries[event_id] == 2


async def test_a_workflow_that_was_lost_is_started_once_more_and_old_rows_go(
    house: House, temporal_env: WorkflowEnvironment, worker: Pool, superuser: Pool, postgres_url: str
) -> None:
    """What was told of, but never settled, is told again; what is over is forgotten in its time."""
    lost, old, dead = await house.sent(), await house.sent(), await house.sent()
    await superuser.execute(
        "update webhook_event set told_at = now() - interval '7 hours' where event_id = $1", lost
    )
    for event_id, state, kept in ((old, "handled", HANDLED_KEPT), (dead, "dead", DEAD_KEPT)):
        await superuser.execute(
            "update webhook_event set state = $2, settled_at = $3, outcome = 'x',"
            " body = case when $2 = 'dead' then body end where event_id = $1",
            event_id,
            state,
            datetime.now(UTC) - kept - timedelta(minutes=1),
        )
    async with at_work(house, temporal_env.client, worker, postgres_url):
        assert (await house.settled(lost))["state"] == "handled"

        async def gone() -> bool:
            left = await superuser.fetchval(
                "select count(*) from webhook_event where event_id = any($1)", [old, dead]
            )
            return bool(left == 0)

        await until(gone)


def test_tries_are_bounded_and_last_for_hours() -> None:
    policy = options.WEBHOOK_RETRY
    assert policy.maximum_interval is not None
    pauses = [
        min(policy.initial_interval * policy.backoff_coefficient**number, policy.maximum_interval)
        for number in range(policy.maximum_attempts - 1)
    ]
    assert timedelta(hours=2) < sum(pauses, timedelta()) < timedelta(hours=6)
