"""Asks the workflows of living leads whether they agree with what is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from temporalio.client import Client
from temporalio.service import RPCError

from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from adapters.reconcile_store import RecordedLead, known_leads, recorded_leads
from adapters.running_leads import running_leads, runs
from cli.console import Reading
from cli.importing.progress import ProgressView
from cli.reconciling import WATCHED, Check, Finding, differences, name_of, needs_workflow
from workflows import names

_AT_ONCE: Final = 16
# Row and workflow are read one after the other; what was recorded in between is no difference.
_LOOKS: Final = 4
_PAUSE: Final = timedelta(milliseconds=400)
_SILENT_ENOUGH: Final = 8


@dataclass(slots=True)
class Asked:
    """What the workflows said.

    Attributes:
        why_not: why they were not asked, or not all of them; None if they were.
        count: how many answered.
        started: leads whose workflow was missing and has been started.
    """

    why_not: str | None = None
    count: int = 0
    silent: int = 0
    findings: list[Finding] = field(default_factory=list)
    started: list[UUID] = field(default_factory=list)


async def ask_workflows(
    desk: Reading,
    client: Client,
    gateway: TemporalLeadGateway,
    open_leads: Sequence[RecordedLead],
    *,
    only: UUID | None,
    start: bool,
    view: ProgressView,
) -> Asked:
    """Compare every living lead with its workflow, and find workflows that should not be.

    Args:
        open_leads: the leads that need a workflow.
        only: just this lead is looked at.
        start: start workflows that are missing.
    """
    asked = Asked()
    survey = _Survey(desk, client, gateway, asked, start=start)
    view.phase("Asking", len(open_leads), "workflows")
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(lead: RecordedLead, *, listed: bool) -> None:
        async with gate:
            if asked.silent < _SILENT_ENOUGH and asked.why_not is None:
                try:
                    await survey.look_at(lead, listed=listed)
                except RPCError as error:
                    asked.why_not = _unanswered(error)
        view.advance(1)

    try:
        # Without the list every lead is looked up by itself.
        running = await running_leads(client, desk.tenant) if only is None else set[UUID]()
        await asyncio.gather(*(one(lead, listed=lead.id in running) for lead in open_leads))
        if only is None:
            await survey.find_strays(running)
    except RPCError as error:
        asked.why_not = _unanswered(error)
    if asked.silent >= _SILENT_ENOUGH:
        asked.why_not = "Workflows do not answer, so not all of them were asked. Is a worker running?"
    return asked


def _unanswered(error: RPCError) -> str:
    return f"Temporal does not answer ({error.status.name})."


class _Survey:
    """One round through the workflows."""

    def __init__(
        self, desk: Reading, client: Client, gateway: TemporalLeadGateway, asked: Asked, *, start: bool
    ) -> None:
        self._desk = desk
        self._client = client
        self._gateway = gateway
        self._asked = asked
        self._start = start

    async def look_at(self, lead: RecordedLead, *, listed: bool) -> None:
        """Compare one living lead with its workflow."""
        differing: list[str] = []
        newest: RecordedLead | None = lead
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(_PAUSE.total_seconds())
                newest = await self._again(lead.id)
            if newest is None or newest.projection is None or not needs_workflow(newest):
                return
            # The list of running workflows lags, and one that has ended still answers questions.
            if (look or not listed) and not await runs(self._client, self._desk.tenant, lead.id):
                if look == _LOOKS - 1 or not listed:
                    await self._missing(newest)
                    return
                continue
            try:
                view = await self._gateway.ask(self._desk.tenant, lead.id, names.PROTECTION)
            except LeadsUnavailable as error:
                self._asked.silent += 1
                self._find(lead, Check.WORKFLOW_SILENT, str(error))
                return
            except NoRunningLead:
                listed = False
                continue
            differing = differences(WATCHED, view, newest.projection)
            if not differing:
                self._asked.count += 1
                return
        self._asked.count += 1
        self._find(lead, Check.WORKFLOW_DIFFERS, "; ".join(differing))

    async def find_strays(self, running: set[UUID]) -> None:
        """Find workflows of leads that the database does not know."""
        async with self._desk.look() as connection:
            unknown = running - await known_leads(connection, self._desk.tenant, running)
        for lead in sorted(unknown):
            if await runs(self._client, self._desk.tenant, lead):
                detail = f"workflow {names.workflow_id(self._desk.tenant, lead)} runs"
                self._asked.findings.append(Finding(Check.STRAY_WORKFLOW, lead, str(lead), detail))

    async def _missing(self, lead: RecordedLead) -> None:
        again = await self._again(lead.id)
        if again is None or not needs_workflow(again):
            return
        if self._start:
            await self._gateway.start(self._desk.tenant, lead.id)
            self._asked.started.append(lead.id)
        else:
            self._find(lead, Check.NOT_RUNNING, "the lead is alive, but no workflow runs for it")

    def _find(self, lead: RecordedLead, check: Check, detail: str) -> None:
        self._asked.findings.append(Finding(check, lead.id, name_of(lead), detail))

    async def _again(self, lead: UUID) -> RecordedLead | None:
        async with self._desk.look() as connection:
            found = await recorded_leads(connection, self._desk.tenant, only=lead, most=1)
        return found[0] if found else None
