"""The key figures, counted by hand for a small tenant, and the inbox of pending requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from adapters.database import Connection, Pool, transaction
from adapters.kpi_store import Kpis, kpis
from adapters.request_inbox import InboxPlace, PendingRequest, pending_requests
from protection.facts import ActivityRecorded, HoldReason, ReminderSent
from protection.requests import RequestKind, RequestStatus
from protection.state import Status
from tests.lists.leads import living, share
from tests.sql.commands import DAY, T0, freed, placed
from tests.sql.conftest import new_tenant

NOW = T0 + 61 * DAY
SINCE = NOW - 50 * DAY
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Desk:
    """Leads in every state, mails that arrived and did not, requests that wait and were decided."""

    tenant: UUID
    waiting: UUID
    shared: UUID
    foreign: UUID
    graced: UUID


async def _mail(
    connection: Connection, tenant: UUID, lead: UUID, kind: str, *, status: str, at: datetime = NOW - DAY
) -> None:
    await connection.execute(
        "insert into notification"
        " (tenant, id, lead, cycle, kind, recipient, channel, status, created_at, updated_at)"
        " values ($1, gen_random_uuid(), $2, $3, $4, 'agent', 'EMAIL', $5, $6, $6)",
        tenant,
        lead,
        str(uuid4()),
        kind,
        status,
        at,
    )


async def _request(connection: Connection, tenant: UUID, lead: UUID, name: str, **columns: Any) -> None:
    row = {
        "tenant": tenant,
        "lead": lead,
        "request": name,
        "kind": "HOLD",
        "status": "PENDING",
        "reason": "OTHER",
        "requested_by": "agent",
        "requested_at": NOW - 3 * DAY,
    } | columns
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    await connection.execute(f"insert into request ({', '.join(row)}) values ({places})", *row.values())


async def _reactivated(worker: Pool, tenant: UUID, owner: str) -> UUID:
    """A lead whose grace a progress has ended."""
    sent = ReminderSent(
        fact_id="reminder", recorded_at=T0 + 60 * DAY, by="system", sent_at=T0 + 60 * DAY, cycle=1
    )
    back = ActivityRecorded(
        fact_id="back", recorded_at=T0 + 60 * DAY + HOUR, by=owner, kind="QUALIFIED_CALL",
        occurred_at=T0 + 60 * DAY + HOUR,
    )  # fmt: skip
    return await living(worker, tenant, f"Reactivated {owner}", owner=owner, facts=(sent, back))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(worker: Pool) -> Desk:
    tenant = await new_tenant(worker)
    waiting = await living(worker, tenant, "Waiting")  # its reminder was due a day ago
    graced = await living(worker, tenant, "Graced", status="GRACE", reminder_due_at=None)
    await living(worker, tenant, "Paused", paused=True)
    for name, end in (("Lapsed", _text(NOW - HOUR)), ("Long gone", _text(NOW - 2 * DAY))):
        await living(
            worker, tenant, name, status="EXPIRED", ended_at=end, valid_until=end, reminder_due_at=None
        )
    shared = await _reactivated(worker, tenant, "other")
    await share(worker, tenant, shared, "agent")
    foreign = await living(
        worker, tenant, "Foreign", owner="other", day=60, problem="reminder-bounced",
        next_wake_up=_text(NOW - HOUR),
    )  # fmt: skip
    halted = await living(
        worker, tenant, "Halted", day=5, facts=(placed(6), freed(16, "h1"), placed(50, "h2"))
    )
    await living(worker, tenant, "Converted", status="CONVERTED", reminder_due_at=None)
    async with transaction(worker, tenant, "system") as connection:
        await _mail(connection, tenant, waiting, "reminder", status="sent")
        await _mail(connection, tenant, waiting, "reminder", status="sent", at=SINCE - DAY)
        await _mail(connection, tenant, waiting, "reminder", status="bounced")
        await _mail(connection, tenant, waiting, "lapse", status="dead")
        await _mail(connection, tenant, foreign, "reminder", status="sent")
        await _mail(connection, tenant, foreign, "notice-base", status="sending")
        await _request(connection, tenant, waiting, "r1", start_at=NOW, end_at=NOW + DAY)
        await _request(
            connection,
            tenant,
            graced,
            "r2",
            kind="EXTENSION",
            days=30,
            reason=None,
            requested_at=NOW - 2 * DAY,
            requested_by="manager",
            next_step_at=NOW + DAY,
        )
        await _request(connection, tenant, foreign, "r3", requested_by="other", requested_at=NOW - 5 * DAY)
        await _request(connection, tenant, shared, "r4", requested_at=NOW - DAY)
        early = SINCE - 9 * DAY
        for name, asked, hours, more in (
            ("d1", NOW - 10 * DAY, 1, {}),
            ("d2", NOW - 10 * DAY, 5, {"status": "REJECTED"}),
            ("d3", NOW - 10 * DAY, 30, {}),
            ("d4", NOW - 10 * DAY, 90, {"status": "WITHDRAWN"}),
            ("d5", NOW - 10 * DAY, 90, {"kind": "EXTENSION"}),
            ("d6", early, 90, {}),
        ):
            decided = {"status": "APPROVED", "decided_by": "manager", "decided_at": asked + hours * HOUR}
            await _request(connection, tenant, halted, name, requested_at=asked, **decided | more)
    return Desk(tenant, waiting, shared, foreign, graced)


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


async def _kpis(app: Pool, desk: Desk, user: str, *, as_of: datetime = NOW, since: datetime = SINCE) -> Kpis:
    async with transaction(app, desk.tenant, user, [user], reading=True) as connection:
        return await kpis(connection, desk.tenant, as_of=as_of, since=since)


async def test_the_numbers_of_the_whole_tenant(app: Pool, desk: Desk) -> None:
    told = await _kpis(app, desk, "manager")
    assert {count.status: count.leads for count in told.counts} == {
        Status.ACTIVE: 5,
        Status.GRACE: 1,
        Status.EXPIRED: 2,
        Status.CONVERTED: 1,
    }
    assert (told.paused, told.with_problem, told.wake_ups_overdue) == (2, 1, 1)
    assert (told.reminders_due, told.reminders_sent, told.reminders_bounced) == (1, 2, 1)
    assert told.expired_last_day == 1
    assert told.expiring == 0
    assert told.reactivated == 1
    # Halted: the hold of day 6 to 16 counts from day 11 on, that of day 50 up to day 61; Paused: from 20 on.
    assert told.hold_days == {HoldReason.FFZ_PRICE_APPROVAL: pytest.approx(5 + 11 + 41)}
    assert (told.requests_pending, told.oldest_request_at) == (4, NOW - 5 * DAY)
    assert told.holds_decided == 3
    assert (told.hold_decision_median, told.hold_decision_longest) == (5 * HOUR, 30 * HOUR)
    assert (told.dead_letters, told.mails_waiting) == (1, 1)
    assert (told.as_of, told.since) == (NOW, SINCE)


async def test_what_ends_within_a_week_is_counted(app: Pool, desk: Desk) -> None:
    soon = await _kpis(app, desk, "manager", as_of=T0 + 64 * DAY, since=T0)
    assert soon.expiring == 2  # Waiting and Graced, both on day 70


async def test_an_agents_numbers_are_of_his_leads(app: Pool, desk: Desk) -> None:
    told = await _kpis(app, desk, "agent")
    assert sum(count.leads for count in told.counts) == 8
    assert (told.with_problem, told.wake_ups_overdue, told.reminders_sent, told.mails_waiting) == (0, 0, 1, 0)
    assert told.requests_pending == 3
    assert told.reactivated == 0  # the audit of a shared lead is its owner's
    async with transaction(app, desk.tenant, "other", ["agent"]) as connection:
        theirs = await kpis(connection, desk.tenant, as_of=NOW, since=SINCE)
    assert (theirs.reactivated, theirs.requests_pending) == (1, 2)


async def test_strangers_have_no_numbers(app: Pool, desk: Desk) -> None:
    async with transaction(app, uuid4(), "manager", ["manager"]) as connection:
        told = await kpis(connection, desk.tenant, as_of=NOW, since=SINCE)
    assert (told.counts, told.hold_days, told.oldest_request_at) == ((), {}, None)
    assert (told.requests_pending, told.dead_letters, told.reminders_sent, told.paused) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("as_of", "since"),
    [(NOW, NOW), (NOW, NOW + DAY), (NOW.replace(tzinfo=None), SINCE), (NOW, SINCE.replace(tzinfo=None))],
)
async def test_a_time_that_is_none_is_refused(
    app: Pool, desk: Desk, as_of: datetime, since: datetime
) -> None:
    with pytest.raises(ValueError, match="since"):
        await _kpis(app, desk, "manager", as_of=as_of, since=since)


async def _inbox(app: Pool, desk: Desk, user: str, *roles: str, **how: Any) -> list[PendingRequest]:
    async with transaction(app, desk.tenant, user, roles or [user]) as connection:
        return list(await pending_requests(connection, desk.tenant, **how))


async def test_the_inbox_holds_what_waits_the_oldest_first(app: Pool, desk: Desk) -> None:
    found = await _inbox(app, desk, "manager")
    assert [each.request.request for each in found] == ["r3", "r1", "r2", "r4"]
    assert all(each.request.status is RequestStatus.PENDING for each in found)
    first, second, third, _ = found
    assert (first.lead, first.company, first.city, first.owner) == (
        desk.foreign,
        "Foreign",
        "Erfurt",
        "other",
    )
    assert (second.request.reason, second.request.start_at) == (HoldReason.OTHER, NOW)
    assert (third.request.kind, third.request.days, third.status) == (RequestKind.EXTENSION, 30, Status.GRACE)
    assert (third.request.next_step_at, third.valid_until) == (NOW + DAY, T0 + 70 * DAY)
    assert third.revision == 1


async def test_the_inbox_can_be_narrowed_and_paged(app: Pool, desk: Desk) -> None:
    async def names(user: str = "manager", *roles: str, **how: Any) -> list[str]:
        return [each.request.request for each in await _inbox(app, desk, user, *roles, **how)]

    assert await names(kind=RequestKind.EXTENSION) == ["r2"]
    assert await names(kind=RequestKind.HOLD) == ["r3", "r1", "r4"]
    assert await names(not_by="manager") == ["r3", "r1", "r4"]
    assert await names("agent") == ["r1", "r2", "r4"]
    assert await names("other", "agent") == ["r3", "r4"]
    assert await names("stranger", "agent") == []
    assert await names("auditor") == ["r3", "r1", "r2", "r4"]
    found: list[str] = []
    place: InboxPlace | None = None
    while page := await _inbox(app, desk, "manager", after=place, most=1):
        found += [each.request.request for each in page]
        place = page[-1].place
    assert found == ["r3", "r1", "r2", "r4"]


async def test_requests_of_one_instant_are_all_turned_over(worker: Pool, app: Pool, tenant: UUID) -> None:
    leads = [await living(worker, tenant, f"Hotel {number}") for number in range(2)]
    async with transaction(worker, tenant, "system") as connection:
        for lead in leads:
            for name in ("a", "b", "ä"):
                await _request(connection, tenant, lead, name)
    crowd = Desk(tenant, *leads, *leads)
    found: list[tuple[UUID, str]] = []
    place: InboxPlace | None = None
    while page := await _inbox(app, crowd, "manager", after=place, most=2):
        found += [(each.lead, each.request.request) for each in page]
        place = page[-1].place
    assert sorted(found) == sorted((lead, name) for lead in leads for name in ("a", "b", "ä"))
    assert found[0][0] == min(leads)
