"""Requests, reservations and long holds told to several readers, on a real database and SMTP server."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import structlog
from temporalio.exceptions import ApplicationError

from activities.orders import NotificationKind, NotificationOutcome, NotificationResult
from protection.dates import format_instant
from protection.facts import (
    ExtensionRequested,
    HoldPlaced,
    HoldReason,
    PolicyAdopted,
    Preregistered,
    RequestDecided,
)
from protection.policy import Policy, policy_to_json
from tests.mail.smtpserver import Server
from tests.mail.world import CALL, POLICY, World, later, life, run

MADE, DECIDED = NotificationKind.REQUEST_MADE, NotificationKind.REQUEST_DECIDED
RESERVED, LONG = NotificationKind.NOTICE_PREREGISTRATION, NotificationKind.NOTICE_HOLD
ASKED = later(CALL, days=1)
ANSWERED = later(ASKED, hours=1)
ID = "0b6e8a52-53a8-4b2e-9b8e-2f7f3c1f9a10"


def wanted(by: str = "erika") -> ExtensionRequested:
    return ExtensionRequested(fact_id="w", recorded_at=ASKED, by=by, request=ID, days=30)


def decided(*, approved: bool = True, by: str = "max") -> RequestDecided:
    return RequestDecided(
        fact_id="d",
        recorded_at=ANSWERED,
        by=by,
        request=ID,
        approved=approved,
        days=30 if approved else None,
    )


async def test_every_manager_is_told_of_a_request_and_nobody_twice(world: World, smtp: Server) -> None:
    lead = await world.lead(life(wanted()))
    activities, order = world.activities(smtp.url), world.order(lead, MADE, ASKED, ID)
    result = await run(activities, order, ASKED)
    assert result == NotificationResult(NotificationOutcome.SENT, format_instant(ASKED))
    assert await run(activities, order, later(ASKED, minutes=5), attempt=2) == result
    by_reader = {mail.to: mail for mail in smtp.mails}
    assert [mail.to for mail in smtp.mails] == ["max@ffz.example", "rita@ffz.example"]
    english, german = by_reader["max@ffz.example"], by_reader["rita@ffz.example"]
    assert english.subject == "Bäckerei Süß GmbH, Ulm: please decide on an extension"
    assert german.subject == "Bäckerei Süß GmbH, Ulm: bitte über eine Verlängerung entscheiden"
    for body in (english.text, english.html):
        assert "Erika Müller asks for an extension of the base period of Bäckerei Süß GmbH in Ulm" in body
        assert "Thursday, 10 July 2031, 04:00 (America/New_York, UTC-04:00)" in body
        assert "Saturday, 9 August 2031, 04:00 (America/New_York, UTC-04:00)" in body
        assert f"https://leads.example/leads/{lead}" in body
    assert "Erika Müller beantragt, den Grundschutz" in german.html
    assert (german.kind, german.cycle) == ("request-made", ID)
    assert {row["cycle"] for row in (await world.rows(lead)).values()} == {ID}


async def test_who_asks_is_not_told_of_it(world: World, smtp: Server) -> None:
    lead = await world.lead(life(wanted(by="max")))
    await run(world.activities(smtp.url), world.order(lead, MADE, ASKED, ID), ASKED)
    assert smtp.recipients == ["rita@ffz.example"]
    assert set(await world.rows(lead)) == {"rita"}


async def test_a_request_nobody_can_be_told_of_shows(world: World, smtp: Server, postgres_url: str) -> None:
    alone = World(postgres_url, world.pool)
    await alone.begin()
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute("delete from app_user where tenant = $1 and id = 'rita'", alone.tenant)
    finally:
        await connection.close()
    lead = await alone.lead(life(wanted(by="max")))
    with structlog.testing.capture_logs() as logs:
        result = await run(alone.activities(smtp.url), alone.order(lead, MADE, ASKED, ID), ASKED)
    assert result == NotificationResult(NotificationOutcome.BOUNCED, None, "no-reader")
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [
        ("notification-without-reader", "warning")
    ]
    await alone.add(lead, decided(by="anna"))
    again = await run(alone.activities(smtp.url), alone.order(lead, MADE, ASKED, ID), ANSWERED)
    assert again == NotificationResult(NotificationOutcome.SUPERSEDED)
    assert smtp.mails == []


async def test_a_dead_address_keeps_no_other_manager_from_being_told(world: World, smtp: Server) -> None:
    await world.person("max", "bounce@ffz.example")
    lead = await world.lead(life(wanted()))
    result = await run(world.activities(smtp.url), world.order(lead, MADE, ASKED, ID), ASKED)
    assert result == NotificationResult(NotificationOutcome.BOUNCED, None, "550 5.1.1")
    assert smtp.recipients == ["rita@ffz.example"]
    rows = await world.rows(lead)
    assert {who: row["status"] for who, row in rows.items()} == {"max": "bounced", "rita": "sent"}


async def test_a_request_decided_between_two_tries_is_taken_back(world: World, smtp: Server) -> None:
    await world.person("rita", "defer@ffz.example")
    lead = await world.lead(life(wanted()))
    activities, order = world.activities(smtp.url), world.order(lead, MADE, ASKED, ID)
    with pytest.raises(ApplicationError) as deferred:
        await run(activities, order, ASKED)
    assert deferred.value.type == "mail-deferred"
    await world.add(lead, decided())
    await world.person("rita", "rita@ffz.example")
    result = await run(activities, order, ANSWERED, attempt=2)
    assert result == NotificationResult(NotificationOutcome.SENT, format_instant(ASKED))
    rows = await world.rows(lead)
    assert (rows["max"]["status"], rows["rita"]["status"], rows["rita"]["code"]) == (
        "sent",
        "dead",
        "superseded",
    )
    assert smtp.recipients == ["max@ffz.example"]


@pytest.mark.parametrize(("asker", "readers"), [("erika", ["erika"]), ("otto", ["erika", "otto"])])
async def test_the_owner_and_who_asked_hear_the_decision(
    world: World, smtp: Server, asker: str, readers: list[str]
) -> None:
    await world.person("otto", "otto@agents.example", "Otto Helfer", locale="en")
    lead = await world.lead(life(wanted(by=asker), decided()))
    result = await run(world.activities(smtp.url), world.order(lead, DECIDED, ANSWERED, ID), ANSWERED)
    assert result == NotificationResult(NotificationOutcome.SENT, format_instant(ANSWERED))
    assert smtp.recipients == [f"{user}@agents.example" for user in readers]
    assert "wurde um 30 Tage verlängert (Buchstabe e)" in smtp.mails[0].text
    assert "Entschieden von: Max Boss" in smtp.mails[0].text
    assert "Grundschutz bis: Samstag, 9. August 2031, 10:00 Uhr" in smtp.mails[0].text
    if asker == "otto":
        assert "Asked for by: Otto Helfer" in smtp.mails[1].text.splitlines()


async def test_who_asked_hears_it_though_the_owner_cannot_be_reached(world: World, smtp: Server) -> None:
    await world.person("erika", None)
    await world.person("otto", "otto@agents.example")
    lead = await world.lead(life(wanted(by="otto"), decided(approved=False)))
    result = await run(world.activities(smtp.url), world.order(lead, DECIDED, ANSWERED, ID), ANSWERED)
    assert (result.outcome, result.code) == (NotificationOutcome.BOUNCED, "no-address")
    assert smtp.recipients == ["otto@agents.example"]
    assert "wurde abgelehnt" in smtp.mails[0].text


async def test_a_reservation_about_to_end_is_announced_to_its_owner(world: World, smtp: Server) -> None:
    noted = Preregistered(fact_id="p", recorded_at=CALL, by="erika", owner="erika")
    lead, until = await world.lead((noted,)), later(CALL, days=10)
    order = world.order(lead, RESERVED, until, format_instant(until))
    result = await run(world.activities(smtp.url), order, later(until, days=-3))
    assert result.outcome is NotificationOutcome.SENT
    assert smtp.recipients == ["erika@agents.example"]
    (mail,) = smtp.mails
    for body in (mail.text, mail.html):
        assert "Reserviert bis" in body
        assert "Donnerstag, 13. Februar 2031, 11:15 Uhr (Europe/Berlin, UTC+01:00)" in body
        assert "Freitag, 4. April 2031, 12:15 Uhr" not in body
    promised = json.loads((await world.rows(lead))["erika"]["promised"])
    assert promised["valid_until"] == format_instant(until)


async def test_a_long_hold_is_told_to_owner_and_managers_under_its_own_policy(
    world: World, smtp: Server
) -> None:
    tighter = Policy(version="contract-2", max_hold_days=30)
    adopted = PolicyAdopted(
        fact_id="a", recorded_at=ANSWERED, by="rita", version="contract-2", replaces=POLICY.version,
        policy=policy_to_json(tighter),
    )  # fmt: skip
    hold = HoldPlaced(
        fact_id="h", recorded_at=ASKED, by="max", hold="h#1", reason=HoldReason.OTHER, start_at=ASKED
    )
    lead = await world.lead(life(hold, adopted))
    connection = await asyncpg.connect(world.url)
    try:
        await connection.execute(
            "insert into policy_version (tenant, version, policy) values ($1, $2, $3)",
            world.tenant, tighter.version, json.dumps(policy_to_json(tighter)),
        )  # fmt: skip
        await connection.execute(
            "update protection set policy_version = $2 where tenant = $1", world.tenant, tighter.version
        )
    finally:
        await connection.close()
    at = ASKED + timedelta(days=30)
    early = await run(world.activities(smtp.url), world.order(lead, LONG, at, "h#1"), later(at, seconds=-1))
    assert early.outcome is NotificationOutcome.SUPERSEDED
    result = await run(world.activities(smtp.url), world.order(lead, LONG, at, "h#1"), at)
    assert result.outcome is NotificationOutcome.SENT
    assert smtp.recipients == ["erika@agents.example", "max@ffz.example", "rita@ffz.example"]
    assert "Hemmung dauert schon 30 Tage" in smtp.mails[0].subject
    assert "Placed or approved by: Max Boss" in smtp.mails[1].text


async def test_the_key_of_a_request_is_checked(world: World, smtp: Server) -> None:
    lead = await world.lead(life(wanted()))
    order = world.order(lead, MADE, ASKED, ID)
    for cycle in ("x" * 101, "re quest", "né", "a\nb", "a/b"):
        with pytest.raises(ApplicationError) as refused:
            await run(
                world.activities(smtp.url), replace(order, cycle=cycle), datetime(2031, 3, 1, tzinfo=UTC)
            )
        assert (refused.value.type, refused.value.non_retryable) == ("malformed-order", True)
        assert "cycle" in str(refused.value)
    assert smtp.mails == []
