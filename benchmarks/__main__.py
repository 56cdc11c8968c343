"""`make bench`: one JSON line per ratio on standard output, then a table on standard error."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from benchmarks import (
    ai,
    credit,
    engine,
    erp,
    feedback,
    http,
    inbox,
    load,
    pages,
    scripted_life,
    status_read,
    throughput,
)
from benchmarks.result import Result, table

RESULTS: Final = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Results that are measured together, and how."""

    names: tuple[str, ...]
    measure: Callable[[frozenset[str], bool], Awaitable[list[Result]]]


BENCHMARKS: Final = (
    Benchmark(
        engine.NAMES, lambda wanted, quick: engine.measure(wanted, engine.QUICK if quick else engine.FULL)
    ),
    Benchmark(scripted_life.NAMES, lambda wanted, _: scripted_life.measure(wanted)),
    Benchmark(
        status_read.NAMES,
        lambda wanted, quick: status_read.measure(wanted, status_read.QUICK if quick else status_read.FULL),
    ),
    Benchmark(
        throughput.NAMES,
        lambda wanted, quick: throughput.measure(wanted, throughput.QUICK if quick else throughput.FULL),
    ),
    Benchmark(http.NAMES, lambda wanted, quick: http.measure(wanted, http.QUICK if quick else http.FULL)),
    Benchmark(pages.NAMES, lambda wanted, quick: pages.measure(wanted, pages.QUICK if quick else pages.FULL)),
    Benchmark(ai.NAMES, lambda wanted, quick: ai.measure(wanted, ai.QUICK if quick else ai.FULL)),
    Benchmark(
        credit.NAMES, lambda wanted, quick: credit.measure(wanted, credit.QUICK if quick else credit.FULL)
    ),
    Benchmark(
        feedback.NAMES,
        lambda wanted, quick: feedback.measure(wanted, feedback.QUICK if quick else feedback.FULL),
    ),
    Benchmark(erp.NAMES, lambda wanted, quick: erp.measure(wanted, erp.QUICK if quick else erp.FULL)),
    Benchmark(inbox.NAMES, lambda wanted, quick: inbox.measure(wanted, inbox.QUICK if quick else inbox.FULL)),
    Benchmark(load.NAMES, lambda wanted, quick: load.measure(wanted, load.QUICK if quick else load.FULL)),
)
NAMES: Final = tuple(name for benchmark in BENCHMARKS for name in benchmark.names)


async def measure(wanted: frozenset[str], *, quick: bool, done: Callable[[Result], None]) -> list[Result]:
    """Runs the benchmarks that give what is wanted.

    Args:
        wanted: some of `NAMES`.
        quick: much smaller numbers, to see that everything works; the figures mean little.
        done: called with each result as it comes.
    """
    results: list[Result] = []
    for benchmark in BENCHMARKS:
        mine = wanted & set(benchmark.names)
        if not mine:
            continue
        for result in await benchmark.measure(mine, quick):
            done(result)
            results.append(result)
    return results


def machine() -> dict[str, Any]:
    """What kind of machine this is; no names."""
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _keep(results: list[Result], began: datetime, *, quick: bool) -> Path:
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{began:%Y%m%dT%H%M%SZ}{'-quick' if quick else ''}.json"
    content = {
        "at": began.isoformat(timespec="seconds"),
        "machine": machine(),
        "quick": quick,
        "results": [result.to_json() for result in results],
    }
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return file


def main(arguments: list[str] | None = None) -> int:
    """Entry point. A missed aim is a figure, not a failure: the status is 0 once everything is measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=NAMES, help="only this result; may be repeated")
    parser.add_argument("--quick", action="store_true", help="small numbers: does it work?")
    parser.add_argument("--verbose", action="store_true", help="say more on standard error")
    told = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO if told.verbose else logging.WARNING, stream=sys.stderr)
    began, clock = datetime.now(UTC), time.monotonic()
    results = asyncio.run(measure(frozenset(told.only or NAMES), quick=told.quick, done=_say))
    console = Console(stderr=True)
    console.print(table(results))
    file = _keep(results, began, quick=told.quick)
    console.print(f"{time.monotonic() - clock:.0f} s on {os.cpu_count()} cores; kept in {file.name}")
    return 0


def _say(result: Result) -> None:
    print(json.dumps(result.to_json()), flush=True)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A process that ran a worker may crash while the interpreter finalizes; there is nothing left to do.
    os._exit(code)
