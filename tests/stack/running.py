"""Starts `fristwerk up` as a person would, and watches it."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from workers.embedded.process import spawn

PROJECT = Path(__file__).resolve().parents[2]
_FOREIGN = (
    "DATABASE_URL",
    "APP_DATABASE_URL",
    "WORKER_DATABASE_URL",
    "TEMPORAL_ADDRESS",
    "SMTP_URL",
    "OIDC_ISSUER",
    "OIDC_JWKS_URL",
    "PUBLIC_URL",
)

# For processes whose every line is measured elsewhere too: tracing them takes time and adds nothing.
UNMEASURED: Final = {"COVERAGE_PROCESS_CONFIG": ""}


@contextmanager
def state_folder() -> Iterator[Path]:
    """A folder that a server running as another account can reach; thrown away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fristwerk-up-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder / "state"
    shutil.rmtree(folder)


def environment(state: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    # Hundreds of mails within a minute are no matter of the account here; its limits are in tests/mail.
    account = {"MAIL_PER_MINUTE": "100000", "MAIL_PER_HOUR": "100000"}
    return {**kept, **account, "FRISTWERK_STATE": str(state), **more}


def fristwerk(state: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.app", *arguments],
        cwd=PROJECT,
        env=environment(state, **more),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def eventually(true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    pause = threading.Event()
    for _ in range(int(seconds / 0.1)):
        if true():
            return
        pause.wait(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


class Up:
    """A running `fristwerk up`."""

    def __init__(self, state: Path, output: Path, *arguments: str, **more: str) -> None:
        self.state = state
        self.output = output
        with output.open("wb") as stream:
            self.process = spawn(
                [sys.executable, "-m", "cli.app", "up", *arguments],
                output=stream,
                environment=environment(state, **more),
                folder=PROJECT,
            )

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_ready(self) -> "Up":
        eventually(
            lambda: "Ctrl-C stops everything" in self.said() or self.process.poll() is not None,
            "first screen",
            seconds=300,
        )
        assert self.process.poll() is None, self.said()
        return self

    def status(self) -> dict[str, object]:
        done = fristwerk(self.state, "status", "--json")
        found = json.loads(done.stdout)
        assert isinstance(found, dict)
        return found

    def parts(self) -> dict[str, dict[str, object]]:
        record = json.loads((self.state / "stack.json").read_text())
        return {part["name"]: part for part in record["parts"]}

    def addresses(self) -> dict[str, str]:
        record = json.loads((self.state / "stack.json").read_text())
        return dict(record["environment"])

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(120)


_alone = [False]


@contextmanager
def nobody_else_starts() -> Iterator[None]:
    """No other test process starts a stack meanwhile: it would take standard ports that are free just now."""
    if _alone[0]:
        yield
        return
    with (Path(tempfile.gettempdir()) / "fristwerk-tests-start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _alone[0] = True
        try:
            yield
        finally:
            _alone[0] = False


@contextmanager
def up(state: Path, *arguments: str, **more: str) -> Iterator[Up]:
    with nobody_else_starts():
        started = Up(state, state.with_suffix(".out"), *arguments, **more)
        try:
            started.wait_ready()
        except AssertionError:
            started.stop()
            raise
    try:
        yield started
    finally:
        started.stop()


@contextmanager
def busy(port: int) -> Iterator[None]:
    """Keeps a port busy; so does whoever has it already."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", port))
            taken.listen()
        except OSError:
            pass  # somebody else keeps it busy for us
        yield
