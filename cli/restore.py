"""The command `fristwerk restore-from-histories`: after an older backup of the database was restored."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

from cyclopts import App, Parameter
from temporalio.client import Client
from temporalio.service import RPCError

from adapters import settings as configuration
from adapters.database import Pool
from adapters.lead_gateway import LeadsUnavailable
from adapters.reconcile.rebuilding import Rebuilder
from adapters.reconcile.restoring import Company, Outcome, Restoration, Restorer
from adapters.settings import Settings
from cli.acts import By
from cli.console import DONE, NOT_DONE, OPERATOR, UsageError, open_database, perform, reading
from cli.desk import temporal
from cli.importing.progress import ProgressView
from cli.output import CommandFailed, err, out, print_json, table
from cli.teaching import add

_NEEDED: Final = ("lead", "company", "city")
_MORE: Final = ("postcode", "industry")
_LONGEST: Final = 200
_MOST_SHOWN: Final = 200


def register(app: App) -> None:
    """Add the command to the application."""
    add(app, restore, name="restore-from-histories")


def restore(
    *,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    companies: Path | None = None,
    by: By = OPERATOR,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Put facts back into the ledger that the histories of workflows know and a restored backup does not.

    First restore the database and start the workers, not yet the API; then call this. Facts come back gapless
    and audited, and with them all deadlines; then everything that was on its way is started again, erasures
    too. What never was in a history stays lost: contacts, notes, and what leads are called that were
    registered since the backup. Those are listed and can be named with --companies, now or later.

    Examples:
        What would be put back:
        `fristwerk restore-from-histories --dry-run`

        With names from the mails about these leads, a CSV file with lead,company,city,postcode,industry:
        `fristwerk restore-from-histories --companies names.csv`

    Args:
        dry_run: Only tell.
        companies: What leads are called that the backup does not know.
        by: Who does it, as noted on record.
        json: One JSON value instead of text.

    Returns:
        0 if every history is in the ledger and every lead has its name, 1 if something is left.
    """
    return perform(_restore(companies, by, dry_run=dry_run, json=json))


def _read(file: Path | None) -> dict[UUID, Company]:
    """The companies of a file.

    Raises:
        UsageError: names line and column.
    """
    if file is None:
        return {}
    found: dict[UUID, Company] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text)
            missing = [name for name in _NEEDED if name not in (rows.fieldnames or ())]
            if missing:
                raise UsageError(f"--companies: the column {missing[0]} is missing")
            for row in rows:
                lead, company = _company(rows.line_num, row)
                if lead in found:
                    raise UsageError(f"--companies: line {rows.line_num}, lead: it is there twice")
                found[lead] = company
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"--companies: {file} cannot be read ({type(error).__name__})") from error
    return found


def _company(line: int, row: dict[str, Any]) -> tuple[UUID, Company]:
    told = {name: (row.get(name) or "").strip() for name in (*_NEEDED, *_MORE)}
    for name, value in told.items():
        if (not value and name in _NEEDED) or len(value) > _LONGEST or not value.isprintable():
            raise UsageError(f"--companies: line {line}, {name}: 1 to {_LONGEST} printable characters")
    try:
        lead = UUID(told["lead"])
    except ValueError:
        raise UsageError(f"--companies: line {line}, lead: must be the lead's uuid") from None
    return lead, Company(told["company"], told["city"], told["postcode"] or None, told["industry"] or None)


async def _restore(names: Path | None, by: str, *, dry_run: bool, json: bool) -> int:
    companies = _read(names)
    settings = configuration.load()
    async with reading(settings) as desk:
        user = await desk.actor(by)
    pool = await open_database(settings.worker_login())
    try:
        client = await temporal(settings)
        with ProgressView(err()) as view:
            restorer = Restorer(pool, client, settings.tenant, companies=companies, told=view.advance)
            leads = await restorer.leads()
            view.phase("Reading", len(leads), "histories")
            told = await restorer.restore(leads, by=user, dry_run=dry_run)
        rebuilt = None if dry_run else await _rebuild(settings, pool, client, user)
    except LeadsUnavailable as error:
        raise CommandFailed(f"{error}. Call it again: it goes on where it was.") from error
    except RPCError as error:
        raise CommandFailed(f"Temporal does not answer ({error.status.name}).") from error
    finally:
        await pool.close()
    if json:
        print_json(_as_json(told, rebuilt, dry_run=dry_run))
    else:
        _show(told, dry_run=dry_run)
    left = told.count(Outcome.CONTRADICTS) + told.count(Outcome.SILENT) + len(told.nameless)
    return NOT_DONE if left or (dry_run and told.facts) else DONE


async def _rebuild(settings: Settings, pool: Pool, client: Client, by: str) -> dict[str, Any]:
    """What was on its way, erasures above all: the backup has brought back what had been erased."""
    rebuilder = Rebuilder(pool, client, settings.tenant, objection_days=settings.objection_days)
    return asdict(await rebuilder.rebuild(await rebuilder.look(), by=by, mails=False))


def _as_json(told: Restoration, rebuilt: dict[str, Any] | None, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "histories": told.looked_at,
        "facts": told.facts,
        "leads": [asdict(one) | {"lead": str(one.lead)} for one in told.leads],
        "nameless": [str(lead) for lead in told.nameless],
        "rebuilt": rebuilt,
    }


def _show(told: Restoration, *, dry_run: bool) -> None:
    console = out()
    if told.leads:
        rows = table(None, "lead", "outcome", "facts", "why")
        for one in told.leads[:_MOST_SHOWN]:
            why = one.detail or ("the backup does not know it" if one.unknown else "")
            rows.add_row(str(one.lead), str(one.outcome), str(one.facts), why)
        console.print(rows, markup=False)
    verb = "would be put back" if dry_run else "put back"
    console.print(
        f"Read {told.looked_at:,} histories; {told.facts:,} facts {verb}, "
        f"{told.count(Outcome.CONTRADICTS):,} leads contradict, {told.count(Outcome.SILENT):,} stay silent.",
        markup=False,
    )
    for lead in told.nameless:
        console.print(f"Without a name: {lead}", style="yellow", markup=False)
