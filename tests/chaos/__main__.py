"""`make chaos ARGS="--minutes 20 --seed 1"`: everything is hit for so long, and nothing may be lost."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.apart import keep_apart
from tests.chaos.disk import small_disk
from tests.chaos.plan import plan
from tests.chaos.run import Report, Size, run
from tests.stack.running import UNMEASURED, up

_LEADS_A_MINUTE = 30
_LEAST_LEADS = 100


def play(minutes: float, seed: int, *, leads: int | None, fills: bool, keep: Path | None) -> Report:
    """One run in a folder that is thrown away; the journal, the logs and the report are kept on request."""
    folder = Path(tempfile.mkdtemp(prefix="fristwerk-chaos-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        with small_disk(folder) as disk:
            used = disk if fills else None
            count = leads or max(_LEAST_LEADS, int(minutes * _LEADS_A_MINUTE))
            size = Size(minutes * 60, minutes * 60, count, disk=used)
            state = (folder if disk is None else disk.folder) / "state"
            keep_apart(state)
            with up(state, "--no-seed", **UNMEASURED) as stack:
                report = asyncio.run(run(stack, folder, plan(seed, disk=used is not None), size, seed))
            if keep is not None:
                _keep(folder, state, keep, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report


def _keep(folder: Path, state: Path, keep: Path, report: Report) -> None:
    target = keep / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-seed-{report.seed}"
    target.mkdir(parents=True)
    shutil.copytree(state / "logs", target / "logs")
    for file in (folder / "journal.jsonl", state.with_suffix(".out")):
        shutil.copy(file, target / file.name)
    (target / "report.json").write_text(json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n")


def main() -> int:
    """Entry point; 0 if nothing was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="during which faults come; default 5")
    parser.add_argument("--seed", type=int, default=1, help="of the faults and of what clients do; default 1")
    parser.add_argument("--leads", type=int, default=None, help="imported before; default 30 for each minute")
    parser.add_argument("--no-disk", action="store_true", help="the disk is never filled (that needs root)")
    parser.add_argument("--keep", type=Path, default=None, help="folder for journal, logs and report")
    told = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    report = play(told.minutes, told.seed, leads=told.leads, fills=not told.no_disk, keep=told.keep)
    print(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
    print(f"{len(report.violations)} violations", file=sys.stderr)
    return 1 if report.violations else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
