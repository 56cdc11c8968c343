"""The short form of `make chaos`: each part is killed once under clients; nothing lost, nothing twice."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.chaos.apart import keep_apart
from tests.chaos.plan import Act, Fault, Target
from tests.chaos.run import Size, run
from tests.stack.running import UNMEASURED, state_folder, up

# The worker dies while it restarts what it has lost, the database while nobody can write anything anyway.
FAULTS: Final = (
    Fault(Target.WORKER, Act.KILL, 1),
    Fault(Target.MAIL_SINK, Act.KILL, 1),
    Fault(Target.API, Act.KILL, 1),
    Fault(Target.TEMPORAL, Act.KILL, 1),
    Fault(Target.POSTGRES, Act.KILL, 1),
    Fault(Target.WORKER, Act.RESTART, 1),
)
# So many facts have to be answered for it to have proved anything.
ENOUGH: Final = 30
# Seconds are a limit for a machine that is busy with something else.
SIZE: Final = Size(seconds=900, span=25, leads=60, clients=6, jumps=3, least=ENOUGH)
SEED: Final = 20261123

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1_500)]


async def test_nothing_is_lost_and_nothing_comes_twice(tmp_path: Path) -> None:
    with state_folder() as state:
        keep_apart(state)
        with up(state, "--no-seed", **UNMEASURED) as stack:
            report = await run(stack, tmp_path, FAULTS, SIZE, SEED)
    counts = report.counts
    sys.stderr.write(f"chaos: {json.dumps(counts)}\n")
    assert report.violations == []
    assert counts["faults"] == {f"{one.target} {one.act}": 1 for one in FAULTS} | {"missed": 0}
    assert sum(counts["answered"].values()) >= ENOUGH, "the clients hardly got through; it proved nothing"
    assert counts["facts"]["reminder_sent"] > 0
    assert counts["facts"]["lapsed"] > 0
    assert counts["verified"]["audit whole"]
