"""A reconciliation over PostgreSQL and the workflows of leads: the steps that the workflow has done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from temporalio.client import Client

from activities.reconciliation_orders import CompareStep, Reconciled
from adapters.database import Connection, Pool, load_queries, transaction
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.read_model import audit_first_broken
from adapters.reconcile.asking import Survey
from adapters.reconcile.comparing import Check, Finding, compare, needs_workflow
from adapters.reconcile.repairing import Repairer
from adapters.reconcile_store import RecordedLead, recorded_leads
from adapters.reconciliation_store import (
    KeptFinding,
    begin_run,
    finish_run,
    keep_finding,
    overseeing,
    tenants,
)
from adapters.running_leads import running_leads

ACTOR: Final = "reconciliation"
# Leads looked at a time, so that people's own acts find room beside them.
_AT_ONCE: Final = 8
# Leads read with everything at a time.
_READ: Final = 50
_FIRST: Final = UUID(int=0)
_AUDIT: Final = load_queries("erasure")


class PostgresReconciler:
    """See `activities.reconciliation.Reconciler`.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
    """

    def __init__(self, pool: Pool, client: Client) -> None:
        self._pool = pool
        self._client = client
        self._gateway = TemporalLeadGateway(client, PostgresPeople(pool))

    async def tenants(self) -> list[UUID]:
        """See `Reconciler`."""
        async with overseeing(self._pool) as connection:
            return await tenants(connection)

    async def begin(self, tenant: UUID, run: UUID, *, by: str, at: datetime) -> None:
        """See `Reconciler`."""
        async with transaction(self._pool, tenant, ACTOR) as connection:
            await begin_run(connection, tenant, run, by=by, at=at)

    async def compare(
        self, tenant: UUID, run: UUID, *, after: UUID | None, most: int, repair: bool
    ) -> CompareStep:
        """See `Reconciler`."""
        last, leads, workflows = after or _FIRST, 0, 0
        while leads < most:
            async with self._look(tenant) as connection:
                batch = await recorded_leads(connection, tenant, after=last, most=min(_READ, most - leads))
            if not batch:
                return CompareStep(None, leads, workflows)
            workflows += await self._look_at(tenant, run, batch, repair=repair)
            last, leads = batch[-1].id, leads + len(batch)
        return CompareStep(str(last), leads, workflows)

    async def finish(
        self, tenant: UUID, run: UUID, *, by: str, leads: int, workflows: int
    ) -> Reconciled | None:
        """See `Reconciler`."""
        running = await running_leads(self._client, tenant)
        strays = await self._survey(tenant).strays(running)
        async with self._look(tenant) as connection:
            broken = await audit_first_broken(connection, tenant)
        if broken is not None:
            strays.append(Finding(Check.AUDIT_BROKEN, None, "audit", f"the chain is broken at row {broken}"))
        now = datetime.now(UTC)
        async with transaction(self._pool, tenant, by, at=now) as connection:
            for finding in strays:
                await keep_finding(connection, tenant, run, _kept(finding))
            done = await finish_run(
                connection, tenant, run, leads=leads, workflows=workflows, first_broken=broken, at=now
            )
            if done is None:
                return None
            result = Reconciled(
                tenant=str(tenant),
                run=str(run),
                leads=leads,
                workflows=workflows,
                repaired=dict(done.repaired),
                found=dict(done.found),
                first_broken_audit=broken,
            )
            counts = {"leads": leads, "repaired": result.repaired, "found": result.found}
            await _AUDIT.tell_audit(
                connection, what="reconciled", lead=None, after=counts, reason=None, at=now
            )
        return result

    async def _look_at(self, tenant: UUID, run: UUID, batch: list[RecordedLead], *, repair: bool) -> int:
        """Look at these leads side by side; answers how many of their workflows have answered."""
        survey = self._survey(tenant)
        repairer = Repairer(tenant, survey, self._gateway)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(lead: RecordedLead) -> bool:
            async with turns:
                findings = list(compare(tenant, lead, datetime.now(UTC)))
                answered = False
                if needs_workflow(lead):
                    heard = await survey.ask(lead)
                    answered = heard.answered
                    findings += [] if heard.finding is None else [heard.finding]
                if findings:
                    # On record before anything is put right, so that nothing is put right unseen.
                    await self._keep(tenant, run, findings)
                    left = await repairer.repair(lead, findings) if repair else findings
                    await self._keep(tenant, run, findings, left)
                return answered

        return sum(await asyncio.gather(*(one(lead) for lead in batch)))

    async def _keep(
        self, tenant: UUID, run: UUID, findings: list[Finding], left: list[Finding] | None = None
    ) -> None:
        """Keep what was found; `left` is what is still so after a repair, of which the audit tells."""
        still = None if left is None else {finding.check for finding in left}
        now = datetime.now(UTC)
        async with transaction(self._pool, tenant, ACTOR, at=now) as connection:
            for finding in findings:
                repaired = still is not None and finding.check not in still
                news = await keep_finding(connection, tenant, run, _kept(finding, repaired=repaired))
                if news or not repaired:
                    await self._tell(connection, run, finding, now, repaired=repaired)
            for finding in left or []:
                if finding.check not in {known.check for known in findings}:
                    await keep_finding(connection, tenant, run, _kept(finding))

    @staticmethod
    async def _tell(
        connection: Connection, run: UUID, finding: Finding, now: datetime, *, repaired: bool
    ) -> None:
        await _AUDIT.tell_audit(
            connection,
            what=f"{'repaired' if repaired else 'found'}:{finding.check}",
            lead=finding.lead,
            after={"run": str(run), "detail": finding.detail},
            reason=None,
            at=now,
        )

    def _survey(self, tenant: UUID) -> Survey:
        return Survey(lambda: self._look(tenant), tenant, self._client, self._gateway)

    @asynccontextmanager
    async def _look(self, tenant: UUID) -> AsyncIterator[Connection]:
        async with transaction(self._pool, tenant, ACTOR, reading=True) as connection:
            yield connection


def _kept(finding: Finding, *, repaired: bool = False) -> KeptFinding:
    return KeptFinding(finding.lead, str(finding.check), finding.detail, repaired)
