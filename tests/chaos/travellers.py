"""Leads whose own time jumps ahead, days at a time, on the server's skippable clock."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from temporalio.client import Client

from adapters.health import TEMPORAL_AWAY
from tests.chaos.journal import Ending, Journal, Kind
from workers.lead_clock import LeadClock
from workflows.names import workflow_id

_WITHIN: Final = 20.0
_DAYS: Final = (0.2, 25.0)


@dataclass(slots=True)
class Journeys:
    """How it went: jumps made, and those that nobody answered."""

    made: int = 0
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Trip:
    """Whose leads, by which chance, and how many seconds lie between two jumps."""

    tenant: UUID
    seed: int
    pause: float


async def travel(
    client: Client,
    journal: Journal,
    leads: Sequence[UUID],
    stop: asyncio.Event,
    journeys: Journeys,
    *,
    trip: Trip,
) -> None:
    """Moves one lead after the other ahead until told to stop; who has ended stays where it is."""
    chance = Random(f"{trip.seed}/travel")
    staying = list(leads)
    while not stop.is_set():
        await asyncio.sleep(trip.pause)
        if not staying:
            continue
        lead = chance.choice(staying)
        clock = LeadClock(client, client.get_workflow_handle(workflow_id(trip.tenant, lead)))
        operation = journal.begin(Kind.JUMP, lead, f"j{journeys.made + journeys.unanswered}")
        try:
            async with asyncio.timeout(_WITHIN):
                await clock.skip(await clock.now() + timedelta(days=chance.uniform(*_DAYS)))
        except TEMPORAL_AWAY:
            journeys.unanswered += 1
            continue
        journeys.made += 1
        journal.end(replace(operation, ending=Ending.ANSWERED, tries=1, at=datetime.now(UTC)))
        if clock.over:
            staying.remove(lead)
