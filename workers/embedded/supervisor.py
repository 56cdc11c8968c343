"""Starts children in order, watches them, brings them up again, and stops them in reverse order.

Single-threaded on purpose: signals are blocked and waited for, so nothing interrupts anything, and children
can be tied to this process (`process.py`).
"""

import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, Self

from workers.embedded.errors import StackError
from workers.embedded.process import Account, spawn

_STOP_SIGNALS: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_WATCHED: Final = _STOP_SIGNALS | {signal.SIGCHLD}
_BACKOFF: Final = (0.2, 0.5, 1.0, 2.0)  # seconds before the first, second … restart within a minute
_DEATHS_ALLOWED: Final = 5
_DEATHS_WINDOW: Final = 60.0  # seconds
_PROBE_EVERY: Final = 0.05  # seconds, while something is starting
_LOG_LIMIT: Final = 20_000_000  # bytes; a larger log of an earlier start is set aside
_TAIL: Final = 6  # lines of a log in a message


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or asked us to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """A child and how to treat it.

    Attributes:
        name: Short name, also of its log file.
        command: Program and arguments.
        where: Address or URL that people use; may be empty.
        ready: Tells, given its process id, whether it answers; returns quickly and does not raise.
        environment: Its whole environment.
        folder: Working directory.
        account: Account it runs as; None: ours.
        stop_signal: Asks it to end, also when we die.
        stop_seconds: How long it may take to end before it is killed.
        ready_seconds: How long it may take to answer.
    """

    name: str
    command: Sequence[str]
    where: str
    ready: Callable[[int], bool]
    environment: Mapping[str, str]
    folder: Path = Path("/")
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15.0
    ready_seconds: float = 180.0


@dataclass(slots=True)
class Child:
    """A child that was started.

    Attributes:
        spec: What it is.
        log: Its log file.
        process: The process; replaced at a restart.
        started: Monotonic seconds of the last start.
        ready: Whether it has answered since then.
        restarts: How often it was brought up again.
        deaths: Monotonic seconds of its deaths in the last minute.
        restart_at: Monotonic seconds at which it is started again; None while it runs.
        probe_at: Monotonic seconds before which it is not asked again whether it is ready.
    """

    spec: ChildSpec
    log: Path
    process: subprocess.Popen[bytes]
    started: float
    ready: bool = False
    restarts: int = 0
    deaths: deque[float] = field(default_factory=deque)
    restart_at: float | None = None
    probe_at: float = 0.0


