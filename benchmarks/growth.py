"""What open leads cost as they become many, and how fast 5,000 reminders go out that fell due in an outage.

`python -m benchmarks.growth --leads 1000 --leads 10000 --due 5000`: one JSON line a figure. Leads come by the
import, as they would from a CRM: registration, workflow, projection, audit. Every part is the one of
`fristwerk up`; the worker is a process of its own here, so that it can be away.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psutil

from adapters.database import Pool, open_pool
from adapters.temporal_client import connect
from adapters.watch_figures import Figures
from benchmarks.result import significant
from benchmarks.rounds import until
from benchmarks.stack import Stack, our_worker, part_ids, run_ours, running_stack
from benchmarks.throughput import SQL
from cli.importing.shapes import COLUMNS, SourceFile
from protection.dates import add_period, format_instant, zone
from protection.policy import Policy
from workers.bootstrap import QUEUES

_MB: Final = 1_000_000
_KB: Final = 1_000
_QUIET: Final = timedelta(days=12)  # nothing is due for leads of this age
_AGENTS: Final = 20
# Until the leads of the outage are all there; a machine that is busy needs longer than it did before.
_SLACK: Final = 1.5
_AT_LEAST: Final = 30.0
_PATIENCE: Final = 600.0


@dataclass(frozen=True, slots=True)
class Weight:
    """What everything weighs with so many open leads.

    Attributes:
        leads_a_second: as they were imported.
        worker_mb: resident memory; the other processes by their share of what they have in common.
        database_mb: PostgreSQL's tables and indexes.
        histories_mb: Temporal's file.
        worker_kb_each: growth since there were none, by lead; so are the others.
        figures_seconds: what one reading of all metrics of the installation takes.
    """

    leads: int
    leads_a_second: float
    worker_mb: float
    temporal_mb: float
    postgres_mb: float
    database_mb: float
    histories_mb: float
    worker_kb_each: float
    database_kb_each: float
    histories_kb_each: float
    figures_seconds: float


@dataclass(frozen=True, slots=True)
class Outage:
    """Reminders that fell due while no worker ran.

    Attributes:
        late: how many of them were due before the worker stopped; they do not count as part of the outage.
        seconds: from the start of the worker until all had gone out and were recorded.
        worker_up_seconds: of these, until the worker took work.
    """

    due: int
    late: int
    worker_up_seconds: float
    seconds: float
    reminders_a_second: float


@dataclass(frozen=True, slots=True)
class _Sizes:
    worker: float
    temporal: float
    postgres: float
    database: float
    histories: float


async def _sizes(stack: Stack, pool: Pool, worker: int) -> _Sizes:
    ids = part_ids(stack)
    folder = stack.settings.state / "temporal"
    return _Sizes(
        worker=psutil.Process(worker).memory_info().rss,
        temporal=_memory(ids["temporal"]),
        postgres=_memory(ids["postgres"]),
        database=float(await SQL.database_size(pool)),
        histories=sum(file.stat().st_size for file in folder.iterdir()),
    )


def _memory(process: int) -> float:
    """Bytes of a process and those below it; what they share counts once."""
    first = psutil.Process(process)
    return float(sum(one.memory_full_info().pss for one in (first, *first.children(recursive=True))))


def write_leads(folder: Path, name: str, count: int, registered_at: datetime) -> None:
    """An export of so many leads, all registered at that instant."""
    folder.mkdir(parents=True)
    with (folder / "leads.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, COLUMNS[SourceFile.LEADS], restval="")
        rows.writeheader()
        for number in range(count):
            rows.writerow(
                {
                    "external_id": f"{name}-{number:06d}",
                    "company": f"Gasthof {name} {number} GmbH",
                    "postcode": "99084",
                    "city": "Erfurt",
                    "source": "REFERRAL",
                    "registered_at": format_instant(registered_at),
                    "owner_email": f"agent{number % _AGENTS}@agents.example",
                    "contact_name": "Jo Erfunden",
                    "contact_email": f"jo{number}@lead.example",
                }
            )


async def _import(stack: Stack, name: str, count: int, registered_at: datetime) -> float:
    """Import so many leads; the seconds it took."""
    folder = stack.folder / f"export-{name}"
    write_leads(folder, name, count, registered_at)
    began = time.perf_counter()
    await asyncio.to_thread(run_ours, stack, "import", str(folder), "--json")
    return time.perf_counter() - began


async def grow(
    stack: Stack, pool: Pool, steps: Sequence[int], until_seconds: float, say: Callable[[Weight], None]
) -> float:
    """Let the leads become as many as each step says; leads a second of the last step that was made."""
    rate = math.inf
    with our_worker(stack) as worker:
        empty = await _sizes(stack, pool, worker)
        there = 0
        for step in steps:
            if rate < math.inf and time.monotonic() + (step - there) / rate > until_seconds:
                sys.stderr.write(f"{step:,} leads would take longer than there is time; left out\n")
                break
            seconds = await _import(stack, f"G{step}", step - there, datetime.now(UTC) - _QUIET)
            rate, there = (step - there) / seconds, step
            await SQL.settle_pages(pool)
            now = await _sizes(stack, pool, worker)
            say(_weight(step, rate, now, empty, await _figures_seconds(stack)))
    return rate


async def _figures_seconds(stack: Stack) -> float:
    client = await connect(stack.settings)
    async with await open_pool(stack.settings.worker_login(), name="benchmark", largest=2) as pool:
        began = time.perf_counter()
        await Figures(pool, client, QUEUES).read()
        return time.perf_counter() - began


def _weight(leads: int, rate: float, now: _Sizes, empty: _Sizes, figures_seconds: float) -> Weight:
    return Weight(
        leads=leads,
        leads_a_second=rate,
        worker_mb=now.worker / _MB,
        temporal_mb=now.temporal / _MB,
        postgres_mb=now.postgres / _MB,
        database_mb=now.database / _MB,
        histories_mb=now.histories / _MB,
        worker_kb_each=(now.worker - empty.worker) / leads / _KB,
        database_kb_each=(now.database - empty.database) / leads / _KB,
        histories_kb_each=(now.histories - empty.histories) / leads / _KB,
        figures_seconds=figures_seconds,
    )


async def outage(stack: Stack, pool: Pool, due: int, rate: float) -> Outage:
    """So many reminders fall due at one instant while no worker runs; then one starts.

    Args:
        rate: leads a second that can be imported.
    """
    policy = Policy()
    within = due / min(rate, 50.0) * _SLACK + _AT_LEAST
    due_at = datetime.now(UTC) + timedelta(seconds=within)
    registered_at = add_period(due_at, 0, -policy.progress_days, zone(policy.timezone))

    async def reminded() -> int:
        return int(await SQL.reminders_since(pool, since=due_at))

    with our_worker(stack):
        await _import(stack, "D", due, registered_at)
        late = max(0, await reminded())
    await asyncio.sleep(max(0.0, (due_at - datetime.now(UTC)).total_seconds() + 1))
    began = time.perf_counter()
    with our_worker(stack):
        up = time.perf_counter() - began
        await until(reminded, due, "reminders", patience=_PATIENCE)
        seconds = time.perf_counter() - began
    return Outage(due, late, up, seconds, (due - late) / seconds)


async def measure(leads: Sequence[int], due: int, minutes: float) -> None:
    """Prints every figure as it comes."""
    until_seconds = time.monotonic() + minutes * 60
    with running_stack(workers=False) as stack:
        async with await open_pool(stack.settings.owner_login(), name="benchmark", largest=2) as pool:
            rate = await grow(stack, pool, sorted(leads), until_seconds, _say)
            if due:
                _say(await outage(stack, pool, due, rate))


def _say(figure: Weight | Outage) -> None:
    values = {name: significant(float(value)) for name, value in asdict(figure).items()}
    print(json.dumps({"figure": type(figure).__name__.lower(), **values}), flush=True)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--leads", type=int, action="append", help="how many; may be repeated")
    parser.add_argument("--due", type=int, default=5_000, help="reminders due in an outage; 0: none")
    parser.add_argument("--minutes", type=float, default=30.0, help="no step begins that would end later")
    told = parser.parse_args()
    asyncio.run(measure(told.leads or [1_000, 10_000], told.due, told.minutes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
