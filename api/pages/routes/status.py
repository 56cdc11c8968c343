"""For those who run the installation: what is there, who works, what waits, what was found wrong; live."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from adapters.health import DATABASE_AWAY
from adapters.outside import QUEUES, queues_standing, schedules_standing
from adapters.reconciliation_store import KeptFinding, KeptRun, findings_of, last_runs
from adapters.watch_store import TenantFigures, tenant_figures
from api.pages.outside.inside import DATABASE, TEMPORAL
from api.pages.outside.issuer import ISSUER
from api.pages.outside.mail import MAIL
from api.pages.outside.shape import ABSENT, BREAKERS, STATES, Found, Integration
from api.pages.view import CurrentView, View
from api.problems import ApiError, Kind
from protection.permission import Role

router: Final = APIRouter(include_in_schema=False)

PARTS: Final = (DATABASE, TEMPORAL, ISSUER, MAIL)
_FINDINGS: Final = 50
# As the alerts have it (deploy/prometheus/alerts.yml).
LATE: Final = timedelta(hours=36)
BACKLOG: Final = 100


@router.get("/status")
async def read_status(view: CurrentView) -> Response:
    """Show how the installation stands."""
    if Role.ADMIN not in view.caller.roles or Role.AUDITOR in view.caller.roles:
        raise ApiError(Kind.FORBIDDEN, "How the installation stands is the administrators' to look at.")
    parts, queues, schedules, known = await asyncio.gather(
        asyncio.gather(*(_found(view, one) for one in PARTS)),
        queues_standing(view.wiring.temporal),
        schedules_standing(view.wiring.temporal),
        _known(view),
    )
    figures, run, findings = known
    return view.page(
        "status/overview.html.j2",
        parts=[(one, found, STATES[found.state]) for one, found in zip(PARTS, parts, strict=True)],
        queues=[(queue, queues[queue]) for queue in QUEUES],
        most_backlog=BACKLOG,
        schedules=schedules,
        figures=figures,
        run=run,
        late=run is not None and run.finished_at is not None and view.now() - run.finished_at > LATE,
        findings=findings,
        breakers=BREAKERS,
    )


async def _found(view: View, one: Integration) -> Found:
    return ABSENT if one.probe is None else await one.probe(view)


async def _known(view: View) -> tuple[TenantFigures | None, KeptRun | None, list[KeptFinding]]:
    """What the database knows; nothing where it is away, which is told beside it."""
    try:
        async with view.looking() as connection:
            tenant = view.caller.tenant
            figures = await tenant_figures(connection, tenant, as_of=view.now())
            done = [run for run in await last_runs(connection, tenant, 5) if run.finished_at is not None]
            if not done:
                return figures, None, []
            return figures, done[0], await findings_of(connection, tenant, done[0].id, _FINDINGS)
    except DATABASE_AWAY:
        return None, None, []
