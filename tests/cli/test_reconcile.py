"""`fristwerk reconcile` puts right what is safe, reports the rest, and every night does so by itself."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from temporalio.client import Client

from adapters.reconcile.schedule import ensure_nightly
from adapters.settings import DEMO_TENANT
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
