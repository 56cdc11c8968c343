"""`fristwerk rebuild` starts everything again from the ledgers after Temporal's own database is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from adapters.settings import DEMO_TENANT
from tests.cli.house import House
from workflows.names import LEAD_PROTECTION, workflow_id

# All but when it was written.
_WRITTEN = {"updated_at", "listed"}
_CLOCKS = "select to_jsonb(p) as row from protection as p where tenant = $1::uuid order by lead"


def _clocks(house: House) -> dict[str, dict[str, Any]]:
    rows = (json.loads(row["row"]) for row in house.sql(_CLOCKS, str(DEMO_TENANT)))
    return {row["lead"]: row for row in rows}


def _moved(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What differs, but for what the time alone has brought meanwhile."""
    assert before.keys() == after.keys()
    return {
        lead: {key: (row[key], after[lead][key]) for key in row if row[key] != after[lead][key]}
        for lead, row in before.items()
        if row["revision"] == after[lead]["revision"]
        and any(row[key] != after[lead][key] for key in row.keys() - _WRITTEN)
    }


async def _lose(client: Client, leads: Sequence[str]) -> int:
    """End all workflows as if they had never been; answers how many there were.

    Args:
        leads: those alive; a workflow that has just begun is not listed yet.
    """
    lost = {workflow_id(DEMO_TENANT, UUID(lead)) for lead in leads}
    async for execution in client.list_workflows("ExecutionStatus = 'Running'"):
        if not execution.workflow_type.startswith("temporal-"):
            lost.add(execution.id)
    # One of them had not been taken up by any worker yet.
    stray = workflow_id(DEMO_TENANT, UUID(leads[0]))
    await client.get_workflow_handle(stray).terminate()
    await client.start_workflow(LEAD_PROTECTION, id=stray, task_queue="nobody-listens-here")
    for name in lost:
        try:
            await client.get_workflow_handle(name).terminate("the database is lost")
        except RPCError as error:
            # Over by itself meanwhile.
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
    return len(lost)


def _rebuilt(house: House, *words: str) -> dict[str, Any]:
    told = house.done("rebuild", *words)
    return next(one for one in told["tenants"] if one["tenant"] == str(DEMO_TENANT))


def test_all_clocks_are_as_before_and_a_second_call_finds_nothing_missing(house: House) -> None:
    told = _rebuilt(house, "--dry-run")
    living = told["lost"]["leads"]
    assert living > 10
    before = _clocks(house)
    alive = [lead for lead, row in before.items() if row["status"] in {"PREREGISTERED", "ACTIVE", "GRACE"}]
    assert len(alive) == living
    assert house.temporal(lambda client: _lose(client, alive)) >= living
    house.eventually(lambda: _rebuilt(house, "--dry-run")["lost"]["running"] == 0, "Temporal lists none")
    assert "rebuilt" not in _rebuilt(house, "--dry-run")

    done = _rebuilt(house)
    assert done["rebuilt"]["leads"] == living
    assert done["lost"]["running"] == 0
    # One of them may come to its end meanwhile.
    assert 0 < done["rebuilt"]["boxes"] <= done["lost"]["boxes"]

    said = house.run("verify", "--json")
    assert said.code == 0, said.out
    assert said.json["workflows"]["asked"] == living
    assert _moved(before, _clocks(house)) == {}
    audited = house.sql("select after from audit_event where what = 'rebuilt' order by seq desc limit 1")
    assert json.loads(audited[0]["after"])["leads"] == living

    house.eventually(lambda: _rebuilt(house, "--dry-run")["lost"]["running"] == living, "they are listed")
    assert _rebuilt(house)["rebuilt"]["leads"] == 0
    assert "started 0 leads" in house.run("rebuild").out
    assert house.run("rebuild", "--at-once", "0").code == 2
