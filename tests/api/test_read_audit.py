"""The audit over HTTP: who reads it, its pages, and that every kind of tampering shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from tests.api.house import Api, Callers
from tests.api.ledgers import Office, call, office_over, placed, registered

FACTS = (registered(), call(10), placed(20, 20, 30), call(40, name="later"))


@pytest_asyncio.fixture(loop_scope="session")
async def office(postgres_url: str, frame: Api, callers: Callers) -> AsyncIterator[Office]:
    """A tenant of the test's own, because tampering stays."""
    async with office_over(postgres_url, frame, callers) as made:
        yield made


async def test_the_audit_of_a_lead(office: Office) -> None:
    lead = await office.lead(*FACTS)
    await office.lead(registered("other"), owner="other")
    told = (await office.get(f"/api/leads/{lead}/audit")).json()
    assert [one["what"] for one in told["items"]] == ["activity", "hold_placed", "activity", "registered"]
    assert [one["seq"] for one in told["items"]] == [4, 3, 2, 1]
    assert all(one["whole"] for one in told["items"])
    assert told["items"][0]["prevHash"] == told["items"][1]["hash"]
    assert told["items"][1]["after"]["paused"] is True
    assert told["items"][3]["lead"] == str(lead)


async def test_the_audit_says_why_in_the_words_of_whoever_did_it(office: Office) -> None:
    """Beside the chain, because words are erased one day, and for those who may read them."""
    lead = await office.lead(*FACTS)
    await office.note(lead, "place-h1", "Die Muster fehlen seit Wochen.")
    for path, user in ((f"/api/leads/{lead}/audit", "agent"), (f"/api/leads/{lead}/audit", "auditor")):
        words = {one["what"]: one["words"] for one in (await office.get(path, user)).json()["items"]}
        assert words["hold_placed"] == ["Die Muster fehlen seit Wochen."]
        assert words["registered"] == []
    whole = (await office.get("/api/audit", "auditor")).json()["items"]
    assert [one["words"] for one in whole] == [[]] * 4


