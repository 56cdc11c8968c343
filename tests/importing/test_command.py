"""The commands as people call them: exit status, words, files, and what is left after a kill -9."""

import asyncio
import csv
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from rich.console import Console
from temporalio.testing import WorkflowEnvironment

from adapters.database import open_pool, transaction
from adapters.settings import Login, Role
from cli.importing.command import import_export
from cli.importing.progress import ProgressView
from cli.importing.seed import seed_demo_command
from cli.importing.shapes import SourceFile
from cli.output import CommandFailed
from tests.importing.exports import AS_OF, DIRTY, EXPECTED, SAMPLE, TENANT, lead, read_csv, write
from tests.vaultfixtures import KEY_ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
GATE = 4711
MOMENT = f"{AS_OF:%Y-%m-%dT%H:%M:%SZ}"
SERVERS = ("DATABASE_URL", "APP_DATABASE_URL", "WORKER_DATABASE_URL", "TEMPORAL_ADDRESS", "FRISTWERK_TENANT")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own to stand in, and no server anywhere."""
    for name in SERVERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FRISTWERK_STATE", str(tmp_path / "state"))
    for name, key in KEY_ENVIRONMENT.items():
        monkeypatch.setenv(name, key)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def test_a_dry_run_needs_no_server(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_export(SAMPLE, dry_run=True, as_of=MOMENT, report=Path("report.csv")) == 0
    assert (nowhere / "report.csv").read_bytes() == (SAMPLE / EXPECTED).read_bytes()
    assert sorted(path.name for path in nowhere.iterdir()) == ["report.csv"]
    told = capsys.readouterr()
    assert "leads to be added" in told.out
    assert "Duplicates against the database were not checked" in told.out
    assert "Replaying: 300 of 300 leads" in told.err


def test_rows_not_taken_are_listed_written_and_told_by_the_exit_status(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_export(DIRTY, dry_run=True, as_of=MOMENT) == 1
    rows = read_csv(nowhere / "rejects.csv")
    assert rows[0] == ["external_id", "file", "line", "column", "reason"]
    expected = [row for row in read_csv(DIRTY / "expected.csv")[1:] if row[0] != "BAD-012"]
    assert [[row[0], *row[2:]] for row in rows[1:]] == expected
    told = capsys.readouterr().out
    assert "13 rows not taken" in told
    assert "trade fair without first contact" in told


def test_figures_as_json(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_export(SAMPLE, dry_run=True, as_of=MOMENT, json=True) == 0
    told = json.loads(capsys.readouterr().out)
    with (SAMPLE / EXPECTED).open(encoding="utf-8", newline="") as stream:
        expected = list(csv.DictReader(stream))
    assert told["dry_run"] is True
    assert told["as_of"] == MOMENT
    assert told["leads"]["new"] == 300
    assert told["leads"]["paused"] == sum(row["paused"] == "true" for row in expected)
    assert told["refused_facts"] == sum(int(row["refused_facts"]) for row in expected)
    for status, count in told["leads"]["by_status"].items():
        assert count == sum(row["status"] == status for row in expected)


def test_more_than_a_screenful_of_rejects_is_counted(
    nowhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(nowhere, SourceFile.LEADS, (lead(external_id=f"[red]{n}", source="?") for n in range(700)))
    assert import_export(nowhere, dry_run=True, as_of=MOMENT) == 1
    told = capsys.readouterr().out
    assert "700 rows not taken" in told
    assert "… and 680 more" in told
    assert "[red]19" in told
    assert len(read_csv(nowhere / "rejects.csv")) == 701


def test_columns_that_nobody_reads_are_named(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(nowhere, SourceFile.LEADS, [lead()])
    text = (nowhere / "leads.csv").read_text(encoding="utf-8").splitlines()
    (nowhere / "leads.csv").write_text("\n".join([f"{text[0]},colour", f"{text[1]},red"]), encoding="utf-8")
    assert import_export(nowhere, dry_run=True, as_of=MOMENT) == 0
    assert "Not read in leads.csv: colour" in capsys.readouterr().out


def _missing(here: Path) -> int:
    return import_export(here / "nothing", dry_run=True)


def _no_leads(here: Path) -> int:
    return import_export(here, dry_run=True)


def _naive(here: Path) -> int:
    return import_export(SAMPLE, dry_run=True, as_of="2026-11-23T00:00:00")


def _future(here: Path) -> int:
    return import_export(SAMPLE, as_of="2199-01-01T00:00:00Z")


def _report_into_nothing(here: Path) -> int:
    return import_export(SAMPLE, dry_run=True, as_of=MOMENT, report=here / "no" / "report.csv")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (_missing, "is no folder"),
        (_no_leads, "leads.csv: is missing in"),
        (_naive, "is no ISO 8601 time with a zone"),
        (_future, "lies in the future"),
        (_report_into_nothing, "the report cannot be written"),
    ],
)
def test_calls_that_make_no_sense(
    nowhere: Path, capsys: pytest.CaptureFixture[str], call: Callable[[Path], int], words: str
) -> None:
    assert call(nowhere) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert list(nowhere.iterdir()) == []


def test_a_report_is_there_whole_or_not_at_all(nowhere: Path) -> None:
    (nowhere / "leads.csv").write_bytes(b"\xff\xfe\x00")
    assert import_export(nowhere, dry_run=True, report=Path("report.csv")) == 2
    assert sorted(path.name for path in nowhere.iterdir()) == ["leads.csv"]


def test_rejects_that_cannot_be_written_name_the_option(nowhere: Path) -> None:
    with pytest.raises(CommandFailed, match="--rejects"):
        import_export(DIRTY, dry_run=True, as_of=MOMENT, rejects=nowhere / "no" / "rejects.csv")


@pytest.mark.parametrize(
    ("missing", "words"), [("DATABASE_URL", "database"), ("TEMPORAL_ADDRESS", "Temporal")]
)
def test_servers_that_do_not_answer(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, fresh_postgres_url: str, missing: str, words: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_postgres_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")
    if missing == "DATABASE_URL":
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(CommandFailed, match=f"{words} does not answer"):
        import_export(SAMPLE)


def test_a_dry_run_says_why_it_asked_no_database(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert import_export(SAMPLE, dry_run=True, as_of=MOMENT) == 0
    assert "The database does not answer" in capsys.readouterr().out


def test_an_unknown_tenant_is_not_made_by_a_slip_of_the_pen(
    nowhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    fresh_postgres_url: str,
    temporal_env: WorkflowEnvironment,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_postgres_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_env.client.service_client.config.target_host)
    assert import_export(SAMPLE, tenant=UUID(int=7)) == 2
    assert "--new-tenant" in capsys.readouterr().err


def call(folder: Path, *, url: str, address: str) -> subprocess.Popen[str]:
    """The real command as a process of its own."""
    options = ["--json", "--rejects", str(folder / "r.csv"), "--tenant", str(TENANT), "--new-tenant", "test"]
    return subprocess.Popen(
        [sys.executable, "-m", "cli.app", "import", str(SAMPLE), *options],
        cwd=ROOT,
        env=os.environ
        | KEY_ENVIRONMENT
        | {"DATABASE_URL": url, "TEMPORAL_ADDRESS": address, "FRISTWERK_STATE": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@asynccontextmanager
async def stopping_at(url: str, external_id: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Whoever records this lead has to wait here; tells whether somebody does."""
    database = await asyncpg.connect(url)
    try:
        await database.execute(
            f"""
            select pg_advisory_lock({GATE});
            create function gate() returns trigger language plpgsql as $$
            begin perform pg_advisory_xact_lock({GATE}); return new; end $$;
            create trigger gate before insert on lead for each row
            when (new.external_id = '{external_id}') execute function gate();
            """
        )

        async def stopped() -> bool:
            asked = "select exists (select from pg_locks where locktype = 'advisory' and objid = $1"
            mine = "database = (select oid from pg_database where datname = current_database())"
            return bool(await database.fetchval(f"{asked} and not granted and {mine})", GATE))

        yield stopped
        await database.execute(
            "select pg_advisory_unlock_all(); drop trigger gate on lead; drop function gate"
        )
    finally:
        await database.close()


