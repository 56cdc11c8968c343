"""`fristwerk up` with real servers: it continues, recovers, gives up clearly and leaves nothing behind."""

import asyncio
import functools
import re
import shutil
import signal
import smtplib
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from temporalio.client import Client

from tests.chaos.apart import keep_apart
from tests.stack.running import Up, busy, eventually, fristwerk, nobody_else_starts, state_folder, up

pytestmark = [pytest.mark.stack]
SERVERS = ("--no-workers",)


@pytest.fixture
def state() -> Iterator[Path]:
    with state_folder() as folder:
        yield folder


async def _query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url, timeout=30)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def _send(smtp_url: str, to: str = "anna@example.org") -> None:
    host, port = smtp_url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.sendmail("fristwerk@example.org", [to], "Subject: Gr=?utf-8?q?=C3=BC?=sse\r\n\r\nHallo\r\n")


async def test_data_survives_stop_and_start_and_ctrl_c_ends_everything_cleanly(state: Path) -> None:
    with nobody_else_starts():
        with up(state, *SERVERS) as first:
            addresses = first.addresses()
            await _query(addresses["DATABASE_URL"], "create table kept as select 42 as answer")
            client = await Client.connect(addresses["TEMPORAL_ADDRESS"])
            await client.start_workflow("nobody-runs-this", id="kept", task_queue="none")
            await asyncio.to_thread(_send, addresses["SMTP_URL"])
            assert fristwerk(state, "stop").returncode == 0
            assert first.process.wait(120) == 0
        with up(state, *SERVERS) as second:
            assert second.addresses() == addresses
            assert await _query(addresses["DATABASE_URL"], "select answer from kept") == 42
            client = await Client.connect(addresses["TEMPORAL_ADDRESS"])
            described = await client.get_workflow_handle("kept").describe()
            assert described.workflow_type == "nobody-runs-this"
            assert "Grüsse" in fristwerk(state, "mails").stdout
            children = second.children()
            assert second.stop(signal.SIGINT) == 0
            assert not [child for child in children if child.is_running()]
            assert "Everything has been stopped." in second.said()
            assert "database system is shut down" in (state / "logs" / "postgres.log").read_text()
            assert not (state / "stack.json").exists()


@pytest.fixture(scope="module")
def shared() -> Iterator[Up]:
    """One stack for the tests that only look at it; Temporal had to take another port than its own."""
    folder = Path(tempfile.mkdtemp(prefix="fristwerk-up-", dir="/var/tmp"))
    folder.chmod(0o755)
    with busy(7233), up(folder / "state", *SERVERS) as running:
        yield running
    shutil.rmtree(folder)


async def test_processes_act_as_roles_that_cannot_become_more(shared: Up) -> None:
    addresses = shared.addresses()
    for name in ("APP_DATABASE_URL", "WORKER_DATABASE_URL"):
        may = "select rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname = session_user"
        assert await _query(addresses[name], may) is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _query(addresses[name], "set role fristwerk_owner")


def test_only_we_can_read_passwords_histories_and_mails(shared: Up) -> None:
    for name in ("stack.json", "memory.json", "temporal", "mails", "logs", "issuer", "postgres/data"):
        assert (shared.state / name).stat().st_mode & 0o077 == 0, name
    shown = fristwerk(shared.state, "status", "--json").stdout
    assert "postgresql://" not in shown


def _came_back(running: Up, name: str) -> bool:
    part = running.parts()[name]
    return part["restarts"] == 1 and part["ready"] is True


