"""Each benchmark once, as small as it can be: the machinery works. No figure is judged here."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from adapters.settings import Settings
from benchmarks import scripted_life, status_read, throughput
from benchmarks.counter import Counted, Counters
from benchmarks.stack import Stack
from workers.embedded.postgres import Cluster

EVERY_KIND = {"WORKFLOW_EXECUTION_UPDATE_COMPLETED": 27, "WORKFLOW_EXECUTION_COMPLETED": 1}


def test_counters_are_seen_by_other_processes(tmp_path: Path) -> None:
    with Counters(tmp_path / "counters") as counting, Counters(tmp_path / "counters") as reading:
        counting.add(Counted.SIGNALS)
        counting.add(Counted.SIGNALS)
        assert reading.read(Counted.SIGNALS) == 2
        assert reading.read(Counted.ACTIVITIES) == 0


def test_the_script_is_that_of_the_minimum() -> None:
    steps = scripted_life.script()
    assert len(steps) == 27
    assert [step.day for step in steps] == sorted(step.day for step in steps)


async def test_the_scripted_life_is_lived_to_its_end(temporal_env: WorkflowEnvironment) -> None:
    events = await scripted_life.live(temporal_env)
    census = scripted_life.census(events)
    assert EVERY_KIND.items() <= census.items()
    assert scripted_life.SKIPPING.isdisjoint(f"EVENT_TYPE_{kind}" for kind in census)
    assert events[-1].workflow_execution_completed_event_attributes.ByteSize()


async def test_both_ways_of_reading_find_the_same_lead(postgres_cluster: Cluster, tmp_path: Path) -> None:
    url = postgres_cluster.url("postgres")
    settings = Settings.model_validate({"DATABASE_URL": url, "FRISTWERK_STATE": str(tmp_path)})
    size = status_read.Size(few=20, many=60, reads=10, rounds=1)
    results = await status_read.compare_on(Stack(settings, None, tmp_path, {}), size)
    assert {result.name for result in results} == {
        "status-read-20",
        "status-read-60",
        "status-reads-per-second-20",
        "status-reads-per-second-60",
        "status-read-apart",
    }


@pytest.mark.stack
async def test_leads_facts_and_holds_go_through_the_real_stack() -> None:
    size = throughput.Size(leads=8, start_rounds=2, facts=6, fact_rounds=2, held=8, hold_rounds=2, warm_up=4)
    results = await throughput.measure(frozenset(throughput.NAMES), size)
    assert [result.name for result in results] == [
        "lead-starts",
        "worker-memory",
        "facts-recorded",
        "hold-signals",
    ]