async def running(environment: WorkflowEnvironment) -> set[str]:
    query = f'WorkflowId STARTS_WITH "lead/{TENANT}/" AND ExecutionStatus = "Running"'
    return {each.id async for each in environment.client.list_workflows(query)}


async def test_killed_in_the_middle_it_goes_on_and_twice_is_once(
    tmp_path: Path, fresh_postgres_url: str, temporal_env: WorkflowEnvironment
) -> None:
    address = temporal_env.client.service_client.config.target_host
    with (SAMPLE / EXPECTED).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    async with stopping_at(fresh_postgres_url, rows[-1]["external_id"]) as stopped:
        first = call(tmp_path, url=fresh_postgres_url, address=address)
        try:
            while not await stopped():
                assert first.poll() is None, first.communicate()
                await asyncio.sleep(0.1)
        finally:
            first.kill()
            await asyncio.to_thread(first.communicate)
    told = []
    for _ in range(2):
        again = call(tmp_path, url=fresh_postgres_url, address=address)
        out, err = await asyncio.to_thread(again.communicate)
        assert again.returncode == 0, err
        told.append(json.loads(out)["leads"])
    assert told[0]["already_there"] == 200
    assert told[0]["new"] + told[0]["already_there"] == 300
    assert told[1]["already_there"] == 300
    pool = await open_pool(Login(fresh_postgres_url, Role.WORKER), name="tests")
    async with transaction(pool, TENANT, "tests", ("admin",)) as db:
        stored = await db.fetch("select lead, status from protection")
        broken = await db.fetchval("select audit_verify($1)", TENANT)
    await pool.close()
    assert len(stored) == len(rows)
    assert broken is None
    alive = {f"lead/{TENANT}/{row['lead']}" for row in stored if row["status"] in {"ACTIVE", "GRACE"}}
    for _ in range(1200):
        if await running(temporal_env) >= alive:
            break
        await asyncio.sleep(0.1)
    assert await running(temporal_env) == alive


def test_progress_is_a_bar_where_somebody_watches_and_lines_elsewhere() -> None:
    for terminal in (True, False):
        screen = StringIO()
        with ProgressView(Console(file=screen, force_terminal=terminal, width=100)) as view:
            view.phase("Reading", 10, "bytes")
            view.advance(5)
            view.phase("Recording", 10, "leads")
            for _ in range(10):
                view.advance(1)
            view.phase("Nothing", 0, "rows")
            view.advance(0)
        told = screen.getvalue()
        assert ("Recording: 10 of 10 leads" in told) is not terminal
        assert "Recording" in told


def test_the_demo_is_seeded_by_a_command_once(
    nowhere: Path,
    monkeypatch: pytest.MonkeyPatch,
    fresh_postgres_url: str,
    temporal_env: WorkflowEnvironment,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_postgres_url)
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_env.client.service_client.config.target_host)
    assert seed_demo_command(json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["refused_rows"] == 0
    assert told["leads"]["new"] > 50
    assert told["workflows"] > 30
    assert seed_demo_command() == 0
    assert "there already" in capsys.readouterr().out
    assert list(nowhere.iterdir()) == []
