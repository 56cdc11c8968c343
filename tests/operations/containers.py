"""Starts what a container of the compose file would start, without an engine: command, environment, secrets.

Each service has an address of its own on loopback, as a container has, so that all of them keep the ports of
the compose file. As root they run under another account that may read everything and write nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from tests.operations.compose import PROJECT, Service
from workers.embedded.process import spawn

_SCRIPTS: Final = Path(sysconfig.get_path("scripts"))
_NOBODY: Final = "65534"
# Not root, and no right but to read what others keep to themselves: Python may lie there.
_ONLY_READING: Final = (
    *("setpriv", "--reuid", _NOBODY, "--regid", _NOBODY, "--clear-groups", "--no-new-privs"),
    *(f"--{kind}=-all,+dac_read_search" for kind in ("inh-caps", "ambient-caps", "bounding-set")),
)


@cache
def unprivileged() -> tuple[str, ...]:
    """What a command begins with so as not to run as root; nothing where we are not, or it cannot be."""
    if os.geteuid() != 0:
        return ()
    try:
        tried = subprocess.run(
            [*_ONLY_READING, sys.executable, "-c", ""], cwd="/", capture_output=True, check=False
        )
    except FileNotFoundError:
        return ()
    return _ONLY_READING if tried.returncode == 0 else ()


@dataclass(slots=True)
class Host:
    """Where services run, and what stands for the names they know.

    Attributes:
        secrets: folder that is shown as /run/secrets.
        scripts: folder that is shown as /scripts.
        logs: folder of their logs.
        names: what is put in place of what, in variables.
        database: how psql is led to the database, instead of by the compose file's names.
    """

    secrets: Path
    scripts: Path
    logs: Path
    names: Mapping[str, str]
    database: Mapping[str, str]
    _addresses: dict[str, str] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """The address of a service: one that belongs to this process's tests alone."""
        number = os.getpid() & 0xFFFF
        last = ((number & 3) << 6) + len(self._addresses) + 1
        return self._addresses.setdefault(name, f"127.{64 + (number >> 10)}.{(number >> 2) & 0xFF}.{last}")

    def environment(self, name: str, service: Service) -> dict[str, str]:
        """A service's whole environment."""
        told = {key: self._known_here(name, value) for key, value in service.environment.items()}
        if "PGHOST" in told:
            told |= self.database
        return {
            "PATH": f"{_SCRIPTS}:{self.names['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "PYTHONTZPATH": "",
            "FRISTWERK_STATE": "/tmp/fristwerk",  # noqa: S108  as in the image
            "SECRETS": str(self.secrets),
            **told,
        }

    def command(self, name: str, words: list[str]) -> list[str]:
        """A command line of a service, without root's rights."""
        program, *rest = (self._known_here(name, word) for word in words)
        found = {"python": sys.executable, "fristwerk": str(_SCRIPTS / "fristwerk")}.get(program, program)
        return [*unprivileged(), found, *rest]

    def start(self, name: str, service: Service) -> subprocess.Popen[bytes]:
        """Start a service; its log is `logs/<name>.log`."""
        with (self.logs / f"{name}.log").open("wb") as output:
            return spawn(
                self.command(name, service.command or []),
                output=output,
                environment=self.environment(name, service),
                folder="/",
            )

    def run_once(self, name: str, service: Service) -> str:
        """Run a service that ends by itself, and give what it said."""
        done = subprocess.run(
            self.command(name, service.command or []),
            env=self.environment(name, service),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def is_well(self, name: str, service: Service) -> bool:
        """Ask the service's own health check."""
        assert service.healthcheck is not None
        kind, *words = service.healthcheck.test
        assert kind == "CMD"
        asked = subprocess.run(
            self.command(name, words),
            env=self.environment(name, service),
            cwd=PROJECT,
            capture_output=True,
            check=False,
        )
        assert asked.returncode in (0, 1), asked.stderr.decode()
        return asked.returncode == 0

    def _known_here(self, name: str, value: str) -> str:
        here = self.address(name)
        known = {"0.0.0.0": here, "127.0.0.1": here, "/run/secrets": str(self.secrets)}
        known |= {"/scripts": str(self.scripts), **self.names}
        for there, ours in known.items():
            if there in value:
                return value.replace(there, ours)
        return value
