"""Checks the bureau has not decided: seen through by a workflow, by asking again or by the bureau's news."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.credit import CreditActivities
from activities.credit_orders import CREDIT_QUEUE, CreditOrder
from activities.erasure_orders import Cause
from activities.webhook_orders import Source, WebhookOrder
from activities.webhooks import WebhookActivities
from adapters.credit.messenger import CreditMessenger, see_through
from adapters.credit.news import CreditNews
from adapters.credit.records import PATIENCE, CreditStatus
from adapters.credit.work import CreditWork
from adapters.erasure_store import PostgresErasureStore
from adapters.webhooks.messenger import WebhookMessenger
from adapters.webhooks.store import WebhookDoor, WebhookEvent, WebhookEvents
from sandbox.switches import Failure
from tests.credit.counter import Counter
from tests.credit.test_checking import SOLID, two_of_a_company
from tests.vaultfixtures import VAULT
from tests.workflows.lab import until
from workers.credit import credit_worker
from workers.lead_clock import LeadClock
from workflows import names

# The sandbox takes no more than ten million.
TOO_MUCH: Final = Decimal(20_000_000)


async def on_record(counter: Counter, lead: UUID) -> bool:
    """Whether a check of the lead has been put on record."""
    return bool(await counter.office.lab.execute("select from credit_check where lead = $1", lead))


def steps(counter: Counter) -> CreditActivities:
    """What the workflows have done outside."""
    lab = counter.office.lab
    news = CreditNews(lab.pool, WebhookEvents(lab.pool, VAULT), lab.client)
    return CreditActivities(counter.work, news)


@asynccontextmanager
async def working(counter: Counter) -> AsyncIterator[None]:
    """The worker of the queue at work."""
    lab = counter.office.lab
    settling = WebhookActivities(WebhookEvents(lab.pool, VAULT)).settle
    async with credit_worker(lab.client, [*steps(counter).steps, settling]):
        yield


async def followed(counter: Counter, check: UUID) -> WorkflowHandle[Any, Any]:
    """The workflow that sees this check through, started by the messenger."""
    lab = counter.office.lab
    await CreditMessenger(lab.pool, lab.client, lab.tenant).carry()
    assert (await counter.row(check))["followed_at"] is not None
    return lab.client.get_workflow_handle(names.credit_id(lab.tenant, check))


def told(check: UUID, **other: Any) -> dict[str, Any]:
    """News of a decision as the bureau sends it."""
    return {
        "eventId": f"evt-{uuid4().hex}",
        "eventType": "cover.decided",
        "occurredAt": datetime.now(UTC).isoformat(),
        "jobId": "job-1",
        "reference": str(check),
        "cover": {
            "coverId": "cov-1",
            "reference": str(check),
            "status": "declined",
            "limit": None,
            "grade": "D",
            "conditions": [],
            "validUntil": None,
        },
        **other,
    }


async def kept(counter: Counter, event: dict[str, Any]) -> UUID:
    """News on record; the id of its row."""
    lab, now = counter.office.lab, datetime.now(UTC)
    door = WebhookDoor(counter.office.desk.pool, VAULT)
    taken = WebhookEvent(
        source=Source.ALLIANZ,
        event_id=event["eventId"],
        kind=event["eventType"],
        sent_at=now,
        received_at=now,
        body=json.dumps(event).encode(),
    )
    assert await door.keep(lab.tenant, taken)
    (row,) = await lab.execute("select id from webhook_event where event_id = $1", event["eventId"])
    identity: UUID = row["id"]
    return identity


async def test_what_was_not_answered_in_time_is_answered_by_the_workflow(counter: Counter) -> None:
    lead = await counter.office.opened()
    counter.outside.fail("credit", Failure.DOWN)
    check = await counter.check(lead)
    counter.outside.reset()
    async with working(counter):
        handle = await followed(counter, check.id)
        assert await handle.result() == {"status": "approved"}
    assert (await counter.row(check.id))["status"] == "approved"
    assert (await counter.check(lead)).cached


async def test_what_the_bureau_decides_later_is_asked_for_again(counter: Counter) -> None:
    lead = await counter.office.opened()
    counter.outside.credit_later()
    check = await counter.check(lead)
    assert (check.status, check.degraded) == (CreditStatus.PENDING, None)
    async with working(counter):
        handle = await followed(counter, check.id)

        async def looked() -> bool:
            return bool(await handle.query(names.PROGRESS) == {"status": "pending"})

        await until(looked)
        assert counter.outside.decide_credit() == 1
        clock = LeadClock(counter.office.lab.client, handle)
        await clock.skip(await clock.now() + timedelta(seconds=11))
        assert await handle.result() == {"status": "approved"}
    assert len(counter.questions()) == 1


async def test_the_bureaus_news_complete_a_check_and_wake_its_workflow(counter: Counter) -> None:
    lab = counter.office.lab
    counter.outside.credit_later()
    check = await counter.check(await counter.office.opened())
    async with working(counter):
        handle = await followed(counter, check.id)
        await kept(counter, told(check.id))
        carried = await WebhookMessenger(lab.pool, lab.client, Source.ALLIANZ, CREDIT_QUEUE).carry()
        assert carried == 1
        # Long before it would have asked by itself.
        assert await handle.result() == {"status": "declined"}
    row = await counter.row(check.id)
    assert (row["status"], row["grade"], row["bureau_id"]) == ("declined", "D", "cov-1")


async def test_news_count_once_in_any_order_and_never_undo_a_later_decision(
    counter: Counter,
) -> None:
    lab, act = counter.office.lab, ActivityEnvironment()
    check = await counter.check(await counter.office.opened())
    assert check.status is CreditStatus.APPROVED
    before = await counter.row(check.id)
    old = await kept(counter, told(check.id, occurredAt="2026-01-01T00:00:00Z"))
    handled = await act.run(steps(counter).handle_event, WebhookOrder(str(lab.tenant), str(old)))
    assert handled.outcome == "approved"
    assert await counter.row(check.id) == before
    # The bureau takes its word back: from then on that counts, and again changes nothing.
    new = await kept(counter, told(check.id))
    for _ in range(2):
        handled = await act.run(steps(counter).handle_event, WebhookOrder(str(lab.tenant), str(new)))
        assert handled.outcome == "declined"
    assert (await counter.check(check.lead)).status is CreditStatus.DECLINED


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        ({"cover": {"status": "approved"}}, "malformed-news"),
        ({"occurredAt": "yesterday"}, "malformed-news"),
        ({"reference": str(UUID(int=7))}, "unknown-check"),
    ],
)
async def test_news_nobody_can_use_become_a_dead_letter(
    broken: dict[str, Any], kind: str, counter: Counter
) -> None:
    lab = counter.office.lab
    counter.outside.credit_later()
    check = await counter.check(await counter.office.opened())
    event = await kept(counter, {**told(check.id), **broken})
    with pytest.raises(ApplicationError) as raised:
        await ActivityEnvironment().run(
            steps(counter).handle_event, WebhookOrder(str(lab.tenant), str(event))
        )
    assert (raised.value.type, raised.value.non_retryable) == (kind, True)
    assert (await counter.row(check.id))["status"] == "pending"


async def test_other_news_are_of_no_use(counter: Counter) -> None:
    lab = counter.office.lab
    event = await kept(counter, {"eventId": uuid4().hex, "eventType": "cover.read"})
    act, order = ActivityEnvironment(), WebhookOrder(str(lab.tenant), str(event))
    assert (await act.run(steps(counter).handle_event, order)).outcome == "of-no-use"


async def test_after_a_week_without_an_answer_a_person_has_to_look(counter: Counter) -> None:
    tenant = counter.office.lab.tenant
    counter.outside.fail("credit", Failure.SERVER_ERROR)
    check = await counter.check(await counter.office.opened())
    late = CreditWork(counter.office.lab.pool, counter.bureau, now=lambda: datetime.now(UTC) + PATIENCE)
    assert await late.complete(tenant, check.id) == "requires_review"
    row = await counter.row(check.id)
    assert (row["degraded"], row["decided_at"], row["credit_limit"]) == ("no-answer", None, None)
    # That was no answer of the bureau: whoever asks again, asks it.
    counter.outside.reset()
    assert (await counter.check(check.lead)).status is CreditStatus.APPROVED


async def test_two_leads_asked_as_one_are_each_seen_through(counter: Counter) -> None:
    tenant, account = counter.office.lab.tenant, f"K-{uuid4().hex}"
    leads = await two_of_a_company(counter)
    # With a token in hand, which is asked for in the same place.
    await counter.check(await counter.office.opened())
    counter.outside.credit_later()
    # Both are on their way before either is answered.
    counter.outside.switch("credit", latency_ms=60_000)
    asking = asyncio.gather(*(counter.check(lead, "maria", account=account) for lead in leads))

    async def both_are() -> bool:
        return len(counter.questions()) == 2 and all([await on_record(counter, lead) for lead in leads])

    await until(both_are)
    counter.outside.switch("credit")
    checks = await asking
    assert len(counter.questions()) == 2
    assert [check.status for check in checks] == [CreditStatus.PENDING] * 2
    asked, joined = sorted(checks, key=lambda check: check.degraded or "")
    assert (asked.degraded, joined.degraded) == (None, "asked-together")
    counter.outside.switch("credit")
    assert counter.outside.decide_credit() == 1
    seen = await counter.work.complete(tenant, asked.id)
    assert seen != "pending"
    assert await counter.work.complete(tenant, joined.id) == "pending"
    assert counter.outside.decide_credit() == 1
    assert await counter.work.complete(tenant, joined.id) == seen


async def test_an_erasure_ends_what_is_pending_and_nothing_comes_back(counter: Counter) -> None:
    lab, act = counter.office.lab, ActivityEnvironment()
    # A lead without contacts and notes.
    lead = await counter.office.noted(company=SOLID)
    answered = await counter.check(lead, vat_no="DE111111111")
    counter.outside.fail("credit", Failure.DOWN)
    asked = [await counter.check(lead, amount=Decimal(9000), vat_no=no) for no in (None, "DE222222222")]
    await lab.execute(
        "update protection set status = 'RELEASED', ended_at = now() where tenant = $1 and lead = $2",
        lab.tenant,
        lead,
    )
    store, at = PostgresErasureStore(lab.pool), datetime.now(UTC)
    erased = await store.erase(lab.tenant, lead, erasure=uuid4(), cause=Cause.REQUEST, by="adam", at=at)
    assert (erased.obstacle, erased.rows) == (None, 3)
    assert erased.receipt is not None
    counter.outside.reset()
    for check, status, degraded in (
        (answered, "approved", None), *((one, "requires_review", "erased") for one in asked),
    ):  # fmt: skip
        event = told(check.id)
        event["cover"]["conditions"] = ["Nur gegen Vorkasse"]
        order = WebhookOrder(str(lab.tenant), str(await kept(counter, event)))
        assert (await act.run(steps(counter).handle_event, order)).outcome == status
        assert await counter.work.complete(lab.tenant, check.id) == status
        row = await counter.row(check.id)
        assert (row["status"], row["degraded"]) == (status, degraded)
        assert (row["registration_no"], row["vat_no"], row["conditions"]) == (None, None, [])
    # An answer of a model that is kept is something to erase too; then there is nothing left.
    await lab.execute(
        "insert into ai_cache (tenant, key, lead, use_case, provider, model, size, answer, confidence,"
        " kept_at, until) values ($1, sha256('asked'), $2, 'RISK_ASSESS', 'openai', 'm', 'small', '{}', 1,"
        " now(), now() + interval '1 hour')",
        lab.tenant,
        lead,
    )
    for rows in (1, 0):
        again = await store.erase(lab.tenant, lead, erasure=uuid4(), cause=Cause.REQUEST, by="adam", at=at)
        assert (again.rows, again.receipt is not None) == (rows, rows > 0)


async def test_a_question_the_bureau_does_not_take_goes_to_a_person(counter: Counter) -> None:
    lab = counter.office.lab
    check = await counter.check(await counter.office.opened(), amount=TOO_MUCH)
    assert (check.status, check.degraded) == (CreditStatus.PENDING, "refused")
    assert await counter.work.complete(lab.tenant, check.id) == "requires_review"
    assert (await counter.row(check.id))["degraded"] == "refused"


async def test_whoever_ends_before_the_answer_leaves_a_check_that_is_found(counter: Counter) -> None:
    lab = counter.office.lab
    counter.outside.fail("credit", Failure.DOWN)
    check = await counter.check(await counter.office.opened())
    # As a process leaves it that ends between asking and answering.
    await lab.execute(
        "update credit_check set degraded = null, requested_at = requested_at - interval '1 minute'"
        " where id = $1",
        check.id,
    )
    handle = await followed(counter, check.id)
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    await see_through(lab.client, lab.tenant, check.id)
    await handle.terminate()
    assert await CreditMessenger(lab.pool, lab.client, lab.tenant).carry() == 0


async def test_an_order_that_makes_no_sense_is_refused_for_good(counter: Counter) -> None:
    act, known = ActivityEnvironment(), str(counter.office.lab.tenant)
    for order in (CreditOrder("x", "y"), CreditOrder(known, "")):
        with pytest.raises(ApplicationError) as raised:
            await act.run(steps(counter).complete, order)
        assert raised.value.non_retryable
    unknown = CreditOrder(known, str(uuid4()))
    assert (await act.run(steps(counter).complete, unknown)).status == "unknown"
