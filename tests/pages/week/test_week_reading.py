"""What a week holds, for whom, in which order and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from adapters.database import Caller, Pool, transaction
from adapters.week_store import WeekPlace
from protection.requests import RequestKind, RequestStatus
from protection.state import Status
from services.week import Nearness, Need, Week, act_by, read_week
from tests.lists.leads import living, share
from tests.sql.commands import DAY, T0, call

BERLIN = ZoneInfo("Europe/Berlin")
# Registered at T0, a lead's first reminder is due on day 60; noon of day 58.
NOW = T0 + 58 * DAY


def iso(day: float) -> str:
    return (T0 + timedelta(days=day)).isoformat()


async def week_of(
    app: Pool,
    tenant: UUID,
    user: str = "agent",
    role: str = "agent",
    *,
    now: datetime = NOW,
    owner: str | None = None,
    after: WeekPlace | None = None,
    most: int = 25,
) -> Week:
    caller = Caller(tenant, user, (role,))
    async with transaction(app, tenant, user, caller.roles, reading=True) as connection:
        return await read_week(connection, caller, now=now, zone=BERLIN, owner=owner, after=after, most=most)


REQUESTS = (
    ("waits", "PENDING", None),
    ("granted", "APPROVED", 56.0),
    ("refused", "REJECTED", 57.0),
    ("long-ago", "APPROVED", 50.0),
    ("taken-back", "WITHDRAWN", 57.0),
)


async def ask(worker: Pool, tenant: UUID, lead: UUID) -> None:
    async with transaction(worker, tenant, "system") as connection:
        for name, status, decided in REQUESTS:
            await connection.execute(
                "insert into request (tenant, lead, request, kind, status, days, requested_by, requested_at,"
                " decided_by, decided_at) values ($1, $2, $3, 'EXTENSION', $4, 30, 'agent', $5, $6, $7)",
                tenant,
                lead,
                name,
                status,
                T0 + 50 * DAY,
                None if decided is None else "manager",
                None if decided is None else T0 + timedelta(days=decided),
            )


async def test_every_need_is_told_the_nearest_first_and_what_rests_is_left_out(
    app: Pool, worker: Pool, tenant: UUID
) -> None:
    progress = await living(worker, tenant, "Bald fällig GmbH")
    far = await living(worker, tenant, "Noch lange GmbH", day=30)
    later = await living(worker, tenant, "Später GmbH", day=10)
    grace = await living(
        worker,
        tenant,
        "In der Nachfrist GmbH",
        status="GRACE",
        reminder_due_at=None,
        grace_until=iso(61),
        valid_until=iso(61),
    )
    base = await living(
        worker,
        tenant,
        "Grundschutz endet GmbH",
        reminder_due_at=None,
        base_until=iso(63),
        valid_until=iso(63),
    )
    both = await living(
        worker,
        tenant,
        "Nachfrist, aber Grundschutz zuerst",
        status="GRACE",
        reminder_due_at=None,
        grace_until=iso(65),
        base_until=iso(64),
        valid_until=iso(64),
    )
    bounced = await living(
        worker, tenant, "Unzustellbar GmbH", problem="reminder-bounced", reminder_due_at=iso(57)
    )
    due = await living(worker, tenant, "Jetzt fällig GmbH", reminder_due_at=iso(57.9))
    note = await living(
        worker, tenant, "Vorgemerkt", status="PREREGISTERED", valid_until=iso(60.5), reminder_due_at=None
    )
    stale = await living(
        worker, tenant, "Alte Vormerkung", status="PREREGISTERED", valid_until=iso(40), reminder_due_at=None
    )
    resting = await living(worker, tenant, "Ruht GmbH", paused=True)
    others = await living(worker, tenant, "Eines anderen GmbH", owner="other")
    helped = await living(worker, tenant, "Mithilfe GmbH", owner="other", day=1)
    seen = await living(worker, tenant, "Nur zum Ansehen GmbH", owner="other", day=1)
    await share(worker, tenant, helped, "agent", "ASSIST")
    await share(worker, tenant, seen, "agent", "VIEW")

    week = await week_of(app, tenant)
    told = {item.lead.id: (item.need, item.nearness, item.days_left) for item in week.items}
    assert told == {
        bounced: (Need.REMINDER_BOUNCED, Nearness.OVERDUE, -1),
        due: (Need.REMINDER_DUE, Nearness.OVERDUE, 0),
        progress: (Need.PROGRESS, Nearness.SOON, 2),
        note: (Need.NOTE, Nearness.SOON, 2),
        grace: (Need.GRACE, Nearness.SOON, 3),
        helped: (Need.PROGRESS, Nearness.SOON, 3),
        base: (Need.BASE_PERIOD, Nearness.SOON, 5),
        both: (Need.BASE_PERIOD, Nearness.SOON, 6),
        later: (Need.PROGRESS, Nearness.LATER, 12),
    }
    instants = [item.lead.act_by for item in week.items]
    assert instants == [act_by(item.lead) for item in week.items]
    assert instants == sorted(instants)
    assert not {far, stale, resting, others, seen} & set(told)
    (count,) = week.counts
    assert (count.owner, count.leads, count.in_grace, count.soon) == ("agent", 8, 2, 7)
    assert week.names == {}
    assert week.to_decide == 0

    team = await week_of(app, tenant, "manager", "manager")
    assert {item.lead.id for item in team.items} == set(told) | {others, seen}
    assert [(one.owner, one.leads) for one in team.counts] == [("agent", 8), ("other", 3)]
    assert team.names == {"agent": "agent", "other": "other"}
    of_other = await week_of(app, tenant, "manager", "manager", owner="other")
    assert {item.lead.owner for item in of_other.items} == {"other"}
    assert [one.owner for one in of_other.counts] == ["other"]


@pytest.mark.parametrize("role", ["agent", "manager"])
async def test_pages_follow_each_other_without_gap_or_repetition(
    app: Pool, worker: Pool, tenant: UUID, role: str
) -> None:
    leads = [await living(worker, tenant, f"Haus {number}", day=number // 2) for number in range(7)]
    shared = await living(worker, tenant, "Geteilt", owner="other", day=1)
    await share(worker, tenant, shared, "agent", "NEGOTIATE")
    found: list[UUID] = []
    place = None
    for rows in (3, 3, 2):
        week = await week_of(app, tenant, role, role, after=place, most=3)
        assert len(week.items) == rows
        found += [item.lead.id for item in week.items]
        place = week.place
    assert place is None
    assert sorted(found) == sorted([*leads, shared])


async def test_a_lead_that_moves_on_leaves_the_week(app: Pool, worker: Pool, tenant: UUID) -> None:
    await living(worker, tenant, "Im Gespräch GmbH", facts=[call(57)])
    week = await week_of(app, tenant)
    assert week.items == ()
    assert week.coming is not None
    assert (week.coming.lead.company, week.coming.days_left) == ("Im Gespräch GmbH", 59)


async def test_requests_and_lapses_are_news_for_a_week(app: Pool, worker: Pool, tenant: UUID) -> None:
    lead = await living(worker, tenant, "Gefragt GmbH")
    await ask(worker, tenant, lead)
    ended: dict[str, Any] = {"status": "EXPIRED", "reason": "INACTIVITY", "reminder_due_at": None}
    lost = await living(worker, tenant, "Verloren GmbH", valid_until=iso(55), **ended)
    await living(worker, tenant, "Lange her GmbH", valid_until=iso(40), **ended)

    week = await week_of(app, tenant)
    assert [one.request.request for one in week.asked] == ["waits", "refused", "granted"]
    assert [one.request.status for one in week.asked][1:] == [RequestStatus.REJECTED, RequestStatus.APPROVED]
    assert {one.company for one in week.asked} == {"Gefragt GmbH"}
    assert [one.lead for one in week.lapsed] == [lost]
    (item,) = week.items
    assert [(one.kind, one.requested_by) for one in item.waiting] == [(RequestKind.EXTENSION, "agent")]
    assert item.lead.status is Status.ACTIVE

    assert (await week_of(app, tenant, "manager", "manager")).to_decide == 1
    other = await week_of(app, tenant, "other")
    assert (other.items, other.asked, other.lapsed, other.counts) == ((), (), (), ())
