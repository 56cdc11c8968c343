"""Everything the command line talks to, as real processes, and calls as people make them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any, TypeVar
from unittest.mock import patch
from uuid import UUID

import asyncpg
from temporalio.client import Client

from adapters.lead_entry import ContactEntry, ContactKind
from adapters.settings import DEMO_TENANT
from cli import app
from tests.stackfixtures import PROJECT, SmtpSink, wait_until
from tests.vaultfixtures import KEY_ENVIRONMENT, VAULT
from workers.embedded import ports
from workers.embedded.process import spawn
from workers.embedded.programs import program
from workers.readiness import READY_FILE, announced

T = TypeVar("T")
_OURS = ("DATABASE_URL", "TEMPORAL_", "SMTP_URL", "FRISTWERK_", "LANG", "LC_", "APP_", "WORKER_")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class House:
    """Where everything is.

    Attributes:
        environment: what the command line finds in its environment.
    """

    environment: Mapping[str, str]
    thread: ThreadPoolExecutor

    def run(self, *words: str, typed: str = "", **environment: str) -> Said:
        """Call the command line in this process, with nothing of ours in the environment but this."""
        return self.thread.submit(_call, words, typed, {**self.environment, **environment}).result(200)

    def done(self, *words: str, **environment: str) -> Any:
        """The JSON answer of a command that has to succeed."""
        said = self.run(*words, "--json", **environment)
        assert said.code == 0, said
        return said.json

    def sql(self, query: str, *values: Any) -> list[asyncpg.Record]:
        """Ask the database as a superuser whom no row security holds back."""

        async def ask() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self.environment["DATABASE_URL"])
            try:
                return list(await connection.fetch(query, *values))
            finally:
                await connection.close()

        return self.thread.submit(lambda: asyncio.run(ask())).result(120)

    @property
    def tenant(self) -> UUID:
        """Whose leads."""
        return UUID(self.environment.get("FRISTWERK_TENANT", str(DEMO_TENANT)))

    def audited(self, actor: str, lead: str | None = None) -> list[str]:
        """What the audit tells of somebody, of one lead if named; the oldest first."""
        query = "select what, lead::text from audit_event where actor = $1 order by seq"
        return [row["what"] for row in self.sql(query, actor) if lead in {None, row["lead"]}]

    def vault(self, what: Callable[[asyncpg.Connection[asyncpg.Record]], Awaitable[T]]) -> T:
        """Do something with the vault, on a connection that no row security holds back."""

        async def do() -> T:
            connection = await asyncpg.connect(self.environment["DATABASE_URL"])
            try:
                return await what(connection)
            finally:
                await connection.close()

        return self.thread.submit(lambda: asyncio.run(do())).result(120)

    def personal(self, lead: str) -> tuple[ContactEntry, ...]:
        """The lead's personal data, opened."""
        return self.vault(lambda db: VAULT.open_contacts(db, DEMO_TENANT, UUID(lead)))

    def notes(self, lead: str) -> list[str | None]:
        """What people wrote about the lead's facts."""
        return [kept.note for kept in self.personal(lead) if kept.kind is ContactKind.NOTE]

    def temporal(self, what: Callable[[Client], Awaitable[T]]) -> T:
        """Do something with a Temporal client."""

        async def do() -> T:
            return await what(await Client.connect(self.environment["TEMPORAL_ADDRESS"]))

        return self.thread.submit(lambda: asyncio.run(do())).result(120)

    def eventually(self, true: Callable[[], bool], what: str, seconds: float = 120) -> None:
        """Look again and again."""
        pause = self.thread.submit
        for _ in range(int(seconds / 0.2)):
            if true():
                return
            pause(lambda: asyncio.run(asyncio.sleep(0.2))).result()
        raise AssertionError(f"not within {seconds} s: {what}")


def _call(words: tuple[str, ...], typed: str, environment: Mapping[str, str]) -> Said:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    handlers, level = logging.root.handlers, logging.root.level
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, {**kept, **environment}, clear=True),
        patch.object(sys, "argv", ["fristwerk", *words]),
        patch.object(sys, "stdin", io.StringIO(typed)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            app.main()
            code: Any = 0
        except SystemExit as left:
            code = left.code
        finally:
            logging.root.handlers, logging.root.level = handlers, level
    return Said(code or 0, out.getvalue(), err.getvalue())


def _temporal(folder: Path) -> tuple[Popen[bytes], str]:
    port = ports.choose()
    http_port = ports.choose(taken=[port])
    command: list[str | Path] = [
        program("temporal"),
        "server",
        "start-dev",
        "--headless",
        "--log-level",
        "error",
    ]
    command += ["--ip", ports.LOOPBACK, "--port", str(port), "--http-port", str(http_port)]
    log = folder / "temporal.log"
    with log.open("wb") as output:
        process = spawn(command, output=output, folder=folder)
    wait_until(lambda: ports.answers(port), process, log)
    return process, f"{ports.LOOPBACK}:{port}"


def _worker(folder: Path, environment: Mapping[str, str]) -> Popen[bytes]:
    log, ready = folder / "worker.log", folder / "worker.ready"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    with log.open("wb") as output:
        process = spawn(
            [sys.executable, "-m", "workers.main"],
            output=output,
            environment={**kept, **environment, READY_FILE: str(ready)},
            folder=PROJECT,
        )
    wait_until(lambda: announced(ready, process.pid), process, log)
    return process


@contextmanager
def running_house(folder: Path, database_url: str, sink: SmtpSink) -> Iterator[House]:
    """Everything the command line talks to, as real processes, with the demo leads in it."""
    processes: list[Popen[bytes]] = []
    with ThreadPoolExecutor(1) as thread:
        try:
            temporal, address = _temporal(folder)
            processes.append(temporal)
            environment = {
                "DATABASE_URL": database_url,
                "TEMPORAL_ADDRESS": address,
                "SMTP_URL": sink.url,
                "FRISTWERK_STATE": str(folder / "state"),
                "LOG_LEVEL": "WARNING",
                **KEY_ENVIRONMENT,
            }
            processes.append(_worker(folder, environment))
            house = House(environment, thread)
            seeded = house.run("seed-demo", "--json")
            assert seeded.code == 0, seeded
            yield house
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait(60)
