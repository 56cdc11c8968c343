"""Builds of the workers in folders of their own, run as processes: this one, an older one, and later ones."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from tests.stack.running import PROJECT, UNMEASURED, environment
from tests.vaultfixtures import KEY_ENVIRONMENT
from tests.workflows.lab import Lab, until
from workers.embedded.process import spawn
from workers.readiness import READY_FILE, announced

_WITHIN: Final = 120
_LEAD: Final = Path("workflows") / "lead_protection.py"
_SLEEPS: Final = "            self._alarm.set("


class NoSuchPlace(Exception):
    """The drill changes a line of a workflow that is not there any more: choose another in tests/upgrade."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a build does before a lead goes to sleep, and the one before it did not.

    Attributes:
        code: lines of the loop in `LeadProtection.run`.
    """

    code: str

    def made_in(self, folder: Path) -> None:
        """Puts it into the tree."""
        file = folder / _LEAD
        text = file.read_text(encoding="utf-8")
        if text.count(_SLEEPS) != 1:
            raise NoSuchPlace(f"{_LEAD}: {_SLEEPS.strip()}")
        lines = "".join(f"            {line}\n" for line in self.code.splitlines())
        file.write_text(text.replace(_SLEEPS, lines + _SLEEPS), encoding="utf-8")


_FIRST: Final = """
if workflow.patched("drill/one"):
    workflow.upsert_memo({"drill": 1})
"""
_SECOND: Final = """
if workflow.patched("drill/two"):
    workflow.upsert_memo({"drill": 2})
"""
# The last is a mistake: the old way is gone while leads are alive that went it.
NEXT: Final = Change(_FIRST)
_TOO_EARLY: Final = """
workflow.deprecate_patch("drill/one")
workflow.upsert_memo({"drill": 1})
"""
HASTY: Final = Change(_TOO_EARLY)
LAST: Final = Change(_FIRST + _SECOND)


def this_tree(folder: Path, change: Change | None = None) -> Path:
    """The tree as it is here, or with a change."""
    folder.mkdir()
    for room in ("protection", "activities", "adapters", "workers", "services", "sql"):
        (folder / room).symlink_to(PROJECT / room)
    (folder / "workflows").mkdir()
    for file in (PROJECT / "workflows").glob("*.py"):
        (folder / "workflows" / file.name).write_bytes(file.read_bytes())
    if change is not None:
        change.made_in(folder)
    return folder


def tree_of(commit: str, folder: Path) -> Path:
    """The tree as it was at a commit."""
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=PROJECT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@asynccontextmanager
async def working(lab: Lab, name: str, folder: Path, smtp: str) -> AsyncIterator[None]:
    """Workers of a build, told apart in histories by its name, until the block ends.

    Args:
        smtp: URL of the mail server.

    Raises:
        AssertionError: they ended instead; with what they said.
    """
    log, ready = folder.with_suffix(f".{uuid4().hex}.log"), folder.with_suffix(".ready")
    said = environment(
        folder.with_suffix(".state"),
        DATABASE_URL=lab.url,
        TEMPORAL_ADDRESS=lab.client.service_client.config.target_host,
        SMTP_URL=smtp,
        FRISTWERK_BUILD=name,
        **{READY_FILE: str(ready)},
        **KEY_ENVIRONMENT,
        **UNMEASURED,
    )
    command = [sys.executable, "-m", "workers.main", "--queues", "protection,mail"]
    with log.open("wb") as output:
        process = spawn(command, output=output, environment=said, folder=folder)
    try:

        async def takes_work() -> bool:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            return announced(ready, process.pid)

        await until(takes_work, _WITHIN)
        yield
    finally:
        process.terminate()
        process.wait(_WITHIN)