async def test_whatever_is_killed_comes_back_and_a_killed_supervisor_blocks_nobody(state: Path) -> None:
    keep_apart(state)
    with up(state, *SERVERS) as running:
        url = running.addresses()["DATABASE_URL"]
        await _query(url, "create table kept as select 42 as answer")
        before = running.parts()
        for name, part in before.items():
            assert isinstance(part["pid"], int)
            psutil.Process(part["pid"]).kill()
            eventually(functools.partial(_came_back, running, name), f"{name} is back")
            assert f"{name} has died (killed by SIGKILL)" in running.said()
        assert await _query(url, "select answer from kept") == 42
        await Client.connect(running.addresses()["TEMPORAL_ADDRESS"])
        _send(running.addresses()["SMTP_URL"])
        shown = fristwerk(state, "status").stdout
        assert all(name in shown for name in before)

        # No orphan is left of it.
        children = running.children()
        assert len(children) >= 3
        running.process.kill()
        running.process.wait(120)
        gone, alive = psutil.wait_procs(children, timeout=120)
        assert (len(gone), alive) == (len(children), [])
        assert fristwerk(state, "status").returncode == 1

    with up(state, "--no-seed") as again:
        assert re.search(r"ready after [0-9.]+ seconds", again.said())
        assert again.status()["ready"] is True
        assert await _query(again.addresses()["DATABASE_URL"], "select answer from kept") == 42
        worker = again.parts()["worker"]["pid"]
        assert isinstance(worker, int)
        psutil.Process(worker).kill()
        eventually(functools.partial(_came_back, again, "worker"), "the worker is back")
        assert again.parts()["worker"]["pid"] != worker


def test_a_second_start_says_where_the_first_one_runs(shared: Up) -> None:
    second = fristwerk(shared.state, "up", *SERVERS)
    assert second.returncode == 1
    said = " ".join(second.stderr.split())
    assert f"already runs in {shared.state} (process {shared.process.pid})" in said
    assert shared.status()["running"] is True


def test_busy_ports_are_replaced_and_said(shared: Up) -> None:
    assert shared.addresses()["TEMPORAL_ADDRESS"] != "127.0.0.1:7233"
    assert "temporal: port 7233 was busy" in shared.said()


def test_real_parts_replace_embedded_ones(state: Path) -> None:
    with up(state, *SERVERS, SMTP_URL="smtp://mail.example.org:25") as running:
        assert set(running.parts()) == {"postgres", "temporal", "issuer", "sandbox"}
        assert "SMTP_URL" not in running.addresses()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("DATABASE_URL", "mysql://x", "must begin with postgres:// or postgresql://"),
        ("DATABASE_URL", "postgresql://host:99999/x", "the port must be a number up to 65535"),
        ("SMTP_URL", "smtp://", "names no host"),
        ("TEMPORAL_ADDRESS", "localhost", "must be host:port"),
        ("LOG_LEVEL", "loud", "DEBUG"),
        ("FRISTWERK_TENANT", "demo", "UUID"),
    ],
)
def test_a_senseless_setting_is_named(state: Path, name: str, value: str, why: str) -> None:
    done = fristwerk(state, "up", **{name: value})
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert name in said
    assert why in said
    assert not state.exists()


def test_a_state_folder_that_cannot_be_made_is_named(state: Path) -> None:
    state.parent.joinpath("file").write_text("")
    done = fristwerk(state.parent / "file" / "state", "up")
    assert (done.returncode, "FRISTWERK_STATE" in done.stderr) == (1, True)


def test_a_part_that_cannot_start_ends_everything_with_its_last_words(state: Path) -> None:
    keep_apart(state)
    (state / "temporal" / "temporal.db").mkdir(parents=True)
    done = fristwerk(state, "up", *SERVERS)
    assert done.returncode == 1
    assert "temporal has died 5 times within a minute" in " ".join(done.stderr.split())
    left = [one.info["cmdline"] for one in psutil.process_iter(["cmdline"])]
    assert not [line for line in left if str(state) in " ".join(line or [])]


def test_the_mail_pages_show_mails_and_run_nothing(shared: Up) -> None:
    _send(shared.addresses()["SMTP_URL"])
    where = str(shared.parts()["mail-sink"]["where"]).rsplit(" ", 1)[-1]
    with urllib.request.urlopen(f"{where}/mails/1", timeout=30) as page:  # noqa: S310  loopback
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "Hallo" in page.read().decode()
    with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
        _send(shared.addresses()["SMTP_URL"], "bounce@example.org")
