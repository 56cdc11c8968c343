"""`fristwerk verify` finds what was planted, and nothing where nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client

from tests.cli.house import House

TENANT = "0f7e0000-0000-4000-8000-000000000001"


def found(house: House, *words: str) -> dict[str, str]:
    """Checks that failed, with their leads; the exit status has to say so."""
    said = house.run("verify", *words, "--json")
    findings = said.json["findings"]
    assert said.code == (1 if findings else 0), said
    return {finding["check"]: finding["name"] for finding in findings}


@pytest.fixture
def tampered(house: House, lead: str) -> Iterator[str]:
    """A lead whose rows a superuser may change by hand, append-only or not."""
    for table in ("fact", "audit_event"):
        house.sql(f"alter table {table} disable trigger {table}_append_only")
    yield lead
    for table in ("fact", "audit_event"):
        house.sql(f"alter table {table} enable trigger {table}_append_only")


def test_everything_agrees(house: House) -> None:
    said = house.run("verify")
    assert said.code == 0, said
    assert "Everything agrees." in said.out
    assert "The audit chain is whole." in said.out
    assert "Comparing" in said.err
    told = house.done("verify")
    assert told["leads"] >= 60
    assert told["workflows"]["asked"] > 40
    assert told["workflows"]["why_not"] is None
    assert house.run("verify", "audit").code == 0
    audit = house.done("verify", "audit")["audit"]
    assert (audit["whole"], audit["first_broken"], audit["kept_is_there"]) == (True, None, None)
    assert audit["head"].startswith(f"{audit['rows']}:")
    assert house.done("verify", "audit", "--kept", audit["head"])["audit"]["kept_is_there"] is True


def test_without_temporal_the_database_is_compared_and_that_is_said(house: House) -> None:
    said = house.run("verify", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert said.code == 0
    assert "Workflows were not compared" in said.out
    assert house.run("verify", "--start", TEMPORAL_ADDRESS="127.0.0.1:1").code == 1


def test_a_changed_row_is_found(house: House, lead: str) -> None:
    house.done("hold", lead, "OTHER", "--id", "h1")
    house.sql("update protection set valid_until = '2031-01-01Z', owner = 'ben' where lead = $1::uuid", lead)
    house.sql("update hold set reason = 'CUSTOMER_BLOCKED' where lead = $1::uuid", lead)
    checks = found(house, lead)
    assert set(checks) == {"projection-differs", "holds-differ", "workflow-differs"}
    said = house.run("verify", lead)
    assert said.code == 1
    assert "what to do" in said.out
    assert "3 things do not agree" in said.out
    assert "projection-differs" in found(house)
    house.done("release", lead, "h1")
    assert found(house, lead) == {}


def test_requests_are_compared_and_a_changed_one_is_found(house: House, lead: str) -> None:
    step = ("--reason", "New chef", "--next-step", "Tasting", "--next-step-at", "2031-01-12T10:00+01:00")
    asked = house.done("request-extension", lead, *step, "--days", "30", "--by", "anna")["id"]
    held = house.done("request-hold", lead, "OTHER", "--note", "Samples", "--by", "anna")["id"]
    house.done("approve", lead, held, "--by", "maria")
    assert found(house, lead) == {}
    house.sql("update request set days = 60 where lead = $1::uuid and request = $2", lead, asked)
    house.sql("update protection set assigned_at = null where lead = $1::uuid", lead)
    assert set(found(house, lead)) == {"projection-differs", "requests-differ"}
    assert f"requests {asked}" in house.run("verify", lead).out
    house.done("withdraw", lead, asked, "--by", "anna")
    assert found(house, lead) == {}


def test_a_changed_ledger_is_found(house: House, tampered: str) -> None:
    house.done("extend", tampered, "30", "--fact-id", "e1")
    where = "where lead = $1::uuid and fact_id = 'e1'"
    house.sql(f"update fact set payload = payload || '{{\"days\": 40}}' {where}", tampered)
    assert {"projection-differs", "workflow-differs"} & set(found(house, tampered))
    house.sql(f"update fact set payload = payload || '{{\"days\": 0}}' {where}", tampered)
    assert "engine-refuses" in found(house, tampered)
    assert house.run("lead", tampered).code == 1
    house.sql(f"update fact set payload = payload || '{{\"days\": 30}}', revision = 3 {where}", tampered)
    assert "gap" in found(house, tampered)
    house.sql(f"update fact set revision = 2 {where}", tampered)
    assert found(house, tampered) == {}


def test_a_changed_audit_is_found(house: House, tampered: str) -> None:
    seq = house.sql("select max(seq) as n from audit_event where lead = $1::uuid", tampered)[0]["n"]
    house.sql(
        "update audit_event set actor = 'nobody-' || actor where seq = $1 and tenant = $2::uuid", seq, TENANT
    )
    audit = house.run("verify", "audit", "--json").json["audit"]
    assert (audit["whole"], audit["first_broken"]) == (False, seq)
    said = house.run("verify", "audit")
    assert said.code == 1
    assert f"row {seq}" in said.out
    assert found(house)["audit-broken"] == "audit"
    assert "The audit chain is broken." in house.run("verify").out
    house.sql(
        "update audit_event set actor = substr(actor, 8) where seq = $1 and tenant = $2::uuid", seq, TENANT
    )
    assert house.run("verify", "audit").code == 0
    house.sql("update audit_event set fact_id = 'x' where seq = $1 and tenant = $2::uuid", seq, TENANT)
    assert found(house, tampered) == {"not-audited": tampered}
    house.sql(
        "update audit_event set fact_id = $3 where seq = $1 and tenant = $2::uuid",
        seq,
        TENANT,
        fact_of(house, tampered),
    )


def fact_of(house: House, lead: str) -> str:
    return str(house.done("lead", lead)["facts"][0]["fact_id"])


def test_a_missing_workflow_is_found_and_started_again(house: House, lead: str) -> None:
    async def terminate(client: Client) -> None:
        await client.get_workflow_handle(f"lead/{TENANT}/{lead}").terminate("a test")

    house.temporal(terminate)
    assert found(house, lead) == {"not-running": lead}
    refused = house.run("extend", lead, "5", "--note", "never arrived")
    assert refused.code == 1
    assert "verify" in refused.err
    assert house.notes(lead) == []
    assert house.done("verify", lead, "--start")["workflows"]["started"] == [lead]
    assert found(house, lead) == {}
    assert house.done("extend", lead, "5")["revision"] == 2


def test_workflows_and_leads_that_lack_the_other_are_found(house: House, lead: str) -> None:
    stray = str(uuid4())

    async def start(client: Client) -> Any:
        return await client.start_workflow(
            "lead-protection", id=f"lead/{TENANT}/{stray}", task_queue="nobody-listens-here"
        )

    house.temporal(start)
    house.sql(
        "insert into lead (tenant, id, external_id, company, city, owner, company_key, created_at) "
        "select $1::uuid, $2::uuid, 'NEVER-BEGUN', 'Haus', 'Jena', 'anna', $2, '2026-01-01Z' "
        "from set_config('app.tenant', $1, true)",
        TENANT,
        str(uuid4()),
    )
    house.eventually(lambda: "stray-workflow" in found(house), "the list of workflows catches up")
    checks = found(house)
    assert checks == {"no-ledger": "NEVER-BEGUN", "stray-workflow": stray}
    unwritten = house.run("lead", "NEVER-BEGUN")
    assert unwritten.code == 1
    assert "nothing has been recorded" in unwritten.err
    assert house.run("extend", "NEVER-BEGUN", "5").code == 1
    house.sql(
        "with gone as (select id from lead where external_id = 'NEVER-BEGUN'), "
        "words as (delete from lead_search where lead in (select id from gone)) "
        "select 1"
    )
    house.sql("delete from lead where external_id = 'NEVER-BEGUN'")

    async def end(client: Client) -> None:
        await client.get_workflow_handle(f"lead/{TENANT}/{stray}").terminate("a test")

    house.temporal(end)
    house.eventually(lambda: found(house) == {}, "the list of workflows catches up")


def test_a_chain_written_anew_does_not_hold_the_end_that_was_kept(house: House) -> None:
    seq, _, digest = house.done("verify", "audit")["audit"]["head"].partition(":")
    other = f"{seq}:{digest[::-1]}"
    said = house.run("verify", "audit", "--kept", other)
    assert said.code == 1
    assert "written anew" in said.out
    assert house.run("verify", "audit", "--kept", other, "--json").json["audit"]["whole"] is False
    assert house.run("verify", "audit", "--kept", "4711").code == 2


def test_what_cannot_be_verified(house: House) -> None:
    assert house.run("verify", "nobody").code == 1
    assert house.run("verify", "a", "b").code == 2