async def test_a_row_can_be_checked_offline(office: Office) -> None:
    lead = await office.lead(*FACTS)
    for one in (await office.get(f"/api/leads/{lead}/audit")).json()["items"]:
        at = datetime.fromisoformat(one["at"]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = [
            str(office.tenant),
            one["seq"],
            one["auditId"],
            one["actor"],
            one["what"],
            one["lead"],
            one["factId"],
            one["before"],
            one["after"],
            one["reason"],
            at,
            one["prevHash"],
        ]
        text = json.dumps(line, ensure_ascii=False)
        assert hashlib.sha256(text.encode()).hexdigest() == one["hash"]


async def test_who_reads_which_audit(office: Office) -> None:
    lead = await office.lead(*FACTS)
    await office.share(lead, "other", "NEGOTIATE")
    for user, own, whole in (
        ("agent", 200, 403),
        ("other", 403, 403),
        ("manager", 200, 200),
        ("admin", 200, 200),
        ("auditor", 200, 200),
    ):
        assert (await office.get(f"/api/leads/{lead}/audit", user)).status_code == own
        assert (await office.get("/api/audit", user)).status_code == whole
        assert (await office.get("/api/audit/verification", user)).status_code == whole
    await office.lead(registered("other"), owner="other")
    rows = (await office.get("/api/audit", "auditor")).json()["items"]
    assert {one["lead"] for one in rows} >= {str(lead)}
    assert len({one["lead"] for one in rows if one["lead"]}) == 2


async def test_the_audit_has_pages(office: Office) -> None:
    for _ in range(3):
        await office.lead(*FACTS)
    seen: list[int] = []
    cursor = ""
    while True:
        page = (await office.get(f"/api/audit?limit=5{cursor}", "manager")).json()
        seen += [one["seq"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == list(range(12, 0, -1))
    for wrong in ("WzBd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTld", "WyJhIl0", "x"):
        answer = await office.get(f"/api/audit?cursor={wrong}", "manager")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "#/cursor"


async def verification(office: Office, query: str = "") -> dict[str, Any]:
    answer = await office.get(f"/api/audit/verification{query}", "auditor")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def test_an_untouched_chain_is_whole(office: Office) -> None:
    empty = await verification(office)
    assert (empty["whole"], empty["rows"], empty["headSeq"]) == (True, 0, 0)
    assert (await verification(office, f"?kept={empty['head']}"))["keptIsThere"] is True
    await office.lead(*FACTS)
    told = await verification(office)
    assert (told["whole"], told["firstBroken"], told["rows"], told["headSeq"]) == (True, None, 4, 4)
    assert told["head"] == f"4:{told['headHash']}"
    assert told["keptIsThere"] is None
    await office.lead(*FACTS)
    assert (await verification(office, f"?kept={told['head']}"))["keptIsThere"] is True


async def tamper(url: str, statement: str, tenant: UUID) -> None:
    """As somebody with all rights on the database, who knows how to switch triggers off."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("set local session_replication_role = replica")
            await connection.execute(statement.replace("$1", f"'{tenant}'"))
    finally:
        await connection.close()


SWAP = """
    with other as (select * from audit_event where tenant = $1 and seq in (2, 3))
    update audit_event as e set
      actor = o.actor, what = o.what, lead = o.lead, fact_id = o.fact_id, before = o.before, after = o.after,
      reason = o.reason, at = o.at
    from other as o where e.tenant = $1 and e.seq in (2, 3) and o.seq = 5 - e.seq
"""
RENUMBER = """
    update audit_event set seq = -seq where tenant = $1 and seq in (2, 3);
    update audit_event set seq = 5 + seq where tenant = $1 and seq < 0
"""


@pytest.mark.parametrize(
    ("statement", "place", "seen_in_rows"),
    [
        ("update audit_event set actor = 'nobody' where tenant = $1 and seq = 3", 3, {3}),
        ("update audit_event set reason = 'OTHER' where tenant = $1 and seq = 2", 2, {2}),
        ("update audit_event set lead = gen_random_uuid() where tenant = $1 and seq = 2", 2, {2}),
        ("delete from audit_event where tenant = $1 and seq = 2", 2, {3}),
        ("delete from audit_event where tenant = $1 and seq = 1", 1, {2}),
        ("delete from audit_event where tenant = $1 and seq >= 3", 3, set()),
        ("delete from audit_event where tenant = $1", 1, set()),
        (SWAP, 2, {2, 3}),
        (RENUMBER, 2, {2, 3, 4}),
        ("update audit_event set hash = sha256('x') where tenant = $1 and seq = 4", 4, {4}),
        ("update audit_head set hash = sha256('x') where tenant = $1", 5, set()),
    ],
)
async def test_tampering_shows(
    office: Office, postgres_url: str, statement: str, place: int, seen_in_rows: set[int]
) -> None:
    await office.lead(*FACTS)
    for part in statement.split(";"):
        await tamper(postgres_url, part, office.tenant)
    told = await verification(office)
    assert (told["whole"], told["firstBroken"]) == (False, place)
    rows = (await office.get("/api/audit", "auditor")).json()["items"]
    assert {one["seq"] for one in rows if not one["whole"]} == seen_in_rows


async def test_a_row_of_another_tenant_does_not_fit(
    office: Office, postgres_url: str, frame: Api, callers: Callers
) -> None:
    async with office_over(postgres_url, frame, callers) as elsewhere:
        await elsewhere.lead(*FACTS)
        await office.lead(*FACTS)
        await tamper(postgres_url, "delete from audit_event where tenant = $1 and seq = 4", office.tenant)
        await tamper(
            postgres_url,
            f"update audit_event set tenant = '{office.tenant}' where tenant = $1 and seq = 4",
            elsewhere.tenant,
        )
        assert (await verification(office))["firstBroken"] == 4
        assert (await verification(elsewhere))["firstBroken"] == 4


async def test_a_chain_written_anew_is_found_by_a_head_that_was_kept(
    office: Office, postgres_url: str
) -> None:
    lead = await office.lead(*FACTS)
    kept = (await verification(office))["head"]
    # All rights, all triggers: the chain is written again with another beginning, and fits perfectly.
    await tamper(postgres_url, "delete from audit_event where tenant = $1", office.tenant)
    await tamper(postgres_url, "delete from audit_head where tenant = $1", office.tenant)
    async with office.as_worker() as connection:
        for number in range(4):
            await connection.execute(
                "insert into audit_event (tenant, actor, what, lead, at)"
                " values ($1, 'agent', 'made-up', $2, $3)",
                office.tenant,
                lead,
                datetime(2024, 1, 1 + number, tzinfo=UTC),
            )
    assert (await verification(office))["whole"] is True
    told = await verification(office, f"?kept={kept}")
    assert (told["whole"], told["firstBroken"], told["keptIsThere"]) == (False, None, False)


@pytest.mark.parametrize("kept", ["4711", "x:y", f"1:{'z' * 64}", f"-1:{'0' * 64}", f"{'9' * 19}:{'0' * 64}"])
async def test_a_head_that_is_none(office: Office, kept: str) -> None:
    answer = await office.get(f"/api/audit/verification?kept={kept}", "auditor")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/kept"


async def test_unknown_leads_have_no_audit(office: Office) -> None:
    assert (await office.get(f"/api/leads/{uuid4()}/audit", "auditor")).status_code == 404
