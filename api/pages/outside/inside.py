"""What nothing works without: the database, and Temporal."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from adapters.health import database_answers, temporal_answers
from adapters.outside import clocks_standing, database_version
from adapters.readiness import Part, workers_standing
from api.pages.outside.shape import Found, Integration, Line, SystemState, asked
from api.pages.texts import N_
from api.pages.view import View


async def _database(view: View) -> Found:
    began = time.perf_counter()
    up = await database_answers(view.wiring.app)
    taken = round(1000 * (time.perf_counter() - began))
    lines: tuple[Line, ...] = ()
    if up:
        async with view.looking() as connection:
            version = await database_version(connection)
        lines = (Line(N_("Server"), f"PostgreSQL {version}"), Line(N_("Answered within"), f"{taken} ms"))
    return asked(
        view,
        "database",
        up=up,
        lines=lines,
        advice=N_("Start PostgreSQL, or correct DATABASE_URL. Nothing works without it."),
    )


async def _temporal(view: View) -> Found:
    client = view.wiring.temporal
    up = await temporal_answers(client)
    advice = N_("Start the Temporal server, or correct TEMPORAL_ADDRESS. Clocks stand until it is back.")
    if not up:
        return asked(view, "temporal", up=False, lines=(), advice=advice)
    found = asked(view, "temporal", up=True, lines=(Line(N_("Namespace"), client.namespace),), advice=advice)
    queue, working = await asyncio.gather(clocks_standing(client), workers_standing(client, as_of=view.now()))
    if queue is None:
        return found
    # Temporal counts a worker for minutes after its last question; one that is stopped shows by its silence.
    asked_for = queue.workers > 0 and working is not Part.DOWN
    lines = (*found.lines, Line(N_("Workers"), queue.workers), Line(N_("Tasks waiting"), queue.backlog))
    return Found(
        state=SystemState.UP if asked_for else SystemState.TROUBLED,
        worked=found.worked,
        failed=found.failed,
        lines=lines,
        advice=None
        if asked_for
        else N_("No worker keeps the clocks. What to do: docs/operations/alerts/worker-absent.md"),
    )


DATABASE: Final = Integration(
    "database", N_("Database"), N_("Keeps ledger, audit and everything people read."), _database
)
TEMPORAL: Final = Integration("temporal", N_("Temporal"), N_("Keeps the clock of every lead."), _temporal)
