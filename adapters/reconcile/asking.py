"""Asks the workflows of living leads whether they agree with what is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from temporalio.client import Client

from adapters.database import Connection
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from adapters.reconcile.comparing import WATCHED, Check, Finding, differences, name_of, needs_workflow
from adapters.reconcile_store import RecordedLead, known_leads, recorded_leads
from adapters.running_leads import came_to_work, runs
from workflows import names

# One reading of one state of all tables.
Look: TypeAlias = Callable[[], AbstractAsyncContextManager[Connection]]

# Row and workflow are read one after the other; what was recorded in between is no difference.
_LOOKS: Final = 4
_PAUSE: Final = timedelta(milliseconds=400)


@dataclass(frozen=True, slots=True)
class Heard:
    """What asking one workflow brought.

    Attributes:
        answered: whether it has told where its lead stands.
        finding: what does not agree; None where nothing does not, or nobody needs to run.
    """

    answered: bool
    finding: Finding | None = None


class Survey:
    """One round through the workflows of a tenant.

    Args:
        look: opens the database for reading.
        tenant: whose leads.
        client: where the workflows are.
        gateway: the same, for questions.
    """

    def __init__(self, look: Look, tenant: UUID, client: Client, gateway: TemporalLeadGateway) -> None:
        self._look = look
        self._tenant = tenant
        self._client = client
        self._gateway = gateway

    async def ask(self, lead: RecordedLead, *, listed: bool = False) -> Heard:
        """Compare one living lead with its workflow.

        Args:
            listed: Temporal lists it as running.

        Raises:
            RPCError: Temporal does not answer.
        """
        differing: list[str] = []
        ahead = False
        silent = False
        newest: RecordedLead | None = lead
        for look in range(_LOOKS):
            if look:
                await asyncio.sleep(_PAUSE.total_seconds())
                newest = await self.again(lead.id)
            if newest is None or newest.projection is None or not needs_workflow(newest):
                return Heard(answered=False)
            # The list of running workflows lags, and one that has ended still answers questions.
            if (look or not listed) and not await runs(self._client, self._tenant, lead.id):
                if look == _LOOKS - 1 or not listed:
                    return await self._missing(newest)
                continue
            try:
                view: dict[str, Any] = await self._gateway.ask(self._tenant, lead.id, names.PROTECTION)
            except LeadsUnavailable as error:
                # A busy worker answers one of thousands too late; who is stuck is silent twice.
                if silent or look == _LOOKS - 1:
                    return Heard(False, _finding(lead, Check.WORKFLOW_SILENT, str(error)))
                silent = True
                continue
            except NoRunningLead:
                listed = False
                continue
            ahead = _ahead(view, newest)
            differing = differences(WATCHED, view, newest.projection)
            if not differing and not ahead:
                return Heard(answered=True)
        check = Check.LEDGER_BEHIND if ahead else Check.WORKFLOW_DIFFERS
        detail = "; ".join(differing) or "the workflow knows more facts"
        return Heard(True, _finding(lead, check, detail))

    async def strays(self, running: set[UUID]) -> list[Finding]:
        """Workflows of leads that the database does not know.

        Raises:
            RPCError: Temporal does not answer.
        """
        async with self._look() as connection:
            unknown = running - await known_leads(connection, self._tenant, running)
        found: list[Finding] = []
        for lead in sorted(unknown):
            if await runs(self._client, self._tenant, lead):
                detail = f"workflow {names.workflow_id(self._tenant, lead)} runs"
                found.append(Finding(Check.STRAY_WORKFLOW, lead, str(lead), detail))
        return found

    async def again(self, lead: UUID) -> RecordedLead | None:
        """What is recorded of a lead now; None if there is none."""
        async with self._look() as connection:
            found = await recorded_leads(connection, self._tenant, only=lead, most=1)
        return found[0] if found else None

    async def _missing(self, lead: RecordedLead) -> Heard:
        again = await self.again(lead.id)
        if again is None or not needs_workflow(again):
            return Heard(answered=False)
        # One that has ended still tells what it knew, if somebody restored the database from before its end.
        view: dict[str, Any] = {}
        try:
            if await came_to_work(self._client, self._tenant, lead.id):
                view = await self._gateway.ask(self._tenant, lead.id, names.PROTECTION)
        except NoRunningLead:
            view = {}
        except LeadsUnavailable as error:
            return Heard(False, _finding(lead, Check.WORKFLOW_SILENT, str(error)))
        if _ahead(view, again):
            detail = f"its workflow has ended as {view.get('status')} at revision {view.get('revision')}"
            return Heard(False, _finding(lead, Check.LEDGER_BEHIND, detail))
        detail = "the lead is alive, but no workflow runs for it"
        return Heard(False, _finding(lead, Check.NOT_RUNNING, detail))


def _ahead(view: Mapping[str, Any], lead: RecordedLead) -> bool:
    """Whether a workflow knows more facts than the ledger."""
    return int(view.get("revision", 0)) > len(lead.revisions)


def _finding(lead: RecordedLead, check: Check, detail: str) -> Finding:
    return Finding(check, lead.id, name_of(lead), detail)
