"""The command `fristwerk seed-demo`: leads to look at, with dates relative to now, imported once."""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from cyclopts import Parameter

from adapters import settings as configuration
from adapters.import_store import PostgresImportStore
from adapters.lead_gateway import LeadsUnavailable
from adapters.settings import DEMO_TENANT, Settings
from cli.importing.demo import demo_users, load_demo, write_demo_export
from cli.importing.demo_samples import add_demo_samples
from cli.importing.ports import LeadGateway
from cli.importing.progress import ProgressView
from cli.importing.run import Job, run
from cli.importing.staging import Staging
from cli.importing.summary import Summary, show_summary
from cli.importing.wiring import real_parts
from cli.output import CommandFailed, err, out, print_json

MARK: Final = "seed-demo"
TENANT_NAME: Final = "demo"


def seed_demo_command(*, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Fill the demo tenant with invented leads: active, paused, in grace, lapsed and won ones.

    Dates are relative to now; one reminder falls due within two minutes. Done once; again changes nothing.

    Args:
        json: Print the figures as JSON; null if the demo was there already.
    """
    try:
        summary = asyncio.run(_perform(configuration.load()))
    except LeadsUnavailable as error:
        raise CommandFailed(f"{error}. Run seed-demo again; it goes on where it was.") from error
    if json:
        print_json(None if summary is None else summary.to_json())
    elif summary is None:
        out().print("The demo leads are there already.")
    else:
        show_summary(out(), summary)
    return 0


async def seed_demo(
    store: PostgresImportStore, gateway: LeadGateway, view: ProgressView, *, tenant: UUID, now: datetime
) -> Summary | None:
    """Import the demo export into a tenant that was never seeded.

    Args:
        store: the database.
        gateway: starts workflows.
        view: shows how far it is.
        tenant: whose leads they become; made if it is not there.
        now: UTC instant that all dates are relative to.

    Returns:
        What was imported; None where it had been done before.
    """
    policy = await store.prepare(tenant, TENANT_NAME, at=now)
    if await store.was_done(tenant, MARK):
        return None
    demo = load_demo()
    await store.add_users(tenant, demo_users(demo))
    with tempfile.TemporaryDirectory() as folder, Staging() as staging:
        write_demo_export(Path(folder), demo, now=now, policy=policy)
        job = Job(folder=Path(folder), tenant=tenant, policy=policy, as_of=now, now=now)
        summary = await run(job, staging, view, store=store, gateway=gateway, report=None)
    await store.mark_done(tenant, MARK, now)
    return summary


async def _perform(settings: Settings) -> Summary | None:
    with ProgressView(err()) as view:
        async with real_parts(settings, tenant=DEMO_TENANT) as parts:
            now = datetime.now(UTC)
            summary = await seed_demo(parts.store, parts.gateway, view, tenant=DEMO_TENANT, now=now)
            if summary is not None:
                await add_demo_samples(parts.pool, parts.vault, tenant=DEMO_TENANT, now=now)
            return summary
