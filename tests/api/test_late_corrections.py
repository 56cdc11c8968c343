"""A correction that comes after the lapse revives nobody: it is refused, and the lead is listed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest_asyncio

from protection.facts import ActivityRecorded, Reinstated, Released
from tests.api.house import Api, Callers
from tests.api.ledgers import Office, call, day, lapsed, office_over, registered, wire


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(postgres_url: str, frame: Api, callers: Callers) -> AsyncIterator[Office]:
    async with office_over(postgres_url, frame, callers) as made:
        yield made


def right(kind: str = "QUALIFIED_CALL", **more: Any) -> dict[str, Any]:
    return {"corrects": "note", "replacement": {"kind": kind}, "reason": "It was a call, not a note.", **more}


def silent() -> tuple[Any, ...]:
    """The life without progress, with a note in it that was a call."""
    first, *rest = lapsed()
    note = ActivityRecorded(fact_id="note", recorded_at=day(30), by="agent", kind="NOTE", occurred_at=day(30))
    return (first, note, *rest)


async def correct(office: Office, lead: UUID, user: str = "manager", **said: Any) -> Any:
    body = said or right()
    return await office.api.post(f"/api/leads/{lead}/corrections", office.token(user), json=body)


async def listed(office: Office, user: str = "manager", **query: str) -> list[dict[str, Any]]:
    path = "/api/late-corrections?" + "&".join(f"{name}={value}" for name, value in query.items())
    answer = await office.get(path, user)
    assert answer.status_code == 200
    return list(answer.json()["items"])


async def test_late_corrections(office: Office) -> None:
    lead = await office.lead(*silent())
    answer = await correct(office, lead)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:fristwerk:problem:protection-ended")
    assert f"{day(100):%Y-%m-%d %H:%M} UTC" in answer.json()["detail"]
    (row,) = [one for one in await listed(office) if one["lead"] == str(lead)]
    assert {name: value for name, value in row.items() if name not in {"toldAt", "lead"}} == {
        "company": "Gasthof Muster GmbH",
        "city": "Erfurt",
        "owner": "agent",
        "corrects": "note",
        "replacement": {"kind": "QUALIFIED_CALL"},
        "toldBy": "manager",
        "endedAt": wire(70),
        "keptUntil": wire(100),
    }
    # The same again is one row; the agent sees his own, another agent nothing.
    assert (await correct(office, lead)).status_code == 409
    assert [one["lead"] for one in await listed(office, "agent")].count(str(lead)) == 1
    assert str(lead) not in {one["lead"] for one in await listed(office, "other")}
    assert (await office.get(f"/api/leads/{lead}", "manager")).json()["protection"]["status"] == "EXPIRED"
    audit = (await office.get(f"/api/leads/{lead}/audit", "manager")).json()["items"]
    assert [one["what"] for one in audit].count("correction-came-late") == 1

    # Brought back, it is no longer on the list.
    back = Reinstated(fact_id="back", recorded_at=day(80), by="manager")
    await office.record(lead, (*silent(), back))
    assert str(lead) not in {one["lead"] for one in await listed(office)}


async def test_what_lists_nothing(office: Office) -> None:
    useless, given_up = (
        await office.lead(*silent()),
        await office.lead(
            registered(), call(5, name="note"), Released(fact_id="over", recorded_at=day(20), by="agent")
        ),
    )
    assert (await correct(office, useless, **right(kind="CALL_ATTEMPT"))).status_code == 409
    assert (await correct(office, given_up)).status_code == 409
    assert (await correct(office, useless, user="agent")).status_code == 403
    assert (await correct(office, useless, user="auditor")).status_code == 403
    assert not {str(useless), str(given_up)} & {one["lead"] for one in await listed(office)}


async def test_pages(office: Office) -> None:
    leads = [await office.lead(*silent()) for _ in range(3)]
    for lead in leads:
        assert (await correct(office, lead)).status_code == 409
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (
            await office.get(
                "/api/late-corrections?limit=1" + (f"&cursor={cursor}" if cursor else ""), "manager"
            )
        ).json()
        seen += [one["lead"] for one in page["items"]]
        cursor = page["nextCursor"]
    assert [lead for lead in seen if UUID(lead) in leads] == [str(lead) for lead in leads]
    assert (await office.get("/api/late-corrections?cursor=x", "manager")).status_code == 422
