"""send-notification on a real database and a real SMTP server."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import structlog
from temporalio.exceptions import ApplicationError

from activities.courier import Patience
from activities.orders import NotificationKind, NotificationOutcome, NotificationResult
from protection.dates import format_instant, parse_instant
from protection.facts import ActivityRecorded, EndReason, HoldPlaced, HoldReason, Lapsed, ReminderSent
from protection.lifecycle import apply, replay, snapshot
from tests.mail.smtpserver import Server
from tests.mail.world import CALL, POLICY, World, due, later, life, run

REMINDER, LAPSE = NotificationKind.REMINDER, NotificationKind.LAPSE
DUE = due(life())
CYCLE = str(replay(POLICY, life()).cycle)


def grace_of(sent_at: datetime) -> datetime:
    state = replay(POLICY, life())
    fact = ReminderSent(fact_id="x", recorded_at=sent_at, by="system", sent_at=sent_at, cycle=state.cycle)
    until = snapshot(apply(state, fact), sent_at).grace_until
    assert until is not None
    return until


async def test_a_reminder_carries_what_the_contract_wants(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    sent_at = later(DUE, seconds=3)
    result = await run(world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE), sent_at)
    assert result == NotificationResult(NotificationOutcome.SENT, format_instant(sent_at))
    (mail,) = smtp.mails
    assert smtp.recipients == ["erika@agents.example"]
    assert mail.to == "erika@agents.example"
    assert parsedate_to_datetime(mail.date) == sent_at
    assert (mail.language, mail.kind, mail.lead, mail.cycle) == ("de", "reminder", str(lead), CYCLE)
    for body in (mail.text, mail.html):
        for part in ("Bäckerei Süß GmbH", "Ulm", "Erika Müller", f"https://leads.example/leads/{lead}"):
            assert part in body
        assert "Freitag, 4. April 2031, 11:15 Uhr (Europe/Berlin, UTC+02:00)" in body  # progress was due
        assert "Montag, 14. April 2031, 11:15 Uhr (Europe/Berlin, UTC+02:00)" in body  # end of grace
        assert "qualifiziertes Gespräch am Montag, 3. Februar 2031, 11:15 Uhr" in body
        assert "Fortschritt dokumentieren" in body
        assert "Verlängerung beantragen" in body
        assert "Hemmung beantragen" in body
    assert grace_of(sent_at) == parse_instant("2031-04-14T11:15:03+02:00")


async def test_the_row_keeps_what_the_mail_promised(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    sent_at = later(DUE, hours=5)
    await run(world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE), sent_at)
    row = (await world.rows(lead))["erika"]
    assert (row["status"], row["attempt"], row["sent_at"], row["channel"]) == ("sent", 1, sent_at, "EMAIL")
    assert row["message_id"] == smtp.mails[0].message_id == f"<{row['id']}@fristwerk.example>"
    promised = json.loads(row["promised"])
    assert promised["sent_at"] == format_instant(sent_at)
    assert promised["grace_until"] == format_instant(grace_of(sent_at))


async def test_a_sent_mail_is_never_sent_again(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    activities, order = world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE)
    first = await run(activities, order, DUE)
    again = await run(activities, order, later(DUE, days=1), attempt=2)
    asked = await run(activities, replace(order, retry=True), later(DUE, days=2))
    assert first == again == asked
    assert len(smtp.mails) == 1
    await world.add(
        lead, ReminderSent(fact_id="s", recorded_at=DUE, by="system", sent_at=DUE, cycle=int(CYCLE))
    )
    assert await run(activities, order, later(DUE, days=1)) == first
    assert len(smtp.mails) == 1


async def test_two_attempts_side_by_side_send_one_mail(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    order = world.order(lead, REMINDER, DUE, CYCLE)
    smtp.proceed.clear()
    first = asyncio.create_task(run(world.activities(smtp.url), order, DUE))
    await smtp.arrivals.get()
    with pytest.raises(ApplicationError) as busy:
        await run(world.activities(smtp.url), order, later(DUE, seconds=1), attempt=2)
    assert busy.value.type == "mail-busy"
    assert not busy.value.non_retryable
    smtp.proceed.set()
    assert (await first).outcome is NotificationOutcome.SENT
    assert len(smtp.mails) == 1


async def test_a_cancelled_attempt_still_records_what_went_out(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    smtp.proceed.clear()
    task = asyncio.create_task(run(world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE), DUE))
    await smtp.arrivals.get()
    task.cancel()
    smtp.proceed.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await world.rows(lead))["erika"]["status"] == "sent"
    assert len(smtp.mails) == 1


async def test_a_refusal_for_good_is_a_result_and_can_be_asked_for_again(world: World, smtp: Server) -> None:
    await world.person("erika", "bounce@agents.example")
    lead = await world.lead(life())
    activities, order = world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE)
    bounced = NotificationResult(NotificationOutcome.BOUNCED, None, "550 5.1.1")
    assert await run(activities, order, DUE) == bounced
    assert (await world.rows(lead))["erika"]["status"] == "bounced"
    await world.person("erika", "erika@agents.example")
    assert await run(activities, order, later(DUE, hours=1)) == bounced
    assert smtp.mails == []
    result = await run(activities, replace(order, retry=True), later(DUE, hours=2))
    assert result == NotificationResult(NotificationOutcome.SENT, format_instant(later(DUE, hours=2)))
    row = (await world.rows(lead))["erika"]
    assert (row["status"], row["attempt"], row["code"]) == ("sent", 1, None)


@pytest.mark.parametrize(("answer", "code"), [("554 5.7.1 refused", "554 5.7.1"), ("552 too big", "552")])
async def test_a_refusal_after_data_counts_as_well(
    world: World, smtp: Server, answer: str, code: str
) -> None:
    smtp.data_answer = answer
    lead = await world.lead(life())
    result = await run(world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE), DUE)
    assert (result.outcome, result.code) == (NotificationOutcome.BOUNCED, code)


async def test_nobody_to_write_to_is_a_refusal(world: World, smtp: Server) -> None:
    await world.person("erika", None)
    lead = await world.lead(life())
    result = await run(world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE), DUE)
    assert (result.outcome, result.code) == (NotificationOutcome.BOUNCED, "no-address")
    unknown = await world.lead(life(owner="nobody"))
    result = await run(world.activities(smtp.url), world.order(unknown, REMINDER, DUE, CYCLE), DUE)
    assert (result.outcome, result.code) == (NotificationOutcome.BOUNCED, "no-address")


async def test_a_deferral_is_tried_again_and_given_up_in_the_end(world: World, smtp: Server) -> None:
    await world.person("erika", "defer@agents.example")
    lead = await world.lead(life())
    activities = world.activities(smtp.url, patience=Patience(deferrals=3))
    order = world.order(lead, REMINDER, DUE, CYCLE)
    for attempt in (1, 2):
        with pytest.raises(ApplicationError) as deferred:
            await run(activities, order, later(DUE, minutes=attempt), attempt=attempt)
        assert (deferred.value.type, deferred.value.non_retryable) == ("mail-deferred", False)
        pause = deferred.value.next_retry_delay
        assert pause is not None
        assert timedelta(seconds=24 * attempt) <= pause <= timedelta(seconds=36 * attempt)
        assert deferred.value.__cause__ is None
        assert "@" not in str(deferred.value)
        row = (await world.rows(lead))["erika"]
        assert (row["status"], row["attempt"], row["code"]) == ("sending", attempt, "451 4.3.0")
    given_up = await run(activities, order, later(DUE, minutes=9), attempt=3)
    assert given_up == NotificationResult(NotificationOutcome.BOUNCED, None, "451 4.3.0")
    assert (await world.rows(lead))["erika"]["status"] == "dead"
    await world.person("erika", "erika@agents.example")
    assert (await run(activities, replace(order, retry=True), later(DUE, hours=1))).outcome == "sent"


async def test_a_mail_server_that_is_away_never_uses_up_the_patience(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    order = world.order(lead, REMINDER, DUE, CYCLE)
    nowhere = world.activities("smtp://127.0.0.1:1")
    for attempt in range(1, 12):
        with pytest.raises(ApplicationError) as away:
            await run(nowhere, order, DUE, attempt=attempt)
        assert (away.value.type, away.value.non_retryable) == ("mail-unreachable", False)
        assert away.value.next_retry_delay is not None
        assert away.value.next_retry_delay <= timedelta(minutes=3)
    row = (await world.rows(lead))["erika"]
    assert (row["status"], row["attempt"], row["code"]) == ("sending", 0, "no-connection")
    result = await run(world.activities(smtp.url), order, later(DUE, hours=3), attempt=12)
    assert result.sent_at == format_instant(later(DUE, hours=3))


async def test_a_lost_answer_counts_because_the_mail_may_be_there(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    order = world.order(lead, REMINDER, DUE, CYCLE)
    smtp.hang_up_after_data = True
    with pytest.raises(ApplicationError) as lost:
        await run(world.activities(smtp.url), order, DUE)
    assert lost.value.type == "mail-deferred"
    assert (await world.rows(lead))["erika"]["code"] == "no-reply"
    smtp.hang_up_after_data = False
    await run(world.activities(smtp.url), order, later(DUE, minutes=1), attempt=2)
    assert [mail.message_id for mail in smtp.mails] == [smtp.mails[0].message_id] * 2


def lapsed(at: datetime) -> Lapsed:
    return Lapsed(
        fact_id="l", recorded_at=later(at, seconds=1), by="system", at=at, reason=EndReason.INACTIVITY
    )


def lapsed_life() -> tuple[datetime, tuple[ReminderSent, Lapsed]]:
    reminder = ReminderSent(fact_id="s", recorded_at=DUE, by="system", sent_at=DUE, cycle=int(CYCLE))
    end = grace_of(DUE)
    return end, (reminder, lapsed(end))


async def test_a_lapse_is_explained_to_owner_and_managers(world: World, smtp: Server) -> None:
    end, more = lapsed_life()
    lead = await world.lead(life(*more))
    result = await run(world.activities(smtp.url), world.order(lead, LAPSE, end), later(end, seconds=2))
    assert result.sent_at == format_instant(later(end, seconds=2))
    by_reader = {mail.to: mail for mail in smtp.mails}
    assert list(by_reader) == ["erika@agents.example", "max@ffz.example", "rita@ffz.example"]
    assert len({mail.message_id for mail in smtp.mails}) == 3
    german, english = by_reader["erika@agents.example"], by_reader["max@ffz.example"]
    assert "Die Erinnerung ging hinaus am 04.04.2031, 11:15 Uhr (MESZ)" in german.text
    assert "Nach der Erinnerung wurde innerhalb der Nachfrist kein Fortschritt dokumentiert" in german.html
    assert (german.language, english.language) == ("de", "en")
    assert "The reminder went out on 4 Apr 2031, 05:15 EDT" in english.text
    assert "Monday, 14 April 2031, 05:15 (America/New_York, UTC-04:00)" in english.html
    assert set(await world.rows(lead)) == {"erika", "max", "rita"}


async def test_a_manager_who_cannot_be_reached_holds_nobody_up(world: World, smtp: Server) -> None:
    end, more = lapsed_life()
    lead = await world.lead(life(*more))
    await world.person("max", "bounce@ffz.example")
    await world.person("rita", "defer@ffz.example")
    activities, order = world.activities(smtp.url), world.order(lead, LAPSE, end)
    with pytest.raises(ApplicationError) as waiting:
        await run(activities, order, end)
    assert waiting.value.type == "mail-deferred"
    rows = await world.rows(lead)
    assert {who: row["status"] for who, row in rows.items()} == {
        "erika": "sent",
        "max": "bounced",
        "rita": "sending",
    }
    await world.person("rita", "rita@ffz.example")
    result = await run(activities, order, later(end, minutes=1), attempt=2)
    assert result == NotificationResult(NotificationOutcome.SENT, format_instant(end))
    assert [mail.to for mail in smtp.mails] == ["erika@agents.example", "rita@ffz.example"]


async def test_an_owner_who_manages_gets_one_mail(world: World, smtp: Server) -> None:
    end, more = lapsed_life()
    lead = await world.lead(life(*more, owner="max"))
    await run(world.activities(smtp.url), world.order(lead, LAPSE, end), end)
    assert sorted(mail.to for mail in smtp.mails) == ["max@ffz.example", "rita@ffz.example"]


async def test_what_no_longer_holds_is_not_told(world: World, smtp: Server) -> None:
    activities = world.activities(smtp.url)
    paused = await world.lead(
        life(
            HoldPlaced(
                fact_id="h", recorded_at=CALL, by="max", hold="h", reason=HoldReason.OTHER, start_at=CALL
            )
        )
    )
    assert (await run(activities, world.order(paused, REMINDER, DUE, CYCLE), DUE)).outcome == "superseded"
    active = await world.lead(life())
    for kind, at in ((REMINDER, later(DUE, seconds=-1)), (LAPSE, DUE)):
        assert (await run(activities, world.order(active, kind, at, CYCLE), at)).outcome == "superseded"
    assert await world.rows(paused) == await world.rows(active) == {}
    assert smtp.mails == []


async def test_progress_between_two_tries_takes_the_reminder_back(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    order = world.order(lead, REMINDER, DUE, CYCLE)
    with pytest.raises(ApplicationError):
        await run(world.activities("smtp://127.0.0.1:1"), order, DUE)
    call = ActivityRecorded(fact_id="n", recorded_at=DUE, by="erika", kind="QUALIFIED_CALL", occurred_at=DUE)
    await world.add(lead, call)
    result = await run(world.activities(smtp.url), order, later(DUE, minutes=1), attempt=2)
    assert result.outcome is NotificationOutcome.SUPERSEDED
    row = (await world.rows(lead))["erika"]
    assert (row["status"], row["code"]) == ("dead", "superseded")
    assert smtp.mails == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tenant": "demo"}, "tenant"),
        ({"lead": "1; drop table lead"}, "lead"),
        ({"cycle": ""}, "cycle"),
        ({"cycle": "1\r\nBcc: x@y.example"}, "cycle"),
        ({"due_at": "2031-04-04T10:15:00"}, "due_at"),
        ({"due_at": "soon"}, "due_at"),
    ],
)
async def test_nonsense_is_refused_by_name(
    world: World, smtp: Server, change: dict[str, str], field: str
) -> None:
    order = world.order(await world.lead(life()), REMINDER, DUE, CYCLE)
    with pytest.raises(ApplicationError) as refused:
        await run(world.activities(smtp.url), replace(order, **change), DUE)  # type: ignore[arg-type]
    assert refused.value.non_retryable
    assert refused.value.type == "malformed-order"
    assert str(refused.value).startswith(f"malformed-order: {field}: ") or field in str(refused.value)


async def test_a_lead_of_another_tenant_is_unknown(world: World, smtp: Server, postgres_url: str) -> None:
    other = World(postgres_url, world.pool)
    await other.begin()
    lead = await other.lead(life())
    with pytest.raises(ApplicationError) as unknown:
        await run(world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE), DUE)
    assert (unknown.value.type, unknown.value.non_retryable) == ("unknown-lead", True)


async def test_logs_name_ids_and_nobody(world: World, smtp: Server) -> None:
    await world.person("erika", "defer.planted@agents.example")
    lead = await world.lead(life(), company="Planted GmbH")
    with structlog.testing.capture_logs() as logs, pytest.raises(ApplicationError):
        await run(world.activities(smtp.url), world.order(lead, REMINDER, DUE, CYCLE), DUE)
    assert [entry["event"] for entry in logs] == ["notification-deferred"]
    assert "planted" not in json.dumps(logs, default=str).lower()
    assert logs[0]["lead"] == str(lead)
