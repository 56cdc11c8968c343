"""GET …/protection: the row, past instants in both knowledges, instants to come, explanations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic.alias_generators import to_camel

from api.schemas.reading import Protection
from protection.explain import explain
from protection.explain_texts import explanation_text
from protection.facts import PolicyAdopted, Released, ReminderSent
from protection.lifecycle import replay
from protection.policy import Policy, policy_to_json
from tests.api.house import Api, Callers
from tests.api.ledgers import (
    BEGAN,
    Office,
    call,
    corrected,
    day,
    office_over,
    placed,
    registered,
    wire,
)

FIELDS = {
    "status",
    "paused",
    "reason",
    "owner",
    "assignedAt",
    "lastQualActivityAt",
    "reminderDueAt",
    "graceUntil",
    "baseUntil",
    "progressUntil",
    "validUntil",
    "activeHolds",
    "policyVersion",
    "lead",
    "revision",
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(postgres_url: str, frame: Api, callers: Callers) -> AsyncIterator[Office]:
    async with office_over(postgres_url, frame, callers) as made:
        yield made


async def test_the_row_as_it_is(office: Office) -> None:
    lead = await office.lead(registered(), call(50))
    answer = await office.get(f"/api/leads/{lead}/protection")
    assert answer.status_code == 200
    told = answer.json()
    assert told == {
        "status": "ACTIVE",
        "paused": False,
        "reason": None,
        "owner": "agent",
        "assignedAt": wire(0),
        "lastQualActivityAt": wire(50),
        "reminderDueAt": wire(110),
        "graceUntil": None,
        "baseUntil": "2024-11-02T10:30:00Z",
        "progressUntil": wire(110),
        "validUntil": wire(120),
        "activeHolds": [],
        "policyVersion": "contract-1",
        "lead": str(lead),
        "revision": 2,
    }
    # The quick way and the documented model are one shape.
    assert set(told) == FIELDS
    assert Protection.model_validate_json(answer.text).model_dump(mode="json", exclude_unset=True) == told


async def test_the_holds_that_stop_the_clock(office: Office) -> None:
    lead = await office.lead(
        registered(), placed(20, 20, 40), placed(21, 21, None, "h2"), placed(22, 60, 70, "h3")
    )
    told = (await office.get(f"/api/leads/{lead}/protection")).json()
    assert told["paused"] is True
    assert told["activeHolds"] == [
        {"id": "h1", "reason": "FFZ_SAMPLE_DELAY", "startAt": wire(20), "endAt": wire(40)},
        {"id": "h2", "reason": "FFZ_SAMPLE_DELAY", "startAt": wire(21), "endAt": None},
    ]
    assert told["validUntil"] is None


async def test_an_etag_saves_what_has_not_changed_and_nothing_else(office: Office) -> None:
    facts = [registered(), placed(20, 30, 40)]
    lead = await office.lead(*facts)
    path = f"/api/leads/{lead}/protection"
    first = await office.get(path)
    etag = first.headers["etag"]
    assert etag.startswith('"2.')
    again = await office.get(path, if_none_match=etag)
    assert again.status_code == 304
    assert again.headers["etag"] == etag
    assert again.content == b""
    assert (await office.get(path, if_none_match='"2"')).status_code == 200
    # The hold begins by time alone: the same revision, another answer.
    async with office.as_worker() as connection:
        await connection.execute(
            "update protection set paused = true, active_holds = '{FFZ_SAMPLE_DELAY}', updated_at = $2"
            " where lead = $1",
            lead,
            day(30),
        )
    changed = await office.get(path, if_none_match=etag)
    assert changed.status_code == 200
    assert changed.json()["revision"] == 2
    assert changed.json()["activeHolds"][0]["id"] == "h1"


async def test_unknown_and_invisible_leads_are_the_same(office: Office) -> None:
    lead = await office.lead(registered())
    elsewhere = office.callers.token("agent", "agent", tenant=uuid4())
    for path in ("", "?explain=true", f"?asOf={wire(5)}"):
        unknown = await office.get(f"/api/leads/{uuid4()}/protection{path}")
        other = await office.get(f"/api/leads/{lead}/protection{path}", "other")
        foreign = await office.api.get(f"/api/leads/{lead}/protection{path}", elsewhere)
        bodies = []
        for answer in (unknown, other, foreign):
            assert answer.status_code == 404
            bodies.append({name: value for name, value in answer.json().items() if name != "instance"})
        assert bodies[0] == bodies[1] == bodies[2]
    for user in ("manager", "admin", "auditor"):
        assert (await office.get(f"/api/leads/{lead}/protection", user)).status_code == 200


async def test_a_collaborator_reads_it(office: Office) -> None:
    lead = await office.lead(registered(), placed(20, 20))
    await office.share(lead, "other", "VIEW")
    answer = await office.get(f"/api/leads/{lead}/protection", "other")
    assert answer.status_code == 200
    assert len(answer.json()["activeHolds"]) == 1
    assert (await office.get(f"/api/leads/{lead}/protection?asOf={wire(25)}", "other")).json()["paused"]


async def test_both_truths_of_a_past_instant(office: Office) -> None:
    lead = await office.lead(registered(), call(50), corrected(55, "call"))
    path = f"/api/leads/{lead}/protection?asOf={wire(52)}"
    then = (await office.get(path)).json()
    assert (then["asOf"], then["asKnown"], then["assumed"]) == (wire(52), "then", False)
    assert (then["progressUntil"], then["revision"]) == (wire(110), 2)
    now = (await office.get(f"{path}&asKnown=now")).json()
    assert (now["progressUntil"], now["revision"], now["asKnown"]) == (wire(60), 3, "now")
    assert set(then) == FIELDS | {"asOf", "asKnown", "assumed"}


async def test_a_lead_that_went_over_to_another_policy(office: Office) -> None:
    longer = policy_to_json(Policy(version="longer", progress_days=90))
    async with office.as_worker() as connection:
        await connection.execute(
            "insert into policy_version (tenant, version, policy) values ($1, 'longer', $2)",
            office.tenant,
            longer,
        )
    adopted = PolicyAdopted(
        fact_id="p", recorded_at=day(30), by="admin", version="longer", replaces="contract-1", policy=longer
    )
    lead = await office.lead(registered(), adopted)
    path = f"/api/leads/{lead}/protection"
    assert (await office.get(path)).json()["progressUntil"] == wire(90)
    for number, until, version in ((20, 60, "contract-1"), (40, 90, "longer")):
        for known in ("then", "now"):
            told = (await office.get(f"{path}?asOf={wire(number)}&asKnown={known}")).json()
            assert (told["progressUntil"], told["policyVersion"]) == (wire(until), version)


async def test_before_the_registration(office: Office) -> None:
    lead = await office.lead(registered(recorded=20))
    path = f"/api/leads/{lead}/protection?asOf={wire(10)}"
    answer = await office.get(path)
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:fristwerk:problem:not-yet-registered"
    assert (await office.get(f"{path}&asKnown=now")).json()["status"] == "ACTIVE"
    early = await office.get(f"/api/leads/{lead}/protection?asOf={wire(-1)}&asKnown=now")
    assert early.json()["type"] == "urn:fristwerk:problem:not-yet-registered"
    # Whoever may not read the lead is not told even that.
    assert (await office.get(path, "other")).json()["type"] == "urn:fristwerk:problem:not-found"


async def test_an_instant_to_come_is_assumed(office: Office) -> None:
    began = datetime.now(UTC) - timedelta(days=5)
    fresh = registered()
    lead = await office.lead(
        type(fresh)(fact_id="reg", recorded_at=began, by="agent", owner="agent", registered_at=began)
    )
    coming = (began + timedelta(days=66)).strftime("%Y-%m-%dT%H:%M:%SZ")
    told = (await office.get(f"/api/leads/{lead}/protection?asOf={coming}")).json()
    assert (told["status"], told["assumed"]) == ("GRACE", True)
    far = (await office.get(f"/api/leads/{lead}/protection?asOf=2999-12-31T00:00:00Z&asKnown=now")).json()
    assert (far["status"], far["reason"]) == ("EXPIRED", "INACTIVITY")


@pytest.mark.parametrize(
    ("query", "headers", "language", "words"),
    [
        ("", {}, "en", "This lead was given up."),
        ("&lang=de", {}, "de", "Dieser Lead wurde freigegeben."),
        ("", {"accept_language": "fr, de-AT;q=0.8, en;q=0.5"}, "de", "Dieser Lead wurde freigegeben."),
        ("&lang=en", {"accept_language": "de"}, "en", "This lead was given up."),
        ("", {"accept_language": "fr;q=what, *;q=0, de;q=0"}, "en", "This lead was given up."),
    ],
)
async def test_the_explanation_speaks_two_languages(
    office: Office, query: str, headers: dict[str, str], language: str, words: str
) -> None:
    gone = Released(fact_id="gone", recorded_at=day(30), by="agent")
    lead = await office.lead(registered(), gone)
    told = (await office.get(f"/api/leads/{lead}/protection?explain=true{query}", **headers)).json()
    assert set(told) == FIELDS | {"explanation"}
    explanation = told["explanation"]
    assert explanation["language"] == language
    assert words in explanation["text"]
    assert explanation["policyVersion"] == "contract-1"
    ended = next(one for one in explanation["deadlines"] if one["subject"] == "ended")
    assert ended["at"] == told["validUntil"] == wire(30)
    base = next(one for one in explanation["deadlines"] if one["subject"] == "base_until")
    assert base["steps"][0] == {
        "rule": "registered",
        "clause": "a",
        "factIds": ["reg"],
        "fromAt": wire(0),
        "toAt": None,
        "count": 0,
        "stoodStillSeconds": 0,
        "word": "",
    }


def camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {to_camel(name): camel(one) for name, one in value.items()}
    return [camel(one) for one in value] if isinstance(value, list) else value


async def test_the_explanation_is_the_engine_s_own(office: Office) -> None:
    facts = (registered(), placed(10, 10, 20), call(25), corrected(30, "call", kind="EMAIL_SENT"))
    lead = await office.lead(*facts)
    told = (await office.get(f"/api/leads/{lead}/protection?explain=true&asOf={wire(40)}&lang=de")).json()
    own = explain(replay(Policy(), facts), day(40))
    said = told["explanation"]
    assert said.pop("text") == explanation_text(own, "de")
    assert said.pop("language") == "de"
    assert said == camel(own.to_json())


async def test_row_and_ledger_say_the_same(office: Office) -> None:
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(days=61)
    first = registered()
    facts: list[Any] = [
        type(first)(fact_id="reg", recorded_at=began, by="agent", owner="agent", registered_at=began)
    ]
    lead = await office.lead(*facts)
    sent = datetime.now(UTC) - timedelta(hours=1)
    reminder = ReminderSent(fact_id="r", recorded_at=sent, by="clock", sent_at=sent, cycle=1)
    other = await office.lead(*facts, reminder)
    for one in (lead, other):
        row = (await office.get(f"/api/leads/{one}/protection")).json()
        ledger = (await office.get(f"/api/leads/{one}/protection?explain=1")).json()
        del ledger["explanation"]
        assert row == ledger


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("asOf=yesterday", "#/asOf"),
        ("asOf=2024-05-02", "#/asOf"),
        ("asOf=2024-05-02T09:30:00", "#/asOf"),
        ("asOf=9999-05-02T09:30:00Z", "#/asOf"),
        ("asKnown=never", "#/asKnown"),
        ("explain=perhaps", "#/explain"),
        ("lang=fr", "#/lang"),
    ],
)
async def test_garbage_is_named(office: Office, query: str, pointer: str) -> None:
    answer = await office.get(f"/api/leads/{uuid4()}/protection?{query}")
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["in"], error["pointer"]) == ("query", pointer)
    assert "yesterday" not in answer.text


async def test_an_id_that_is_none(office: Office) -> None:
    answer = await office.get("/api/leads/DEMO-0001/protection")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/lead"
    assert BEGAN.year == 2024
