"""Temporal's database is lost under many leads: how long until all run again, with every clock as before.

`python -m benchmarks.rebuild --leads 10000`: imports leads that have lived, stops the stack, throws
Temporal's database away, starts it again, calls `fristwerk rebuild`, and compares every row of every lead
before and after. One JSON object on standard output; the status is 1 if any clock moved.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import asyncpg

from benchmarks.stack import Stack, stack_in, thrown_away
from cli.importing.shapes import COLUMNS, SourceFile
from protection.dates import format_instant
from workers.embedded.parts import PROJECT

# Seconds a single step may take.
_PATIENCE: Final = 1800
_DAY: Final = timedelta(days=1)
_FILES: Final = (SourceFile.LEADS, SourceFile.ACTIVITIES, SourceFile.HOLDS, SourceFile.EXTENSIONS)
# All of a row but when it was written.
_CLOCKS: Final = """
  select
    p.lead::text as lead, p.next_wake_up,
    md5((to_jsonb(p) - '{updated_at,listed}'::text[])::text) as clock
  from protection as p
"""


def write_export(folder: Path, leads: int, now: datetime, seed: int) -> None:
    """Leads of the last five months with progress, holds and extensions, in all states of the clock."""
    chance = Random(seed)
    rows: dict[SourceFile, list[dict[str, str]]] = {name: [] for name in _FILES}
    for number in range(leads):
        name = f"R-{number:06d}"
        age = chance.uniform(3, 150)
        registered = now - age * _DAY
        rows[SourceFile.LEADS].append(_lead(name, number, registered))
        day = 0.0
        while (day := day + chance.uniform(5, 40)) < age:
            at = format_instant(registered + day * _DAY)
            rows[SourceFile.ACTIVITIES].append(
                {
                    "external_id": name,
                    "kind": "QUALIFIED_CALL",
                    "occurred_at": at,
                    "recorded_at": at,
                    "note": "",
                }
            )
        if chance.random() < 0.2:
            rows[SourceFile.HOLDS].append(_hold(name, registered, age, chance))
        if chance.random() < 0.1:
            at = format_instant(registered + age / 2 * _DAY)
            rows[SourceFile.EXTENSIONS].append({"external_id": name, "days": "30", "granted_at": at})
    folder.mkdir(parents=True)
    for source, told in rows.items():
        with (folder / f"{source}").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS[source], restval="")
            writer.writeheader()
            writer.writerows(told)


def _lead(name: str, number: int, registered: datetime) -> dict[str, str]:
    return {
        "external_id": name,
        "company": f"Probe {number} GmbH",
        "postcode": f"{10000 + number % 89999}",
        "city": "Berlin",
        "industry": "Hotel",
        "source": "REFERRAL",
        "registered_at": format_instant(registered),
        "owner_email": f"agent{number % 20}@agents.example",
        "contact_name": "Erika Erfunden",
        "contact_email": f"erika{number}@lead.example",
    }


def _hold(name: str, registered: datetime, age: float, chance: Random) -> dict[str, str]:
    placed = registered + chance.uniform(0.5, age * 0.9) * _DAY
    told = {"external_id": name, "hold_ref": f"{name}-h", "reason": "CUSTOMER_BLOCKED"}
    told |= {"placed_at": format_instant(placed), "start_at": format_instant(placed)}
    if chance.random() < 0.7:
        told["released_at"] = format_instant(placed + chance.uniform(0.01, 0.09) * age * _DAY)
    return told


async def _clocks(url: str) -> dict[str, asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return {row["lead"]: row for row in await connection.fetch(_CLOCKS)}
    finally:
        await connection.close()


async def _written_since(url: str, began: datetime, leads: int) -> float:
    """Seconds until that many rows have been written by their new workflows."""
    clock = time.monotonic()
    connection = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(_PATIENCE):
            while True:
                query = "select count(*) from protection where updated_at >= $1"
                if await connection.fetchval(query, began) >= leads:
                    return time.monotonic() - clock
                await asyncio.sleep(0.5)
    finally:
        await connection.close()


def _fristwerk(stack: Stack, *words: str) -> dict[str, Any]:
    """The JSON answer of a command at the stack."""
    done = subprocess.run(
        [sys.executable, "-m", "cli.app", *words, "--json"],
        cwd=PROJECT,
        env=stack.command_environment(),
        stdout=subprocess.PIPE,
        timeout=_PATIENCE,
        check=False,
    )
    answer: dict[str, Any] = json.loads(done.stdout) | {"status": done.returncode}
    return answer


def _lose(folder: Path) -> int:
    """Throw Temporal's database away; answers how many bytes it had."""
    lost = 0
    for file in (folder / "state" / "temporal").iterdir():
        lost += file.stat().st_size
        file.unlink()
    return lost


def _moved(before: dict[str, asyncpg.Record], after: dict[str, asyncpg.Record], until: datetime) -> int:
    """Leads whose row is another one, though nothing of them fell due meanwhile."""
    still = {
        lead for lead, row in before.items() if row["next_wake_up"] is None or row["next_wake_up"] > until
    }
    return sum(before[lead]["clock"] != after[lead]["clock"] for lead in still)


def measure(leads: int, seed: int) -> dict[str, Any]:
    """Lose and rebuild so many leads; answers the figures."""
    with thrown_away() as folder:
        write_export(folder / "export", leads, datetime.now(UTC), seed)
        with stack_in(folder) as stack:
            clock = time.monotonic()
            _fristwerk(stack, "import", str(folder / "export"))
            importing = time.monotonic() - clock
            _fristwerk(stack, "verify")
            before = asyncio.run(_clocks(stack.database_url()))
        lost = _lose(folder)
        with stack_in(folder) as stack:
            url, began = stack.database_url(), datetime.now(UTC)
            clock = time.monotonic()
            told = _fristwerk(stack, "rebuild")["tenants"][0]
            starting = time.monotonic() - clock
            settling = asyncio.run(_written_since(url, began, told["rebuilt"]["leads"]))
            after = asyncio.run(_clocks(url))
            clock = time.monotonic()
            verified = _fristwerk(stack, "verify")
            verifying = time.monotonic() - clock
            again = _fristwerk(stack, "rebuild")["tenants"][0]
    return {
        "leads": len(before),
        "living": told["lost"]["leads"],
        "import_seconds": round(importing, 1),
        "temporal_bytes_lost": lost,
        "started": told["rebuilt"]["leads"],
        "start_seconds": round(starting, 1),
        "starts_per_second": round(told["rebuilt"]["leads"] / starting, 1),
        "all_written_after_seconds": round(settling, 1),
        "clocks_moved": _moved(before, after, datetime.now(UTC)),
        "leads_missing": len(before.keys() - after.keys()),
        "workflows_asked": verified["workflows"]["asked"],
        "findings": len(verified["findings"]),
        "verify_seconds": round(verifying, 1),
        "started_by_a_second_rebuild": again["rebuilt"]["leads"],
    }


def main() -> int:
    """Entry point; the status is 1 if a clock moved, a lead is missing, or anything does not agree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rebuild", description=__doc__)
    parser.add_argument("--leads", type=int, default=10_000, help="how many are imported")
    parser.add_argument("--seed", type=int, default=1, help="of the leads' lives")
    told = parser.parse_args()
    figures = measure(told.leads, told.seed)
    print(json.dumps(figures, indent=2))
    wrong = figures["clocks_moved"] + figures["leads_missing"] + figures["findings"]
    return 1 if wrong or figures["started_by_a_second_rebuild"] else 0


if __name__ == "__main__":
    sys.exit(main())
