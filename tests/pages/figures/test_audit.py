"""The audit as a page: filters, whether each row is whole, and the chain verified from its first row."""

from __future__ import annotations

import asyncpg
import pytest

from adapters.database import transaction
from adapters.errand_store import ErrandKind
from services.asking import Asking
from services.chain_check import check_chain
from services.errands import ErrandState, look
from tests.pages.figures.past import Past
from tests.pages.visitor import Visitor


def rows(page: Visitor) -> list[list[str]]:
    """The rows as they are shown."""
    return [
        [cell.text for cell in row.children if not isinstance(cell, str)]
        for body in page.html.all("tbody")
        for row in body.all("tr")
    ]


async def test_rows_are_filtered_by_who_what_lead_and_time(past: Past) -> None:
    olga = await past.visitor("auditor")
    await olga.get(f"/audit?lead={past.lapse}")
    shown = rows(olga)
    assert len(shown) == 3
    assert all("whole" in row[0] for row in shown)
    assert "Status:" in shown[0][5]
    await olga.get(f"/audit?what=reminder_sent&lead={past.saved}")
    assert len(rows(olga)) == 1
    await olga.get("/audit?who=manager&what=hold_placed&first=2024-05-01&last=2024-05-31")
    assert {row[2] for row in rows(olga)} == {"manager"}
    assert len(rows(olga)) >= 2
    await olga.get("/audit?first=2024-05-01&last=2024-05-03")
    assert len(rows(olga)) >= 4
    for query, said in (
        ("lead=nothing", "There is no such lead, or not for you."),
        ("first=yesterday", "A date, please, such as 2026-11-23."),
        ("before=-1", "At least 0, please."),
    ):
        answer = await olga.get(f"/audit?{query}")
        assert answer.status_code == 422, query
        assert said in olga.said, query


async def test_an_agent_sees_the_audit_of_his_own_leads_only(past: Past) -> None:
    agent = await past.visitor("agent")
    await agent.get("/audit")
    assert len(rows(agent)) == 6
    assert not agent.html.all("form", action="/audit/checks")
    answer = await agent.get(f"/audit?lead={past.waited}")
    assert answer.status_code == 422
    assert (await agent.post("/audit/checks")).status_code == 403
    hidden = await past.visitor("auditor")
    await hidden.post("/audit/checks", follow=True)
    check = hidden.html.all("a", href="/audit")
    assert check
    listed = await agent.get("/audit")
    assert "/audit/checks/" not in listed.text


async def test_odd_names_stay_text(past: Past) -> None:
    olga = await past.visitor("auditor")
    answer = await olga.get(f"/audit?lead={past.odd}")
    assert "<script>alert" not in answer.text
    assert "<script>alert(1)</script> GmbH" in olga.html.one("tbody").text


async def test_the_chain_is_verified_part_by_part(past: Past) -> None:
    olga = await past.visitor("auditor")
    await olga.get("/audit")
    kept = olga.html.one("code", class_="head").text
    await olga.post("/audit/checks", kept=kept, follow=True)
    assert "The chain is whole" in olga.said
    assert "The head noted earlier is still a row of it." in olga.said
    await olga.post("/audit/checks", kept="1:" + "0" * 64, follow=True)
    assert "no row of the chain any more" in olga.said
    assert (await olga.post("/audit/checks", kept="nonsense")).status_code == 422
    await olga.get("/audit")
    assert [one.text for one in olga.html.one("ul", class_="checks").all("span")][:2] == ["broken", "whole"]


async def test_a_row_that_was_changed_or_taken_out_is_found(past: Past) -> None:
    wiring, tenant = past.office.api.wiring, past.office.tenant
    asking = Asking.of(past.caller("auditor"))

    async def broken() -> int | None:
        name = await check_chain(wiring.errands, wiring.app, asking, part=3)
        await wiring.errands.wait(name, 30)
        found = await look(wiring.app, asking, ErrandKind.AUDIT_CHECK, name)
        assert found.state is ErrandState.DONE
        first: int | None = found.stored.outcome["first_broken"]
        return first

    assert await broken() is None
    superuser = await asyncpg.connect(past.url)
    try:
        await superuser.execute("set session_replication_role = replica")
        await superuser.execute("update audit_event set actor = 'x' where tenant = $1 and seq = 5", tenant)
        assert await broken() == 5
        olga = await past.visitor("auditor")
        await olga.get("/audit")
        assert [row[0] for row in rows(olga) if "broken" in row[0]] == ["5 broken"]
        await superuser.execute("delete from audit_event where tenant = $1 and seq = 4", tenant)
        assert await broken() == 4
    finally:
        await superuser.close()
    async with transaction(wiring.app, tenant, "auditor", ("auditor",), reading=True) as connection:
        assert await connection.fetchval("select audit_verify($1)", tenant) == 4


@pytest.mark.parametrize(
    ("user", "statement"),
    [
        ("agent", "select audit_part_broken(1, 2)"),
        ("agent", "select seq from audit_end()"),
        (
            "agent",
            (
                "insert into errand (tenant, id, kind, asked_by, asked_at, plan, whole, told_at)"
                " values (app_tenant(), gen_random_uuid(), 'audit-check', 'agent', now(), '{}', 0, now())"
            ),
        ),
        (
            "manager",
            (
                "insert into errand (tenant, id, kind, asked_by, asked_at, plan, whole, told_at)"
                " values (app_tenant(), gen_random_uuid(), 'policy-adoption', 'manager', now(),"
                " '{}', 0, now())"
            ),
        ),
        (
            "admin",
            (
                "insert into errand (tenant, id, kind, asked_by, asked_at, plan, whole, told_at)"
                " values (app_tenant(), gen_random_uuid(), 'audit-check', 'manager', now(), '{}', 0, now())"
            ),
        ),
        ("admin", "update kpi_day set lapsed = 0"),
        ("admin", "select * from kpi_lead"),
    ],
)
async def test_the_database_lets_nobody_past_what_the_pages_allow(
    user: str, statement: str, past: Past
) -> None:
    wiring, tenant = past.office.api.wiring, past.office.tenant
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(wiring.app, tenant, user, (user,)) as connection:
            await connection.execute(statement)
