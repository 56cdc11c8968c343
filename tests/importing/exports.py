"""Exports for the tests: the shipped small ones, and generated ones of any size."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from rich.console import Console

from cli.importing.intake import take_in
from cli.importing.ports import ImportStore, LeadGateway
from cli.importing.progress import ProgressView
from cli.importing.report import ReportFile
from cli.importing.run import Job, run
from cli.importing.shapes import COLUMNS, Reject, SourceFile
from cli.importing.staging import Staging
from cli.importing.summary import Summary
from protection.policy import Policy

HERE: Final = Path(__file__).resolve().parent / "data"
DIRTY: Final = HERE / "crm-dirty"
ODD: Final = HERE / "crm-odd"
SAMPLE: Final = HERE / "crm-sample"
EXPECTED: Final = "expected-2026-11-23T00-00-00Z.csv"
AS_OF: Final = datetime(2026, 11, 23, tzinfo=UTC)
TENANT: Final = UUID("7e57e000-0000-4000-8000-000000000001")

_SHARED: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "crm-export"
# The whole export lies beside the checkout where we develop and in CI; elsewhere the sample stands in.
EXPORTS: Final = (SAMPLE, _SHARED) if _SHARED.exists() else (SAMPLE,)

GOOD_LEAD: Final[Mapping[str, str]] = {
    "external_id": "A-1",
    "company": "Gasthof Beispiel GmbH",
    "postcode": "44135",
    "city": "Dortmund",
    "industry": "Gastronomie",
    "source": "REFERRAL",
    "registered_at": "2026-10-01T10:00:00Z",
    "owner_email": "agent01@agents.example",
    "contact_name": "Thabo Erfunden",
    "contact_email": "x@lead.example",
    "contact_phone": "+49 30 555000001",
    "first_contact_note": "",
}


def write(folder: Path, file: SourceFile, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write one file of an export."""
    folder.mkdir(exist_ok=True)
    with (folder / file).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS[file], restval="")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def lead(**cells: str) -> dict[str, str]:
    """A row of leads.csv that passes, but for these cells."""
    return {**GOOD_LEAD, **cells}


def staged_rejects(folder: Path, *, now: datetime = AS_OF) -> list[Reject]:
    """Read an export and answer the rows that were not taken."""
    with Staging() as staging:
        take_in(folder, staging, policy=Policy(), now=now, progress=lambda _: None)
        return list(staging.rejects())


def faults(folder: Path) -> list[tuple[str, int, str, str]]:
    """The rejects as (file, line, column, reason)."""
    return [(each.file, each.line, each.column, each.reason) for each in staged_rejects(folder)]


def quiet_view() -> ProgressView:
    """A progress view that nobody sees."""
    return ProgressView(Console(quiet=True))


async def bring_in(
    folder: Path,
    *,
    store: ImportStore | None = None,
    gateway: LeadGateway | None = None,
    report: Path | None = None,
    as_of: datetime = AS_OF,
    now: datetime | None = None,
    tenant: UUID = TENANT,
    view: ProgressView | None = None,
) -> tuple[Summary, list[Reject]]:
    """Import a folder as the command does, and answer summary and rejects."""
    job = Job(folder=folder, tenant=tenant, policy=Policy(), as_of=as_of, now=now or as_of, new_tenant="test")
    shown = view or quiet_view()
    with Staging() as staging:
        if report is None:
            summary = await run(job, staging, shown, store=store, gateway=gateway, report=None)
        else:
            with ReportFile(report) as rows:
                summary = await run(job, staging, shown, store=store, gateway=gateway, report=rows)
        return summary, list(staging.rejects())


def read_csv(path: Path) -> list[list[str]]:
    """All rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def big_export(folder: Path, leads: int, kinds: Sequence[str]) -> Path:
    """Write an export of so many leads, three facts each, as it comes out of a real CRM."""
    start = datetime(2026, 6, 1, tzinfo=UTC)

    def moments() -> Iterable[tuple[int, datetime]]:
        return ((n, start + timedelta(minutes=n % 200_000)) for n in range(leads))

    write(
        folder,
        SourceFile.LEADS,
        (
            lead(external_id=f"B-{n:07d}", company=f"Hotel Nummer {n} GmbH", registered_at=at.isoformat())
            for n, at in moments()
        ),
    )
    write(
        folder,
        SourceFile.ACTIVITIES,
        (
            {
                "external_id": f"B-{n:07d}",
                "occurred_at": (at + timedelta(days=days)).isoformat(),
                "recorded_at": (at + timedelta(days=days, hours=1)).isoformat(),
                "kind": kinds[(n + days) % len(kinds)],
                "note": f"Notiz {n}: Rückruf vereinbart",
            }
            for n, at in moments()
            for days in (20, 40)
        ),
    )
    write(
        folder,
        SourceFile.HOLDS,
        (
            {
                "external_id": f"B-{n:07d}",
                "hold_ref": f"B-{n:07d}-H1",
                "reason": "FFZ_SAMPLE_DELAY",
                "placed_at": (at + timedelta(days=30)).isoformat(),
                "start_at": (at + timedelta(days=30)).isoformat(),
                "released_at": (at + timedelta(days=50)).isoformat(),
            }
            for n, at in moments()
        ),
    )
    return folder
