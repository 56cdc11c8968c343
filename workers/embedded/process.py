"""Child processes that never outlive the process that started them."""

import ctypes
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from workers.embedded.errors import StackError

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG: Final = 1
_UNPRIVILEGED: Final = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of this machine."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """Return the account PostgreSQL runs under when we are root; None when we are not.

    Raises:
        StackError: We are root and the machine has neither `postgres` nor `nobody`.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in _UNPRIVILEGED:
        if name in known:
            return Account(name, known[name].pw_uid, known[name].pw_gid)
    raise StackError(
        "PostgreSQL does not run as root, and this machine has no account `postgres` or `nobody`"
    )


def spawn(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | int,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    folder: str | Path = "/",
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own that gets a signal when this process dies, however it dies.

    Call it from the main thread: the kernel sends the signal when the *thread* that started it ends.

    Args:
        command: Program and arguments.
        output: Where its standard output and standard error go.
        environment: Its whole environment; default: ours.
        account: Account to run as; default: ours.
        folder: Working directory.
        death_signal: What it gets when we die.

    Returns:
        The running process.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(environment) if environment is not None else None,
        cwd=folder,
        start_new_session=True,
        preexec_fn=_tie_to_parent(os.getpid(), death_signal),  # noqa: PLW1509  the caller is single-threaded
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _tie_to_parent(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def before_exec() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal)) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return before_exec