class Supervisor:
    """Keeps a list of children alive; use it as a context manager, leaving it stops them all."""

    def __init__(self, logs: Path, *, say: Callable[[str], None], changed: Callable[[], None]) -> None:
        """Prepare; nothing is started yet.

        Args:
            logs: Folder of the log files.
            say: Shows a line to the person who started the stack.
            changed: Called whenever a child has started, become ready or died.
        """
        self.children: list[Child] = []
        self._logs = logs
        self._say = say
        self._changed = changed

    def __enter__(self) -> Self:
        signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_all()
        # Further Ctrl-C while stopping have been noticed and are done with.
        while signal.sigtimedwait(_WATCHED, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)

    def start(self, *specs: ChildSpec) -> None:
        """Start children side by side and wait until all of them answer.

        Raises:
            StackError: One of them does not get ready.
            StopRequested: Somebody asked us to end meanwhile.
        """
        started = [self._start(spec) for spec in specs]
        while not all(child.ready for child in started):
            self._tick(_PROBE_EVERY)

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
        """Run one step to its end while watching the children.

        Args:
            name: Name of its log file.
            command: Program and arguments.
            environment: Its whole environment.
            folder: Working directory.

        Returns:
            Its exit status.

        Raises:
            StackError: A child died for good meanwhile.
            StopRequested: Somebody asked us to end meanwhile.
        """
        with self._open_log(self._logs / f"{name}.log") as output:
            step = spawn(command, output=output, environment=environment, folder=folder)
        try:
            while step.poll() is None:
                self._tick(_PROBE_EVERY * 4)
        finally:
            if step.poll() is None:
                step.terminate()
                step.wait()
        return step.returncode

    def watch(self) -> None:
        """Keep the children alive until somebody asks us to end.

        Raises:
            StackError: A child died too often.
            StopRequested: Somebody asked us to end.
        """
        while True:
            now = time.monotonic()
            due = [child.restart_at - now for child in self.children if child.restart_at is not None]
            starting = any(not child.ready and child.restart_at is None for child in self.children)
            self._tick(max(0.0, min([*due, _PROBE_EVERY if starting else 5.0])))

    def tail(self, name: str) -> str:
        """Return the last lines of a log, indented, for a message."""
        return _tail(self._logs / f"{name}.log")

    def _tick(self, seconds: float) -> None:
        """Wait for a signal, at most so long; then look after every child once."""
        received = signal.sigtimedwait(_WATCHED, seconds)
        if received is not None and received.si_signo in _STOP_SIGNALS:
            raise StopRequested
        for child in self.children:
            if child.restart_at is not None:
                if time.monotonic() >= child.restart_at:
                    self._restart(child)
            elif child.process.poll() is not None:
                self._died(child)
            elif not child.ready:
                self._probe(child)

    def _start(self, spec: ChildSpec) -> Child:
        log = self._logs / f"{spec.name}.log"
        child = Child(spec, log, self._spawn(spec, log), time.monotonic())
        self.children.append(child)
        self._changed()
        return child

    def _spawn(self, spec: ChildSpec, log: Path) -> subprocess.Popen[bytes]:
        with self._open_log(log) as output:
            return spawn(
                spec.command,
                output=output,
                environment=spec.environment,
                account=spec.account,
                folder=spec.folder,
                death_signal=spec.stop_signal,
            )

    def _open_log(self, log: Path) -> IO[bytes]:
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.rename(log.with_suffix(".log.1"))
        return log.open("ab")

    def _restart(self, child: Child) -> None:
        child.process = self._spawn(child.spec, child.log)
        child.started = time.monotonic()
        child.ready = False
        child.restarts += 1
        child.restart_at = None
        self._changed()

    def _probe(self, child: Child) -> None:
        now = time.monotonic()
        if now < child.probe_at:
            return
        child.probe_at = now + _PROBE_EVERY
        if child.spec.ready(child.process.pid):
            child.ready = True
            if child.restarts:
                self._say(f"{child.spec.name} is back (process {child.process.pid}).")
            self._changed()
        elif now - child.started > child.spec.ready_seconds:
            raise StackError(
                f"{child.spec.name} did not get ready within {child.spec.ready_seconds:.0f} seconds. "
                f"Its last words ({child.log}):\n{_tail(child.log)}"
            )

    def _died(self, child: Child) -> None:
        now = time.monotonic()
        child.ready = False
        child.deaths.append(now)
        while now - child.deaths[0] > _DEATHS_WINDOW:
            child.deaths.popleft()
        how = _how_it_ended(child.process.returncode)
        if len(child.deaths) >= _DEATHS_ALLOWED:
            raise StackError(
                f"{child.spec.name} has died {len(child.deaths)} times within a minute, the last time {how}; "
                f"everything is being stopped. Its last words ({child.log}):\n{_tail(child.log)}"
            )
        wait = _BACKOFF[len(child.deaths) - 1]
        child.restart_at = now + wait
        self._say(f"{child.spec.name} has died ({how}); it is started again in {wait} s.")
        self._changed()

    def _stop_all(self) -> None:
        for child in reversed(self.children):
            process = child.process
            if process.poll() is not None:
                continue
            process.send_signal(child.spec.stop_signal)
            try:
                process.wait(child.spec.stop_seconds)
            except subprocess.TimeoutExpired:
                self._say(
                    f"{child.spec.name} did not end within {child.spec.stop_seconds:.0f} s and was killed."
                )
                process.kill()
                process.wait()


def _how_it_ended(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def _tail(log: Path) -> str:
    if not log.exists():
        return "    (no log)"
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 8_000))
        lines = stream.read().decode(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-_TAIL:]) or "    (nothing)"
