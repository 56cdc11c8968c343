"""The command `fristwerk rebuild`: workflows from ledgers, after Temporal's own database is lost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final
from uuid import UUID

from cyclopts import App, Parameter, validators
from temporalio.client import Client
from temporalio.service import RPCError

from adapters import settings as configuration
from adapters.database import Pool
from adapters.lead_gateway import LeadsUnavailable
from adapters.reconcile.rebuilding import Lost, Rebuilder
from adapters.reconcile.schedule import ensure_nightly
from adapters.reconciliation_store import overseeing, tenants
from adapters.settings import Settings
from adapters.temporal_client import ensure_search_attributes
from cli.acts import By
from cli.console import DONE, OPERATOR, open_database, perform, reading
from cli.desk import temporal
from cli.importing.progress import ProgressView
from cli.output import CommandFailed, err, out, print_json
from cli.teaching import add
from protection.dates import format_instant

_MOST_SHOWN: Final = 200


def register(app: App) -> None:
    """Add the command to the application."""
    add(app, rebuild)


def rebuild(
    *,
    dry_run: Annotated[bool, Parameter(negative=())] = False,
    at_once: Annotated[int, Parameter(validator=validators.Number(gte=1, lte=100))] = 16,
    by: By = OPERATOR,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Start the workflows of all living leads of all tenants from their ledgers.

    For when Temporal's own database is lost or was left behind. What runs already is left alone, so it may be
    broken off and called again until it says that nothing was missing. Boxes of samples, erasures, hold
    campaigns, credit checks, mails and news from outside that were on their way go on too, and mails that the
    ledger demands and whose order was lost are sent. No mail goes out twice by it, and no deadline moves.

    Examples:
        What would be started:
        `fristwerk rebuild --dry-run`

        `fristwerk rebuild`

    Args:
        dry_run: Only tell.
        at_once: How many workflows are started side by side.
        by: Who wants it, as noted on record.
        json: One JSON value instead of text.

    Returns:
        0 if everything runs.
    """
    return perform(_rebuild(by, dry_run=dry_run, at_once=at_once, json=json))


async def _rebuild(who: str, *, dry_run: bool, at_once: int, json: bool) -> int:
    settings = configuration.load()
    async with reading(settings) as desk:
        by = await desk.actor(who)
    pool = await open_database(settings.worker_login())
    try:
        client = await temporal(settings)
        async with overseeing(pool) as connection:
            everybody = await tenants(connection)
        if not dry_run:
            await ensure_search_attributes(client)
            await ensure_nightly(client)
        told = [
            await _tenant(settings, pool, client, tenant, by=None if dry_run else by, at_once=at_once)
            for tenant in everybody
        ]
    except LeadsUnavailable as error:
        raise CommandFailed(f"{error}. Call it again: it goes on where it was.") from error
    except RPCError as error:
        raise CommandFailed(
            f"Temporal does not answer ({error.status.name}). Call it again: it goes on where it was."
        ) from error
    finally:
        await pool.close()
    if json:
        print_json({"dry_run": dry_run, "tenants": told})
    else:
        for one in told:
            _show(one, dry_run=dry_run)
    return DONE


async def _tenant(
    settings: Settings, pool: Pool, client: Client, tenant: UUID, *, by: str | None, at_once: int
) -> dict[str, Any]:
    with ProgressView(err()) as view:
        rebuilder = Rebuilder(
            pool,
            client,
            tenant,
            objection_days=settings.objection_days,
            at_once=at_once,
            told=view.advance,
        )
        lost = await rebuilder.look()
        plain = {"tenant": str(tenant), "lost": _as_json(lost)}
        if by is None:
            return plain
        view.phase("Starting", lost.leads, "workflows")
        return plain | {"rebuilt": asdict(await rebuilder.rebuild(lost, by=by))}


def _as_json(lost: Lost) -> dict[str, Any]:
    since = None if lost.since is None else format_instant(lost.since)
    owed = [
        asdict(mail) | {"lead": str(mail.lead), "due_at": format_instant(mail.due_at)} for mail in lost.owed
    ]
    told = asdict(lost) | {"since": since, "owed": owed, "classifications": len(lost.to_classify)}
    del told["to_classify"]
    return told


def _show(told: dict[str, Any], *, dry_run: bool) -> None:
    console, lost = out(), told["lost"]
    console.print(f"Tenant {told['tenant']}", markup=False)
    console.print(
        f"  living leads {lost['leads']:,}, with a workflow {lost['running']:,}; "
        f"last written {lost['since'] or 'never'}",
        markup=False,
    )
    on_their_way = ", ".join(
        f"{name} {lost[name]:,}"
        for name in ("erasures", "boxes", "campaigns", "checks", "mails", "events", "classifications")
        if lost[name]
    )
    console.print(f"  on their way: {on_their_way or 'nothing'}", markup=False)
    if lost["owed"]:
        console.print(f"  owed mails {len(lost['owed']):,}", markup=False)
    for mail in [mail for mail in lost["owed"] if not mail["safe"]][:_MOST_SHOWN]:
        console.print(
            f"  not sent, look yourself: {mail['kind']} of {mail['due_at']}, lead {mail['lead']}",
            style="yellow",
            markup=False,
        )
    if not dry_run:
        done = told["rebuilt"]
        console.print(
            f"  started {done['leads']:,} leads, {done['boxes']:,} boxes, {done['erasures']:,} erasures, "
            f"{done['campaigns']:,} campaigns, {done['owed']:,} mails; handed back {done['handed_back']:,}",
            markup=False,
        )
        if done["ahead"]:
            console.print(
                f"  left alone {done['ahead']:,}: their histories know more than the ledger. "
                "See: fristwerk restore-from-histories",
                style="yellow",
                markup=False,
            )
