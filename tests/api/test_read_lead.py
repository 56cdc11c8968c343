"""One lead, the list, and everything that hangs on a lead, as different people see it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from protection.facts import (
    ExtensionGranted,
    ExtensionRequested,
    HoldReason,
    HoldRequested,
    Registered,
    RequestDecided,
    Transferred,
)
from tests.api.house import Api, Callers
from tests.api.ledgers import Office, call, corrected, day, lapsed, office_over, placed, registered, wire


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(postgres_url: str, frame: Api, callers: Callers) -> AsyncIterator[Office]:
    async with office_over(postgres_url, frame, callers) as made:
        yield made


async def test_one_lead_with_everything(office: Office) -> None:
    lead = await office.lead(registered(), placed(10, 10), company="Hotel Adler GmbH")
    await office.share(lead, "other", "VIEW")
    answer = await office.get(f"/api/leads/{lead}")
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2.0"'
    told = answer.json()
    assert told["company"] == "Hotel Adler GmbH"
    assert told["owner"] == "agent"
    assert told["protection"]["paused"] is True
    assert told["protection"]["activeHolds"][0]["id"] == "h1"
    assert told["protection"]["revision"] == 2
    assert told["collaborators"] == [
        {"userId": "other", "role": "VIEW", "addedBy": "agent", "addedAt": wire(0)}
    ]
    assert [(one["kind"], one["name"], one["email"]) for one in told["contacts"]] == [
        ("CONTACT", "Erika Muster", "erika@muster.example")
    ]
    shared = (await office.get(f"/api/leads/{lead}", "other")).json()
    assert shared["contacts"] == told["contacts"]


async def test_a_hold_into_the_last_year_there_is(office: Office) -> None:
    far = placed(10, 10)
    hold = dataclasses.replace(far, end_at=datetime(2999, 12, 31, tzinfo=UTC))
    lead = await office.lead(registered(), hold)
    told = (await office.get(f"/api/leads/{lead}")).json()["protection"]
    assert told["baseUntil"].startswith("3000")
    assert told == (await office.get(f"/api/leads/{lead}/protection")).json()


async def test_after_the_end_contacts_stay_with_the_company(office: Office) -> None:
    lead = await office.lead(*lapsed())
    own = (await office.get(f"/api/leads/{lead}")).json()
    assert own["protection"]["status"] == "EXPIRED"
    assert own["contacts"] == []
    assert (await office.get(f"/api/leads/{lead}", "manager")).json()["contacts"] != []


async def test_a_lead_whose_ledger_has_not_begun(office: Office) -> None:
    lead = await office.lead()
    answer = await office.get(f"/api/leads/{lead}")
    assert answer.json()["protection"] is None
    assert answer.headers["etag"] == '"0.0"'
    assert (await office.get(f"/api/leads/{lead}/protection")).status_code == 404


PARTS = ("", "/holds", "/requests", "/timeline", "/collaborators", "/audit", "/protection")


@pytest.mark.parametrize("part", PARTS)
async def test_what_is_not_there_and_what_is_not_yours_is_the_same(office: Office, part: str) -> None:
    lead = await office.lead(registered())
    elsewhere = office.callers.token("manager", "manager", tenant=uuid4())
    answers = [
        await office.get(f"/api/leads/{uuid4()}{part}"),
        await office.get(f"/api/leads/{lead}{part}", "other"),
        await office.api.get(f"/api/leads/{lead}{part}", elsewhere),
    ]
    told = [{**answer.json(), "instance": ""} for answer in answers]
    assert told[0] == told[1] == told[2]
    assert told[0]["type"] == "urn:fristwerk:problem:not-found"
    for user in ("agent", "manager", "auditor"):
        assert (await office.get(f"/api/leads/{lead}{part}", user)).status_code == 200


async def test_all_holds_and_which_are_in_force(office: Office) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    began = now - timedelta(days=5)
    first = Registered(fact_id="reg", recorded_at=began, by="agent", owner="agent", registered_at=began)
    holds = [
        type(held)(
            fact_id=f"place-{name}",
            recorded_at=began,
            by="manager",
            hold=name,
            reason=HoldReason.OTHER,
            start_at=began + timedelta(days=start),
            end_at=None if end is None else began + timedelta(days=end),
        )
        for name, start, end in (("past", 1, 2), ("now", 3, None), ("later", 40, 41))
        for held in [placed(1, 1)]
    ]
    lead = await office.lead(first, *holds)
    told = (await office.get(f"/api/leads/{lead}/holds")).json()["items"]
    assert [(one["id"], one["active"]) for one in told] == [("past", False), ("now", True), ("later", False)]
    assert told[0]["placedBy"] == "manager"
    assert told[1]["endAt"] is None


async def test_requests_with_their_words(office: Office) -> None:
    wish = HoldRequested(
        fact_id="ask",
        recorded_at=day(10),
        by="agent",
        request="r1",
        reason=HoldReason.OTHER,
        start_at=day(10),
    )
    told = RequestDecided(fact_id="no", recorded_at=day(12), by="manager", request="r1", approved=False)
    more = ExtensionRequested(
        fact_id="more", recorded_at=day(20), by="agent", request="x1", days=20, next_step_at=day(30)
    )
    lead = await office.lead(registered(), wish, told, more)
    await office.note(lead, "ask", "Die Muster fehlen seit Wochen.", "reason")
    await office.note(lead, "no", "Sie sind gestern angekommen.", "reason")
    await office.note(lead, "more", "Verkostung mit der Küche.", "next-step")
    first, second = (await office.get(f"/api/leads/{lead}/requests")).json()["items"]
    assert first == {
        "id": "r1",
        "kind": "HOLD",
        "status": "REJECTED",
        "reason": "OTHER",
        "startAt": wire(10),
        "endAt": None,
        "days": None,
        "nextStepAt": None,
        "requestedBy": "agent",
        "requestedAt": wire(10),
        "decidedBy": "manager",
        "decidedAt": wire(12),
        "words": {"reason": "Die Muster fehlen seit Wochen."},
        "decisionWords": {"reason": "Sie sind gestern angekommen."},
    }
    assert (second["status"], second["days"], second["nextStepAt"]) == ("PENDING", 20, wire(30))
    assert second["words"] == {"next-step": "Verkostung mit der Küche."}
    inbox = (await office.get("/api/requests", "manager")).json()["items"]
    mine = next(one for one in inbox if one["lead"] == str(lead))
    assert (mine["id"], mine["mine"], mine["company"]) == ("x1", False, "Gasthof Muster GmbH")
    own = (await office.get("/api/requests?kind=EXTENSION")).json()["items"]
    assert any(one["mine"] and one["lead"] == str(lead) for one in own)
    assert (await office.get("/api/requests?others=true")).json()["items"] == []


async def test_what_a_location_names_can_be_read(office: Office) -> None:
    """A hold and an extension by the id of their request, or of what granted them; a collaborator by his."""
    wish = HoldRequested(
        fact_id="ask", recorded_at=day(5), by="agent", request="h2", reason=HoldReason.OTHER, start_at=day(5)
    )
    more = ExtensionRequested(fact_id="more", recorded_at=day(6), by="agent", request="x1", days=20)
    yes = RequestDecided(
        fact_id="yes", recorded_at=day(7), by="manager", request="x1", approved=True, days=10
    )
    given = ExtensionGranted(fact_id="given", recorded_at=day(8), by="manager", days=30)
    lead = await office.lead(registered(), wish, more, yes, given, placed(10, 10))
    await office.share(lead, "other", "VIEW")
    path = f"/api/leads/{lead}"
    listed = (await office.get(f"{path}/holds")).json()["items"]
    asked, extended = (await office.get(f"{path}/requests")).json()["items"]
    assert (await office.get(f"{path}/holds/h1")).json() == {"id": "h1", "hold": listed[0], "request": None}
    assert (await office.get(f"{path}/holds/h2")).json() == {"id": "h2", "hold": None, "request": asked}
    grant = {"grantedBy": "manager", "id": "x1", "days": 10, "grantedAt": wire(7), "request": extended}
    assert (await office.get(f"{path}/extensions/x1")).json() == grant
    grant |= {"id": "given", "days": 30, "grantedAt": wire(8), "request": None}
    assert (await office.get(f"{path}/extensions/given", "manager")).json() == grant
    shared = {"userId": "other", "role": "VIEW", "addedBy": "agent", "addedAt": wire(0)}
    assert (await office.get(f"{path}/collaborators/other", "other")).json() == shared


@pytest.mark.parametrize(
    "part", ["holds/x1", "holds/none", "extensions/h1", "extensions/reg", "collaborators/agent"]
)
async def test_an_id_of_something_else_is_not_there(office: Office, part: str) -> None:
    more = ExtensionRequested(fact_id="more", recorded_at=day(6), by="agent", request="x1", days=20)
    lead = await office.lead(registered(), more, placed(10, 10))
    answer = await office.get(f"/api/leads/{lead}/{part}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:fristwerk:problem:not-found")


async def test_the_inbox_has_pages(office: Office) -> None:
    for number in range(3):
        wish = ExtensionRequested(fact_id="x", recorded_at=day(40 + number), by="agent", request="x")
        await office.lead(registered(), wish)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await office.get(f"/api/requests?limit=2{cursor}", "manager")).json()
        seen += [one["requestedAt"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == sorted(seen)
    assert len(seen) >= 3


async def test_the_timeline_in_words(office: Office) -> None:
    facts = (
        registered(),
        call(20),
        corrected(25, "call"),
        Transferred(fact_id="move", recorded_at=day(30), by="manager", owner="other"),
    )
    lead = await office.lead(*facts)
    async with office.as_worker() as connection:
        await connection.execute("update lead set owner = 'other' where id = $1", lead)
        await connection.execute(
            "insert into notification (tenant, id, lead, cycle, kind, recipient, channel, status, attempt,"
            " sent_at, created_at, updated_at)"
            " values ($1, $2, $3, 'c', 'notice-base', 'manager', 'EMAIL', 'sent', 1, $4, $4, $4)",
            office.tenant,
            uuid4(),
            lead,
            day(28),
        )
    await office.note(lead, "call", "Hat Interesse an der Suppe.")
    told = (await office.get(f"/api/leads/{lead}/timeline", "manager")).json()
    assert told["nextCursor"] is None
    newest, mail, correction, activity, first = told["items"]
    assert newest["text"] == "Handed over to other."
    assert newest["byName"] == "manager"
    assert newest["fact"]["restartBase"] is False
    assert (mail["kind"], mail["mailStatus"], mail["by"]) == ("mail", "sent", "manager")
    assert mail["text"] == "Mail to manager, sent: Notice: the base period ends soon."
    assert correction["text"] == "Correction: this never was: “Activity: qualified call.”"
    assert activity["notes"] == ["Hat Interesse an der Suppe."]
    assert (first["id"], first["type"], first["at"]) == ("reg", "registered", wire(0))
    german = (await office.get(f"/api/leads/{lead}/timeline?lang=de", "other")).json()["items"]
    assert german[0]["text"] == "Übertragen an other."
    # An agent does not learn who the others are.
    assert german[0]["byName"] is None
    assert german[3]["notes"] == ["Hat Interesse an der Suppe."]


async def test_the_timeline_has_pages(office: Office) -> None:
    calls = [call(number, name=f"call-{number}") for number in range(1, 6)]
    # Several facts of one instant are told apart.
    same = [call(7, name=f"same-{number}") for number in range(3)]
    lead = await office.lead(registered(), *calls, *same)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await office.get(f"/api/leads/{lead}/timeline?limit=2{cursor}")).json()
        seen += [one["id"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == [fact.fact_id for fact in reversed((registered(), *calls, *same))]


@pytest.mark.parametrize("cursor", ["x", "WyJub25lIiwiZmFjdC8wMDAwMDAwMDEiXQ", "W251bGwsbnVsbF0", "WzFd"])
async def test_cursors_of_nobody(office: Office, cursor: str) -> None:
    lead = await office.lead(registered())
    for path in (f"/api/leads/{lead}/timeline", "/api/requests", "/api/leads"):
        answer = await office.get(f"{path}?cursor={cursor}")
        assert answer.status_code == 422, path
        assert answer.json()["errors"][0]["pointer"] == "#/cursor"
