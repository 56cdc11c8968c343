"""The stack as `fristwerk up` starts it, in a folder that is thrown away, and a bare worker beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from adapters.settings import Settings
from benchmarks.counter import Counters
from workers.embedded import ports
from workers.embedded.parts import PROJECT
from workers.embedded.process import spawn
from workers.embedded.state import StackRecord, StateFolder
from workers.readiness import READY_FILE, announced

_PATIENCE: Final = 90.0  # seconds until everything answers
_LOOK_EVERY: Final = 0.1
# What would make `fristwerk up` use servers that run elsewhere.
_FOREIGN: Final = ("DATABASE_URL", "APP_DATABASE_URL", "WORKER_DATABASE_URL", "TEMPORAL_ADDRESS", "SMTP_URL")
# What a developer's shell may say and no worker in production does: the sandbox would compile every file
# of a workflow anew for each lead.
_SHELL: Final = ("PYTHONDONTWRITEBYTECODE",)


class StackFailed(Exception):
    """The stack did not come up; holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack.

    Attributes:
        settings: what a process of ours needs to reach its parts.
        worker: process id of the product's worker; None without workers.
        folder: holds everything it writes.
        environment: what leads a process of ours to its parts.
    """

    settings: Settings
    worker: int | None
    folder: Path
    environment: Mapping[str, str]

    @property
    def api_port(self) -> int:
        """Where the stack's own API listens."""
        return urlsplit(self.settings.public_url).port or 80

    def database_url(self) -> str:
        """The stack's database, as the superuser."""
        return self.environment["DATABASE_URL"]

    def command_environment(self) -> dict[str, str]:
        """What the command line finds in its environment to work with the stack."""
        return _environment(**self.environment, FRISTWERK_STATE=str(self.settings.state))


@dataclass(frozen=True, slots=True)
class BareWorker:
    """The process of the bare workflow, and what it counts."""

    pid: int
    counters: Counters


def _environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN + _SHELL}
    # What is measured is ours, not what a mail account allows.
    account = {"MAIL_PER_MINUTE": "1000000", "MAIL_PER_HOUR": "1000000"}
    return {**kept, **account, "PYTHONTZPATH": "", "LOG_LEVEL": "WARNING", **more}


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(int(_PATIENCE / _LOOK_EVERY)):
        if ready():
            return
        try:
            process.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            continue
        break
    raise StackFailed(log.read_text(errors="replace")[-4000:])


@contextmanager
def _process(
    command: list[str], log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = spawn(command, output=output, environment=environment, folder=PROJECT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def thrown_away() -> Iterator[Path]:
    """A folder that servers running as another account can reach; thrown away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fristwerk-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_stack(*, workers: bool = True) -> Iterator[Stack]:
    """Everything `fristwerk up` starts: PostgreSQL that syncs to disk, Temporal on its file, the worker.

    Raises:
        StackFailed: it did not come up.
    """
    with thrown_away() as folder, stack_in(folder, workers=workers) as stack:
        yield stack


@contextmanager
def stack_in(folder: Path, *, workers: bool = True) -> Iterator[Stack]:
    """The same with its state in this folder; what is there already goes on.

    Raises:
        StackFailed: it did not come up.
    """
    state = StateFolder(folder / "state")
    log = folder / "up.log"
    command = [sys.executable, "-m", "cli.app", "up", "--no-seed", *(() if workers else ("--no-workers",))]
    with _process(command, log, _environment(FRISTWERK_STATE=str(state.path))) as process:
        _wait(lambda: _ready(state) is not None, process, log)
        record = _ready(state)
        if record is None:
            raise StackFailed(log.read_text(errors="replace")[-4000:])
        pids = {part.name: part.pid for part in record.parts}
        settings = Settings.model_validate(record.environment | {"FRISTWERK_STATE": str(state.path)})
        yield Stack(settings, pids.get("worker"), folder, record.environment)


@contextmanager
def process(stack: Stack, command: list[str], port: int, database: str | None, **more: str) -> Iterator[None]:
    """One more process beside the stack, up once it listens.

    Args:
        database: of the stack's server; None is the stack's own.

    Raises:
        StackFailed: it did not come up.
    """
    told = dict(stack.environment)
    if database is not None:
        for name in (name for name in told if name.endswith("DATABASE_URL")):
            told[name] = urlunsplit(urlsplit(told[name])._replace(path=f"/{database}"))
    environment = _environment(**told, FRISTWERK_STATE=str(stack.settings.state), **more)
    log = stack.folder / f"port-{port}.log"
    with _process(command, log, environment) as started:
        _wait(lambda: ports.answers(port), started, log)
        yield


def _ready(state: StateFolder) -> StackRecord | None:
    record = state.running()
    return record if record is not None and record.ready else None


@contextmanager
def bare_worker(stack: Stack) -> Iterator[BareWorker]:
    """A worker of the bare workflow on the stack's server, in a process of its own as ours is.

    Raises:
        StackFailed: it did not come up.
    """
    counters, ready, log = (stack.folder / name for name in ("counters", "bare.ready", "bare.log"))
    with Counters(counters) as shared:
        arguments = [stack.settings.temporal(), stack.settings.temporal_namespace, str(counters)]
        command = [sys.executable, "-m", "benchmarks.bare_worker", *arguments]
        with _process(command, log, _environment(**{READY_FILE: str(ready)})) as process:
            _wait(lambda: announced(ready, process.pid), process, log)
            yield BareWorker(process.pid, shared)


@contextmanager
def our_worker(stack: Stack) -> Iterator[int]:
    """A worker beside a stack without one, with the options of production; yields its process id.

    Raises:
        StackFailed: it did not come up.
    """
    ready, log = stack.folder / "ours.ready", stack.folder / "ours.log"
    state = str(stack.settings.state)
    told = _environment(**stack.environment, FRISTWERK_STATE=state, **{READY_FILE: str(ready)})
    with _process([sys.executable, "-m", "workers.main"], log, told) as process:
        _wait(lambda: announced(ready, process.pid), process, log)
        yield process.pid


def run_ours(stack: Stack, *arguments: str) -> None:
    """Run one command of `fristwerk` on the stack to its end.

    Raises:
        StackFailed: it failed.
    """
    told = _environment(**stack.environment, FRISTWERK_STATE=str(stack.settings.state))
    command = [sys.executable, "-m", "cli.app", *arguments]
    done = subprocess.run(command, env=told, cwd=PROJECT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackFailed(done.stderr[-4000:])


def part_ids(stack: Stack) -> dict[str, int]:
    """The process ids of the stack's parts, by name."""
    record = StateFolder(stack.settings.state).running()
    return {part.name: part.pid for part in (record.parts if record else []) if part.pid is not None}
