"""What the command line says when something it needs is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client

from cli.console import UsageError
from cli.moments import distance, read_moment
from cli.numbers import whole
from tests.cli.house import House

TENANT = "0f7e0000-0000-4000-8000-000000000001"
READS = (("leads",), ("lead", "DEMO-0001"), ("verify",), ("verify", "audit"))
ACTS = (
    ("log", "DEMO-0001", "NOTE"),
    ("retry-mail", "DEMO-0001"),
    ("register", "Haus", "Jena", "--owner", "anna", "--contact-name", "Jo"),
)


@pytest.mark.parametrize("words", READS + ACTS)
def test_no_stack_runs(house: House, words: tuple[str, ...], tmp_path: Path) -> None:
    nothing = {"DATABASE_URL": "", "TEMPORAL_ADDRESS": "", "FRISTWERK_STATE": str(tmp_path)}
    said = house.run(*words, **nothing)
    assert said.code == 2
    assert "fristwerk up" in said.err
    assert said.out == ""


@pytest.mark.parametrize("words", READS + ACTS)
def test_the_database_is_down(house: House, words: tuple[str, ...]) -> None:
    said = house.run(*words, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert said.code == 1
    assert "database does not answer" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("words", [*READS, ACTS[0]])
def test_the_database_is_another_one(house: House, words: tuple[str, ...]) -> None:
    url = house.environment["DATABASE_URL"]
    name = url.rpartition("/")[2].partition("?")[0]
    empty = house.run(*words, DATABASE_URL=url.replace(f"/{name}", "/postgres"))
    assert empty.code == 1
    assert "fristwerk migrate" in empty.err
    missing = house.run(*words, DATABASE_URL=url.replace(f"/{name}", "/no_such_database"))
    assert missing.code == 1
    assert "does not exist" in missing.err


@pytest.mark.parametrize("words", ACTS)
def test_temporal_is_down(house: House, words: tuple[str, ...]) -> None:
    said = house.run(*words, TEMPORAL_ADDRESS="127.0.0.1:1")
    assert said.code == 1
    assert "Temporal does not answer at 127.0.0.1:1" in said.err


def test_nobody_answers_and_the_same_act_can_be_repeated(house: House, lead: str) -> None:
    """The workflow waits on a queue without a worker; the note stays until it is known what became of it."""
    workflow = f"lead/{TENANT}/{lead}"

    async def mislay(client: Client) -> Any:
        await client.get_workflow_handle(workflow).terminate("a test")
        return await client.start_workflow("lead-protection", id=workflow, task_queue="nobody-listens-here")

    house.temporal(mislay)
    fact_id = f"again-{uuid4()}"
    words = ("extend", lead, "30", "--note", "Tasting agreed", "--fact-id", fact_id)
    said = house.run(*words)
    assert said.code == 1
    assert f"--fact-id {fact_id}" in said.err

    async def find(client: Client) -> None:
        await client.get_workflow_handle(workflow).terminate("a test")

    house.temporal(find)
    assert house.done("verify", lead, "--start")["workflows"]["started"] == [lead]
    assert house.done(*words)["revision"] == 2
    assert house.notes(lead) == ["Tasting agreed"]


def test_help_teaches_with_an_example(house: House) -> None:
    commands = ("leads", "lead", "register", "preregister", "log", "hold", "release", "extend", "convert")
    more = ("release-lead", "reinstate", "correct", "transfer", "retry-mail", "simulate", "verify")
    for words in [*((name,) for name in commands + more), ("clock", "replay"), ("verify", "audit")]:
        said = house.run(*words, "--help")
        assert said.code == 0
        _, heading, after = said.out.partition("Examples")
        assert heading, words
        assert f"fristwerk {' '.join(words)}" in after, words


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2026-07-01T10:00", "2026-07-01T10:00+02:00"),
        ("2026-12-01T10:00", "2026-12-01T10:00+01:00"),
        # Once a year an hour comes twice, once it is left out: the later reading counts.
        ("2026-10-25T02:30", "2026-10-25T02:30+01:00"),
        ("2026-03-29T02:30", "2026-03-29T03:30+02:00"),
        ("2026-12-01", "2026-12-01T00:00+01:00"),
    ],
)
def test_a_time_without_zone_is_told_which_to_add(text: str, hint: str) -> None:
    with pytest.raises(UsageError, match="no zone") as refused:
        read_moment(text, "--at")
    assert hint in str(refused.value)
    assert "--at" in str(refused.value)


@pytest.mark.parametrize("text", ["", "now", "1", "2026-13-01T00:00Z", "9999-12-31T23:59:59-23:59", "\x00"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="--at"):
        read_moment(text, "--at")


def test_distances_in_words() -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    for span, told in (
        (timedelta(days=12, hours=5), "in 12 days"),
        (timedelta(days=1), "in 1 day"),
        (timedelta(hours=23), "in 23 hours"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(seconds=20), "now"),
    ):
        assert distance(now + span, now) == told


@pytest.mark.parametrize("text", ["", "1.5", "1e3", "٣", "12345678901", "0x10", "--1"])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(ValueError, match="whole"):
        whole(text)
