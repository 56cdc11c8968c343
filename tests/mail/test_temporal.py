"""The activity behind a real Temporal server: repeated by type, its failures free of anybody's data."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import ActivityFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.courier import Patience
from activities.orders import (
    SEND_NOTIFICATION,
    NotificationKind,
    NotificationOrder,
    NotificationOutcome,
    NotificationResult,
)
from protection.dates import parse_instant
from protection.facts import Registered
from tests.mail.smtpserver import Server
from tests.mail.world import World, due

QUICK = Patience(deferred=timedelta(milliseconds=50), unreachable=timedelta(milliseconds=50))


async def ask(
    env: WorkflowEnvironment, world: World, smtp: Server, order: NotificationOrder
) -> NotificationResult:
    queue = f"mail-{uuid.uuid4()}"
    activities = world.activities(smtp.url, patience=QUICK)
    async with Worker(env.client, task_queue=queue, activities=[activities.send_notification]):
        handle = await env.client.start_activity(
            SEND_NOTIFICATION, order, id=str(uuid.uuid4()), task_queue=queue, result_type=NotificationResult,
            start_to_close_timeout=timedelta(seconds=30),
        )  # fmt: skip
        result = await handle.result()
    assert isinstance(result, NotificationResult)
    return result


def recent_life() -> tuple[Registered, ...]:
    at = datetime.now(UTC) - timedelta(days=61)
    return (Registered(fact_id="r", recorded_at=at, by="erika", owner="erika", registered_at=at),)


async def test_a_deferred_mail_is_tried_until_it_is_taken(
    temporal_env: WorkflowEnvironment, world: World, smtp: Server
) -> None:
    facts = recent_life()
    lead = await world.lead(facts)
    answers = iter(["451 4.7.1 wait", "421 busy", "250 OK"])
    smtp.next_sender_answer = lambda: next(answers)
    before = datetime.now(UTC)
    result = await ask(
        temporal_env, world, smtp, world.order(lead, NotificationKind.REMINDER, due(facts), "1")
    )
    assert result.outcome is NotificationOutcome.SENT
    assert result.sent_at is not None
    assert before - timedelta(seconds=1) <= parse_instant(result.sent_at) <= datetime.now(UTC)
    assert len(smtp.mails) == 1


async def test_a_refusal_ends_in_a_result(
    temporal_env: WorkflowEnvironment, world: World, smtp: Server
) -> None:
    facts = recent_life()
    await world.person("erika", "bounce@agents.example")
    lead = await world.lead(facts)
    result = await ask(
        temporal_env, world, smtp, world.order(lead, NotificationKind.REMINDER, due(facts), "1")
    )
    assert result == NotificationResult(NotificationOutcome.BOUNCED, None, "550 5.1.1")


async def test_an_order_nobody_can_carry_out_fails_once(
    temporal_env: WorkflowEnvironment, world: World, smtp: Server
) -> None:
    order = NotificationOrder(
        str(world.tenant), str(uuid.uuid4()), NotificationKind.LAPSE, "1", "2031-01-01T00:00:00Z"
    )
    with pytest.raises(ActivityFailureError) as failed:
        await ask(temporal_env, world, smtp, order)
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "unknown-lead"
