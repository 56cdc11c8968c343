"""The workflow `reconciliation`: what is recorded is compared, put right where that is safe, else reported.

Started every night by a schedule, for all tenants, or for one by somebody who asks. A step compares a batch
of leads; what it found is on record, so that a step tried again finds nothing twice.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows import names, options

with workflow.unsafe.imports_passed_through():
    from activities.reconciliation_orders import (
        COMPARE_LEADS,
        FINISH_RECONCILIATION,
        LIST_TENANTS,
        CompareOrder,
        CompareStep,
        FinishOrder,
        Reconciled,
    )
    from protection.dates import format_instant
    from protection.refusal import Refused
    from workflows.messages import parse, to_json
    from workflows.reconciliation_start import StartReconciliation, Underway


@workflow.defn(name=names.RECONCILIATION)
class Reconciliation:
    """Compares ledger, projection, SQL twin and workflows of all leads."""

    def __init__(self) -> None:
        self._steps = 0
        self._tenants_left = 0
        self._leads = 0

    @workflow.run
    async def run(self, raw: Any = None) -> list[dict[str, Any]]:
        """Answers what came of each tenant of this run: see `Reconciled`."""
        try:
            start = parse(StartReconciliation, raw)
        except Refused as refused:
            raise ApplicationError(
                refused.message, refused.field, type=str(refused.code), non_retryable=True
            ) from refused
        tenants = await self._all_tenants() if start.tenants is None else start.tenants
        done: list[dict[str, Any]] = []
        underway = start.underway
        for number, tenant in enumerate(tenants):
            self._tenants_left = len(tenants) - number
            left = replace(start, tenants=tenants[number:])
            done.append(asdict(await self._tenant(left, tenant, underway)))
            underway = None
        return done

    @workflow.query(name=names.PROGRESS)
    def progress(self) -> dict[str, int]:
        """How far it is: leads of the tenant in hand, and how many tenants are left with it."""
        return {"leads": self._leads, "tenants_left": self._tenants_left}

    async def _tenant(self, start: StartReconciliation, tenant: str, underway: Underway | None) -> Reconciled:
        run = str(workflow.uuid4()) if underway is None else underway.run
        after = None if underway is None else underway.after
        leads, workflows = (0, 0) if underway is None else (underway.leads, underway.workflows)
        while True:
            if self._steps == start.steps and after is not None:
                on = Underway(run=run, after=after, leads=leads, workflows=workflows)
                workflow.continue_as_new(to_json(replace(start, underway=on)))
            self._steps += 1
            step = await self._compare(start, tenant, run, after)
            leads, workflows = leads + step.leads, workflows + step.workflows
            self._leads, after = leads, step.after
            workflow.set_current_details(f"{leads} leads of tenant {tenant} compared.")
            if after is None:
                return await self._finish(start, tenant, run, leads, workflows)

    async def _all_tenants(self) -> list[str]:
        listed: list[str] = await workflow.execute_activity(
            LIST_TENANTS,
            result_type=list[str],
            start_to_close_timeout=options.RECONCILE_LISTING,
            retry_policy=options.RECONCILE_RETRY,
        )
        return listed

    async def _compare(
        self, start: StartReconciliation, tenant: str, run: str, after: str | None
    ) -> CompareStep:
        step: CompareStep = await workflow.execute_activity(
            COMPARE_LEADS,
            CompareOrder(
                tenant=tenant,
                run=run,
                by=start.by,
                at=format_instant(workflow.info().start_time),
                most=start.batch,
                repair=start.repair,
                after=after,
            ),
            result_type=CompareStep,
            start_to_close_timeout=options.RECONCILE_ATTEMPT,
            heartbeat_timeout=options.RECONCILE_HEARTBEAT,
            retry_policy=options.RECONCILE_RETRY,
        )
        return step

    async def _finish(
        self, start: StartReconciliation, tenant: str, run: str, leads: int, workflows: int
    ) -> Reconciled:
        done: Reconciled = await workflow.execute_activity(
            FINISH_RECONCILIATION,
            FinishOrder(tenant=tenant, run=run, by=start.by, leads=leads, workflows=workflows),
            result_type=Reconciled,
            start_to_close_timeout=options.RECONCILE_ATTEMPT,
            heartbeat_timeout=options.RECONCILE_HEARTBEAT,
            retry_policy=options.RECONCILE_RETRY,
        )
        return done
