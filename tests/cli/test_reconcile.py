"""`fristwerk reconcile` puts right what is safe, reports the rest, and every night does so by itself."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from temporalio.client import Client

from activities.records import RecordCommand, audit_row, fact_row, projection
from adapters.database import open_pool, transaction
from adapters.ledger_store import PostgresLedgerStore
from adapters.reconcile.schedule import ensure_nightly
from adapters.reconcile_store import recorded_leads
from adapters.settings import DEMO_TENANT, Login, Role
from protection.decide import next_change
from protection.facts import ActivityRecorded
from protection.lifecycle import apply, replay
from protection.policy import policy_from_json
from protection.wire import fact_from_json
from tests.cli.house import House

_WRITTEN = ("updated_at", "listed")


def _workflow(lead: str) -> str:
    return f"lead/{DEMO_TENANT}/{lead}"


def _row(house: House, lead: str) -> Any:
    rows = house.sql("select to_jsonb(p) as row from protection as p where lead = $1::uuid", lead)
    # All but when it was written.
    return {key: value for key, value in json.loads(rows[0]["row"]).items() if key not in _WRITTEN}


def _of(told: dict[str, Any], *leads: str) -> set[tuple[str, str, bool]]:
    return {(f["lead"], f["check"], f["repaired"]) for f in told["findings"] if f["lead"] in leads}


def _registered(house: House, fact_id: str) -> str:
    words = ("register", f"Gasthof {fact_id}", "Jena", "--owner", "anna", "--contact-name", "E. Muster")
    return str(house.done(*words, "--fact-id", fact_id)["lead"])


def test_what_is_safe_is_put_right_and_the_rest_is_reported(house: House) -> None:
    lost, changed, held, doubtful = (_registered(house, str(uuid4())) for _ in range(4))
    house.done("hold", held, "CUSTOMER_BLOCKED", "--id", "h1", "--by", "maria")
    before = {lead: _row(house, lead) for lead in (lost, changed, held)}

    # A workflow lost, a row and a hold changed by hand, and a ledger with a fact that nobody was told of.
    house.temporal(lambda client: client.get_workflow_handle(_workflow(lost)).terminate())
    house.sql(
        "update protection set valid_until = valid_until + interval '1 day', owner = 'nobody'"
        " where lead = $1::uuid",
        changed,
    )
    house.sql("update hold set reason = 'OTHER' where lead = $1::uuid", held)
    house.sql("alter table fact disable trigger user")
    try:
        house.sql("update fact set revision = 2 where lead = $1::uuid", doubtful)

        said = house.run("reconcile", "--report-only", "--json")
        assert said.code == 1, said
        four = (lost, changed, held, doubtful)
        found = {(lead, check) for lead, check, repaired in _of(said.json, *four) if not repaired}
        assert {(lost, "not-running"), (changed, "projection-differs"), (held, "holds-differ")} <= found
        assert (doubtful, "gap") in found
        assert not [finding for finding in said.json["findings"] if finding["repaired"]]
        assert _row(house, changed)["owner"] == "nobody"

        said = house.run("reconcile", "--by", "maria", "--json")
        assert said.code == 1, said
        told = said.json
        assert told["asked_by"] == "maria"
        expected = {(lost, "not-running"), (changed, "projection-differs"), (held, "holds-differ")}
        kept = _of(told, *four)
        assert expected <= {(lead, check) for lead, check, repaired in kept if repaired}
        assert {lead for lead, _, repaired in kept if not repaired} == {doubtful}
        assert told["repaired"]["not-running"] >= 1
        assert told["found"]["gap"] == 1
        for lead, row in before.items():
            assert _row(house, lead) == row
        audited = house.sql(
            "select what from audit_event where lead = $1::uuid and what like 'repaired:%'", lost
        )
        assert [row["what"] for row in audited] == ["repaired:not-running"]
    finally:
        house.sql("update fact set revision = 1 where lead = $1::uuid", doubtful)
        house.sql("alter table fact enable trigger user")

    said = house.run("reconcile", "--json")
    assert _of(said.json, *four) == set(), said.out
    last = house.run("verify", "--json").json["last_reconciliation"]
    assert last["id"] == said.json["id"]
    assert last["leads"] >= 4
    assert "Last reconciliation" in house.run("verify").out


def test_it_runs_every_night_for_all_tenants(house: House) -> None:
    async def of_the_schedule(client: Client) -> Any:
        handle = client.get_schedule_handle("reconciliation")
        await handle.pause(note="an operator")
        await ensure_nightly(client)
        described = await handle.describe()
        await handle.unpause()
        return described.schedule

    schedule = house.temporal(of_the_schedule)
    assert schedule.state.paused
    assert schedule.spec.time_zone_name == "Europe/Berlin"
    assert schedule.policy.overlap.name == "SKIP"

    async def now(client: Client) -> None:
        await client.get_schedule_handle("reconciliation").trigger()

    runs = (
        "select count(*) as n from reconciliation_run where asked_by = 'schedule' and finished_at is not null"
    )
    before = house.sql(runs)[0]["n"]
    house.temporal(now)
    house.eventually(lambda: house.sql(runs)[0]["n"] > before, "the scheduled reconciliation is finished")


async def _told_beside_the_workflow(url: str, lead: UUID) -> None:
    """A fact is on record, with row and audit, of which the lead's workflow has never heard."""
    async with await open_pool(Login(url, Role.WORKER), name="test-beside", largest=1) as pool:
        async with transaction(pool, DEMO_TENANT, "test", reading=True) as connection:
            (recorded,) = await recorded_leads(connection, DEMO_TENANT, only=lead, most=1)
        assert recorded.policy is not None
        before = replay(policy_from_json(recorded.policy), map(fact_from_json, recorded.facts))
        at = datetime.now(UTC)
        fact = ActivityRecorded(
            fact_id="beside", recorded_at=at, by="anna", kind="QUALIFIED_CALL", occurred_at=at
        )
        state, tenant = apply(before, fact), str(DEMO_TENANT)
        await PostgresLedgerStore(pool).record(
            RecordCommand(
                tenant=tenant,
                lead=str(lead),
                facts=[fact_row(fact, state.revision)],
                projection=projection(tenant, str(lead), state, at, wake_at=next_change(state, at)),
                audit=[audit_row(fact, before, state)],
            )
        )


