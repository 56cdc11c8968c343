"""Records what is not recorded yet, and anew only what is named: on old histories the guard stands."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import NoReturn

import pytest
from temporalio.client import WorkflowHistory

from tests.replay.commands import keep, replayed
from tests.replay.histories import FOLDER, write


async def written(name: str, history: WorkflowHistory) -> None:
    """Keeps a history under this name, and beside it what was commanded."""
    (FOLDER / name).parent.mkdir(exist_ok=True)
    path = write(name, history)
    keep(path, await replayed(path))


def record(module: str, folder: Path, shapes: Collection[str]) -> NoReturn:
    """Ends the process with the recordings named on the command line, else with those that are missing.

    Real servers are started, as for the tests; a life takes a few seconds.

    Args:
        module: path of the module, whose `test_record` takes a shape by name.
        folder: where its histories lie.
        shapes: what it can record.
    """
    named = sys.argv[1:]
    if unknown := sorted(set(named) - set(shapes)):
        sys.exit(f"Nothing of this name: {', '.join(unknown)}. There are: {', '.join(shapes)}")
    wanted = named or [name for name in shapes if not (folder / f"{name}.json").exists()]
    if not wanted:
        sys.exit(
            "All of it is recorded. To record a shape anew say its name, but keep the old history under "
            f"another name while workflows of that shape may be alive: {', '.join(shapes)}"
        )
    sys.exit(pytest.main(["-q", "-n0", *(f"{module}::test_record[{name}]" for name in wanted)]))
