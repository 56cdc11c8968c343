"""What one eventful life leaves in Temporal's history: events and bytes, beside the least it can be.

Twenty activities, three holds placed and released, one extension of 90 days, each told by an update and
recorded before it is answered; then silence, the reminder, ten days of grace, the lapse on day 250.
"""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper, WorkflowEnvironment

from activities.errors import UnknownLead
from activities.ledger import LedgerActivities
from activities.letters import LeadLedger
from adapters.lead_gateway import TemporalLeadGateway
from benchmarks.result import Aim, Bound, Figure, Result
from protection.facts import HoldReason
from protection.policy import Policy, policy_to_json
from workers.nothing_personal import nothing_to_erase
from workers.registry import lead_worker
from workers.simulation import MemoryLedger, SilentMail, skipping_environment
from workflows import names
from workflows.messages import (
    GrantExtension,
    PlaceHold,
    RecordActivity,
    Register,
    ReleaseHold,
    StartLead,
    TellsFact,
    to_json,
)

EVENTS: Final = "scripted-life-events"
BYTES: Final = "scripted-life-bytes"
NAMES: Final = (EVENTS, BYTES)

# The design's minimum: the lazy timer told by updates takes 185 events and 20.7 kB without recording
# anything; the 27 recordings add one event of 350 bytes each.
LEAST_EVENTS: Final = 185 + 27
LEAST_BYTES: Final = 20_700 + 27 * 350

# What the clock of the test server adds by skipping; no server that waits writes it.
SKIPPING: Final = frozenset(
    name
    for name, _ in EventType.items()
    if "TIME_SKIPPING" in name or name.endswith("EXECUTION_OPTIONS_UPDATED")
)

_LEAD: Final = UUID("0f7e0000-0000-4000-8000-0000000011fe")
_TENANT: Final = UUID("0f7e0000-0000-4000-8000-0000000be9c0")
_BEGIN: Final = datetime(2031, 1, 6, 9, 0, tzinfo=UTC)
_ACTIVITIES: Final = range(9, 181, 9)  # days; the last one is day 180
_HOLDS: Final = {1: (30, 33), 2: (75, 78), 3: (120, 124)}
_EXTENSION: Final = 100
_OVER: Final = 260
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One update: on which day, with which message."""

    day: int
    message: TellsFact


class _NoLedgers:
    """The lead of the script is new: no ledger is ever read."""

    async def ledger(self, tenant: UUID, lead: UUID) -> LeadLedger:
        """See `activities.ports.LedgerReader`."""
        raise UnknownLead(f"no ledger of {lead} in {tenant}")


def script() -> list[Step]:
    """The 27 inputs in order."""
    steps = [
        Step(day, RecordActivity(by="agent", kind="QUALIFIED_CALL", fact_id=f"call-{day}"))
        for day in _ACTIVITIES
    ]
    for number, (placed, released) in _HOLDS.items():
        hold, who = f"hold-{number}", "manager"
        reason = HoldReason.FFZ_PRICE_APPROVAL
        steps.append(Step(placed, PlaceHold(by=who, reason=reason, hold=hold, fact_id=hold)))
        steps.append(Step(released, ReleaseHold(by=who, hold=hold, fact_id=f"end-{number}")))
    steps.append(Step(_EXTENSION, GrantExtension(by="manager", days=90, fact_id="extension")))
    return sorted(steps, key=lambda step: step.day)


async def live(environment: WorkflowEnvironment) -> list[HistoryEvent]:
    """Plays the script and answers the history, without what skipping adds."""
    ledger = MemoryLedger()
    workers = lead_worker(
        environment.client,
        LedgerActivities(ledger).record_facts,
        SilentMail().send_notification,
        nothing_to_erase(),
    )
    start = StartLead(
        hands_over=True,
        tenant=str(_TENANT),
        lead=str(_LEAD),
        policy=policy_to_json(Policy()),
        register=Register(by="agent", owner="agent"),
    )
    async with workers.lead, workers.mail:
        handle: WorkflowHandle[Any, Any] = await environment.client.start_workflow(
            names.LEAD_PROTECTION,
            to_json(start),
            id=names.workflow_id(_TENANT, _LEAD),
            task_queue=names.PROTECTION_QUEUE,
            start_delay=_BEGIN - datetime.now(UTC),
        )
        gateway = TemporalLeadGateway(environment.client, _NoLedgers())
        skipper = TimeSkipper(environment.client)
        for step in script():
            await _forward(environment, skipper, handle, step.day)
            await gateway.tell(_TENANT, _LEAD, step.message)
        await _forward(environment, skipper, handle, _OVER)
        ended = await handle.result()
        assert ended["status"] == "EXPIRED", ended
    return [
        event
        for event in (await handle.fetch_history()).events
        if EventType.Name(event.event_type) not in SKIPPING
    ]


async def _forward(
    environment: WorkflowEnvironment, skipper: TimeSkipper, handle: WorkflowHandle[Any, Any], day: int
) -> None:
    step = _BEGIN + timedelta(days=day) - await skipper.get_current_time(handle)
    await environment.fast_forward(handle, step)


def census(events: list[HistoryEvent]) -> Counter[str]:
    """How many events of which type."""
    return Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in events)


@contextmanager
def _programs_write_to_stderr() -> Iterator[None]:
    """Keeps standard output for results: the test server introduces itself there."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


async def measure(wanted: frozenset[str]) -> list[Result]:
    """Measures what is wanted of `NAMES`."""
    with _programs_write_to_stderr():
        async with skipping_environment() as environment:
            events = await live(environment)
    _log.info("%s", dict(census(events).most_common()))
    aim = Aim(Figure.RATIO, Bound.AT_MOST, 1.2)
    results = [
        Result(EVENTS, len(events), LEAST_EVENTS, "events", aim),
        Result(BYTES, sum(event.ByteSize() for event in events), LEAST_BYTES, "bytes", aim),
    ]
    return [result for result in results if result.name in wanted]