def test_a_workflow_behind_its_ledger_begins_anew_and_one_ahead_of_it_is_left_alone(house: House) -> None:
    behind, ahead = (_registered(house, str(uuid4())) for _ in range(2))
    url = house.environment["DATABASE_URL"]
    house.thread.submit(lambda: asyncio.run(_told_beside_the_workflow(url, UUID(behind)))).result(120)
    house.done("log", ahead, "QUALIFIED_CALL", "--by", "anna")
    house.sql("alter table fact disable trigger user")
    try:
        house.sql(
            "with gone as (delete from fact where lead = $1::uuid and revision = 2 returning lead)"
            " select lead from gone",
            ahead,
        )
    finally:
        house.sql("alter table fact enable trigger user")
    told = house.run("reconcile", "--json").json
    assert (behind, "workflow-differs", True) in _of(told, behind)
    assert not [found for found in _of(told, behind) if not found[2]]
    assert (ahead, "ledger-behind", False) in _of(told, ahead)
    assert not [found for found in _of(told, ahead) if found[2]]
    assert _row(house, behind)["revision"] == 2

    # What the history knows comes back, and with it the peace.
    said = house.run("restore-from-histories", "--json")
    assert {one["lead"]: one["facts"] for one in said.json["leads"]} == {ahead: 1}, said
    assert house.done("verify", behind)["findings"] == house.done("verify", ahead)["findings"] == []
