"""POST …/protection/preview: vectors over HTTP, what is refused, and no trace of it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from pydantic.alias_generators import to_camel

from protection.dates import format_instant, parse_instant
from protection.facts import ExtensionRequested, Registered, Released
from tests.api.house import Api, Callers
from tests.api.ledgers import Office, day, office_over, placed, registered
from tests.protection.vectors import VECTORS

# The quick run asks every tenth; the service function agrees with all of them there too (tests/services).
SAMPLE: Final = [
    pytest.param(raw, id=raw["id"], marks=() if number % 10 == 0 else pytest.mark.slow)
    for number, raw in enumerate(VECTORS)
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(postgres_url: str, frame: Api, callers: Callers) -> AsyncIterator[Office]:
    async with office_over(postgres_url, frame, callers) as made:
        yield made


async def ask(office: Office, lead: UUID, user: str = "agent", **question: Any) -> Any:
    return await office.api.post(f"/api/leads/{lead}/protection/preview", office.token(user), json=question)


def camel(raw: dict[str, Any]) -> dict[str, Any]:
    return {to_camel(name): value for name, value in raw.items()}


@pytest.mark.parametrize("raw", SAMPLE)
async def test_vectors_over_http(office: Office, raw: dict[str, Any]) -> None:
    at = parse_instant(raw["registered_at"])
    lead = await office.lead(
        Registered(fact_id="reg", recorded_at=at, by="agent", owner="agent", registered_at=at)
    )
    question: dict[str, Any] = {
        "facts": [camel(fact) for fact in raw["facts"]],
        "policy": camel(raw["policy"]),
        "until": raw["until"],
    }
    if raw["as_of"]:
        question["asOf"] = raw["as_of"]
    answer = await ask(office, lead, **question)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    expected = raw["expected"]
    transitions = [
        {name: value for name, value in one.items() if value is not None} for one in told["transitionsAfter"]
    ]
    assert transitions == expected["transitions"]
    assert [one["index"] for one in told["refused"]] == expected["rejected_facts"]
    if raw["as_of"]:
        for one, snapshot in zip(told["compared"], expected["snapshots"], strict=True):
            after = one["after"] | {"asOf": one["asOf"]}
            assert {name: after[to_camel(name)] for name in snapshot} == snapshot


def soon(days: float) -> str:
    return format_instant(NOW + timedelta(days=days))


NOW: Final = parse_instant("2031-03-03T09:30:00Z")


@pytest_asyncio.fixture(loop_scope="session")
async def lead(office: Office) -> UUID:
    """Registered in a year to come, so that every test has the same now; with an open hold."""
    at = NOW - timedelta(days=10)
    first = Registered(fact_id="reg", recorded_at=at, by="agent", owner="agent", registered_at=at)
    held = placed(0, 0)
    hold = type(held)(
        fact_id="place-h1", recorded_at=NOW, by="manager", hold="h1", reason=held.reason, start_at=NOW
    )
    return await office.lead(first, hold)


async def test_what_if_the_hold_ends_on_friday(office: Office, lead: UUID) -> None:
    answer = await ask(office, lead, facts=[{"type": "hold_released", "at": soon(4), "hold": "h1"}])
    told = answer.json()
    assert told["now"] == soon(0)
    (compared,) = told["compared"]
    assert compared["asOf"] == soon(4)
    assert compared["before"]["validUntil"] is None
    assert compared["before"]["activeHolds"][0]["id"] == "h1"
    assert compared["after"]["activeHolds"] == []
    assert compared["after"]["progressUntil"] is not None
    assert compared["gainedDays"] == {
        "baseUntil": None,
        "progressUntil": None,
        "reminderDueAt": None,
        "graceUntil": None,
        "validUntil": None,
    }
    assert [one["to"] for one in told["transitionsAfter"]] == ["ACTIVE", "GRACE", "EXPIRED"]
    assert told["explanation"]["language"] == "en"
    assert "No time counts from" in told["explanation"]["text"]


async def test_days_gained_by_an_extension_and_another_grace(office: Office, lead: UUID) -> None:
    release = {"type": "hold_released", "hold": "h1"}
    told = (
        await ask(
            office,
            lead,
            facts=[release, {"type": "extension_granted", "days": 30}],
            policy={"graceDays": 14},
            asOf=[soon(1), soon(2)],
        )
    ).json()
    assert [one["asOf"] for one in told["compared"]] == [soon(1), soon(2)]
    gained = (await ask(office, lead, facts=[release])).json()["compared"][0]["after"]
    assert told["refused"] == []
    after = told["compared"][0]["after"]
    assert parse_instant(after["validUntil"]) - parse_instant(gained["validUntil"]) == timedelta(days=4)
    assert parse_instant(after["baseUntil"]) - parse_instant(gained["baseUntil"]) == timedelta(days=30)
    assert after["policyVersion"] == "contract-1 (what-if)"


async def test_every_kind_of_fact_may_be_supposed(office: Office, lead: UUID) -> None:
    facts = [
        {"type": "hold_released", "hold": "h1", "endedAt": soon(0)},
        {"type": "activity", "kind": "QUALIFIED_CALL", "at": soon(1), "occurredAt": soon(0.5)},
        {"type": "hold_placed", "at": soon(2), "reason": "OTHER", "startAt": soon(2), "endAt": soon(3)},
        {"type": "hold_requested", "at": soon(3), "request": "r2"},
        {"type": "request_decided", "at": soon(4), "request": "r2", "approved": True, "endAt": soon(6)},
        {"type": "extension_requested", "at": soon(5), "request": "x1", "days": 10},
        {"type": "request_withdrawn", "at": soon(5), "request": "x1"},
        {"type": "extension_granted", "at": soon(5), "days": 5},
        {"type": "corrected", "at": soon(6), "corrects": "what-if-2", "replacement": {"endAt": soon(4)}},
        {"type": "transferred", "at": soon(7), "owner": "other", "restartBase": True},
        {"type": "released", "at": soon(8)},
        {"type": "reinstated", "at": soon(9)},
        {"type": "converted", "at": soon(10), "customerNo": "K1", "agreementDate": "2031-03-13"},
        {"type": "registered", "at": soon(11), "owner": "other"},
    ]
    told = (await ask(office, lead, facts=facts)).json()
    refused = {one["index"]: one["code"] for one in told["refused"]}
    assert refused == {13: "protection-ended"}
    assert told["compared"][0]["after"]["status"] == "CONVERTED"
    assert told["compared"][0]["after"]["owner"] == "other"


async def test_what_is_refused_is_pointed_at(office: Office, lead: UUID) -> None:
    told = (
        await ask(
            office,
            lead,
            facts=[
                {"type": "hold_released", "hold": "nobody"},
                {"type": "activity", "kind": "GUESSED"},
                {"type": "activity", "kind": "QUALIFIED_CALL", "at": soon(-1)},
                {"type": "extension_granted", "days": 1000},
            ],
        )
    ).json()
    assert [(one["pointer"], one["code"]) for one in told["refused"]] == [
        ("#/facts/0/hold", "unknown-hold"),
        ("#/facts/1/kind", "unknown-kind"),
        ("#/facts/2/at", "recorded-backwards"),
        ("#/facts/3/days", "days-out-of-range"),
    ]
    over = await office.lead(registered(), Released(fact_id="gone", recorded_at=day(9), by="agent"))
    ended = (await ask(office, over, policy={"graceDays": 14})).json()
    assert [(one["index"], one["pointer"]) for one in ended["refused"]] == [(None, "#/policy")]


async def test_an_agent_may_ask_what_an_approval_would_change(office: Office) -> None:
    at = NOW
    first = Registered(fact_id="reg", recorded_at=at, by="agent", owner="agent", registered_at=at)
    wish = ExtensionRequested(fact_id="ask", recorded_at=at, by="agent", request="x1")
    lead = await office.lead(first, wish)
    decided = {"type": "request_decided", "request": "x1", "approved": True, "days": 30}
    told = (await ask(office, lead, facts=[decided])).json()
    assert told["refused"] == []
    assert told["compared"][0]["gainedDays"]["baseUntil"] == 30


async def test_no_trace_is_left(office: Office, lead: UUID) -> None:
    async def everything() -> list[Any]:
        async with office.as_worker() as connection:
            return [
                await connection.fetchval(f"select coalesce(jsonb_agg(to_jsonb(t)), '[]') from {table} as t")
                for table in ("fact", "protection", "hold", "audit_event", "act", "policy_version", "request")
            ]

    before = await everything()
    await ask(office, lead, facts=[{"type": "released"}], policy={"mode": "GREATEST"})
    assert await everything() == before


async def test_whoever_reads_the_lead_may_ask_and_nobody_else(office: Office, lead: UUID) -> None:
    for user in ("agent", "manager", "admin", "auditor"):
        assert (await ask(office, lead, user)).status_code == 200
    other, unknown = await ask(office, lead, "other"), await ask(office, uuid4(), "other")
    assert other.status_code == unknown.status_code == 404
    assert other.json() | {"instance": ""} == unknown.json() | {"instance": ""}
    await office.share(lead, "other", "VIEW")
    assert (await ask(office, lead, "other")).status_code == 200


async def test_deadlines_beyond_every_year_one_may_name(office: Office, lead: UUID) -> None:
    facts = [
        {"type": "hold_placed", "endAt": "2999-12-31T00:00:00Z"},
        *[{"type": "extension_granted", "days": 730}] * 40,
    ]
    answer = await ask(office, lead, facts=[{"type": "hold_released", "hold": "h1"}, *facts])
    assert answer.status_code == 200
    assert answer.json()["compared"][0]["after"]["baseUntil"] > "3079"
    assert any(str(one["at"]) >= "3079" for one in answer.json()["explanation"]["deadlines"])


async def test_it_answers_in_german(office: Office, lead: UUID) -> None:
    answer = await office.api.post(
        f"/api/leads/{lead}/protection/preview", office.token("agent"), json={}, accept_language="de"
    )
    assert "Dieser Lead ist geschützt." in answer.json()["explanation"]["text"]


@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        ({"facts": [{"type": "miracle"}]}, "#/facts/0"),
        ({"facts": [{"type": "lapsed", "reason": "INACTIVITY"}]}, "#/facts/0"),
        ({"facts": [{"type": "activity"}]}, "#/facts/0/activity/kind"),
        ({"facts": [{"type": "extension_granted", "days": "30"}]}, "#/facts/0/extension_granted/days"),
        ({"facts": [{"type": "released", "why": "x"}]}, "#/facts/0/released/why"),
        ({"facts": [{"type": "released", "at": "friday"}]}, "#/facts/0/released/at"),
        ({"facts": [{"type": "released"}] * 51}, "#/facts"),
        ({"facts": "none"}, "#/facts"),
        ({"policy": {"graceDays": "14"}}, "#/policy/graceDays"),
        ({"policy": {"graceDays": 31}}, "#/policy/graceDays"),
        ({"policy": {"timezone": "Europe/Nowhere"}}, "#/policy/timezone"),
        ({"policy": {"version": "x"}}, "#/policy/version"),
        ({"policy": {"workingDayRoll": "next_working_day"}}, "#/policy/workingDayRoll"),
        ({"asOf": []}, "#/asOf"),
        ({"asOf": ["2031-03-03T09:30:00"]}, "#/asOf/0"),
        ({"asOf": ["2031-03-02T09:30:00Z"]}, "#/asOf/0"),
        ({"until": "2031-03-02T09:30:00Z"}, "#/until"),
        ({"what": "if"}, "#/what"),
    ],
)
async def test_garbage_is_named(office: Office, lead: UUID, question: dict[str, Any], pointer: str) -> None:
    answer = await ask(office, lead, **question)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
