"""The command `fristwerk import`."""

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from cyclopts import Parameter

from adapters import settings as configuration
from adapters.import_store import UnknownTenant
from adapters.lead_gateway import LeadsUnavailable
from adapters.settings import DEMO_TENANT, Settings
from cli.acts import By
from cli.console import OPERATOR, UsageError
from cli.importing.progress import ProgressView
from cli.importing.report import ReportFile, write_rejects
from cli.importing.run import Job, run
from cli.importing.shapes import ExportError
from cli.importing.staging import Staging
from cli.importing.summary import Summary, show_rejects, show_summary
from cli.importing.wiring import real_parts, store_if_any
from cli.output import CommandFailed, err, out, print_json
from protection.dates import format_instant, parse_instant
from protection.policy import Policy

DONE: Final = 0
SOME_REFUSED: Final = 1
NO_SENSE: Final = 2

DEMO_TENANT_NAME: Final = "demo"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person at the command line asked for; `as_of` is a UTC instant."""

    folder: Path
    dry_run: bool
    as_of: datetime | None
    report: Path | None
    rejects: Path
    tenant: UUID | None
    new_tenant: str | None
    by: str
    json: bool


def import_export(
    folder: Annotated[Path, Parameter(name="DIR")],
    /,
    *,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    as_of: str | None = None,
    report: Path | None = None,
    rejects: Path = Path("rejects.csv"),
    tenant: UUID | None = None,
    new_tenant: str | None = None,
    by: By = OPERATOR,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Import a CRM export: leads.csv and, where present, activities, holds, extensions, conversions.

    Every row is checked. Good rows are imported, the others are listed with line, column and reason.
    Each lead's facts are replayed in the order in which they were recorded, as if the reminders of the
    past had gone out when due. Leads that are still protected get their workflow; those that have
    lapsed or were won are recorded only; contacts and notes of lapsed ones are left out. Running it twice
    changes nothing; after an interruption, run it again and it goes on.

    What would come of an export, without any server:

    `fristwerk import crm-export --dry-run --report report.csv`

    The same as of a certain moment:

    `fristwerk import crm-export --dry-run --as-of 2026-11-23T00:00:00Z --report report.csv`

    Import it, and keep the rows that were not taken:

    `fristwerk import crm-export --rejects not-taken.csv`

    Exit status 0: all rows were taken; 1: some were not; 2: the call or the export makes no sense.

    Args:
        folder: Folder of the export. The files are CSV in UTF-8, separated by commas, with a header.
        dry_run: Write nothing, start nothing; needs no server. Where a database is reachable, duplicates
            of its live leads are found too.
        as_of: Replay up to this moment (ISO 8601 with a zone) instead of now. What was recorded later is
            left out. Without --dry-run it must not lie in the future.
        report: Write a CSV file with one row per lead: status, deadlines, reason, number of refused facts.
        rejects: Where to write the rows that were not taken, if there are any.
        tenant: Whose leads they are; default: FRISTWERK_TENANT, else the demo tenant.
        new_tenant: Make the tenant under this name if it is not there yet.
        by: Who imports, as noted on record.
        json: Print the figures as JSON.
    """
    try:
        moment = None if as_of is None else parse_instant(as_of)
    except (ValueError, OverflowError):
        return _no_sense(f"--as-of {as_of!r} is no ISO 8601 time with a zone, like 2026-11-23T00:00:00Z")
    wish = Wish(folder, dry_run, moment, report, rejects, tenant, new_tenant, by, json)
    now = datetime.now(UTC)
    if not dry_run and moment is not None and moment > now:
        return _no_sense(
            f"--as-of lies in the future (it is {format_instant(now)}); that works with --dry-run only"
        )
    try:
        return asyncio.run(perform(wish, configuration.load(), now))
    except (ExportError, UsageError) as error:
        return _no_sense(str(error))
    except UnknownTenant as error:
        return _no_sense(f"{error}; add --new-tenant NAME to make it")
    except LeadsUnavailable as error:
        raise CommandFailed(f"{error}. Run the import again; it goes on where it was.") from error


async def perform(wish: Wish, settings: Settings, now: datetime) -> int:
    """Import, or play the import through.

    Args:
        wish: what was asked for.
        settings: where database and Temporal are.
        now: UTC instant.

    Returns:
        The exit status.
    """
    tenant = wish.tenant or settings.tenant
    as_of = wish.as_of or now
    job = Job(
        folder=wish.folder,
        tenant=tenant,
        policy=Policy(),
        as_of=as_of,
        now=max(now, as_of),
        new_tenant=wish.new_tenant or (DEMO_TENANT_NAME if tenant == DEMO_TENANT else None),
    )
    console = out()
    with Staging() as staging:
        summary = await _run(wish, job, settings, staging)
        if summary.refused_rows:
            _write(wish.rejects, staging)
            summary.rejects_file = wish.rejects
        if wish.json:
            print_json(summary.to_json())
        else:
            show_rejects(console, staging)
            show_summary(console, summary)
    return SOME_REFUSED if summary.refused_rows else DONE


async def _run(wish: Wish, job: Job, settings: Settings, staging: Staging) -> Summary:
    try:
        report = nullcontext() if wish.report is None else ReportFile(wish.report)
    except OSError as error:
        raise ExportError(
            str(wish.report), None, f"the report cannot be written ({error.strerror})"
        ) from error
    with ProgressView(err()) as view, report as rows:
        if wish.dry_run:
            async with store_if_any(settings) as (store, why_not):
                summary = await run(job, staging, view, store=store, gateway=None, report=rows)
            summary.unchecked = why_not
        else:
            async with real_parts(settings, tenant=job.tenant, by=wish.by) as parts:
                summary = await run(job, staging, view, store=parts.store, gateway=parts.gateway, report=rows)
    summary.report_file = wish.report
    return summary


def _write(path: Path, staging: Staging) -> None:
    try:
        write_rejects(path, staging.rejects())
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror}); name another file with --rejects"
        raise CommandFailed(message) from error


def _no_sense(message: str) -> int:
    err().print(message, style="red", markup=False)
    return NO_SENSE
