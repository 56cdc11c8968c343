"""`erp-sync` reads what is new in the ERP, `erp-reconcile` everything, `erp-order` sees to one order.

None of them moves a deadline by failing: what could not be read is read the next time, news that are on
record are used when their lead answers, and every step may be repeated.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from workflows import options

with workflow.unsafe.imports_passed_through():
    from activities.erp_orders import (
        PULL_ERP,
        RECONCILE_ERP,
        SETTLE_ERP,
        SETTLE_ORDER,
        BoxOrder,
        ErpSettled,
        OrderState,
        Pulled,
        PullOrder,
        Resource,
        Source,
        TenantOrder,
    )
    from protection.dates import format_instant
    from protection.refusal import Refused
    from workflows.erp_start import ERP_ORDER, ERP_RECONCILE, ERP_SYNC, StartErp, StartErpOrder
    from workflows.messages import parse

_FAILED = "failed"


def _refused(refused: Refused) -> ApplicationError:
    return ApplicationError(refused.message, refused.field, type=str(refused.code), non_retryable=True)


async def _read_all(tenant: str, source: Source) -> dict[str, Any]:
    """Reads one kind after the other; one that fails does not keep the next from being read."""
    came: dict[str, Any] = {}
    for resource in Resource:
        try:
            pulled: Pulled = await workflow.execute_activity(
                PULL_ERP,
                PullOrder(tenant, resource, source, format_instant(workflow.now())),
                result_type=Pulled,
                start_to_close_timeout=options.ERP_READING,
                schedule_to_close_timeout=options.ERP_READING_IN_ALL,
                heartbeat_timeout=options.ERP_HEARTBEAT,
                retry_policy=options.ERP_RETRY,
                summary=str(resource),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            came[resource] = _FAILED
        else:
            came[resource] = {"read": pulled.read, "news": pulled.news, "skipped": pulled.skipped}
    return came


async def _use(tenant: str) -> dict[str, int]:
    """Uses the news there are; some leads' clocks may take their time."""
    came: dict[str, int] = {}
    more = True
    while more:
        settled: ErpSettled = await workflow.execute_activity(
            SETTLE_ERP,
            TenantOrder(tenant, format_instant(workflow.now())),
            result_type=ErpSettled,
            start_to_close_timeout=options.ERP_READING,
            schedule_to_close_timeout=options.ERP_USING_IN_ALL,
            retry_policy=options.ERP_RETRY,
        )
        for outcome, number in settled.outcomes.items():
            came[outcome] = came.get(outcome, 0) + number
        more = settled.more
    return came


def _show(came: dict[str, Any]) -> None:
    failed = [name for name, one in came.items() if one == _FAILED]
    workflow.set_current_details(f"Not read: {', '.join(failed)}." if failed else "Everything was read.")


@workflow.defn(name=ERP_SYNC)
class ErpSync:
    """Reads what is new."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """Answers what was read of each kind, and what came of the news."""
        try:
            start = parse(StartErp, raw)
        except Refused as refused:
            raise _refused(refused) from refused
        came = await _read_all(start.tenant, Source.SYNC)
        _show(came)
        return {"read": came, "outcomes": await _use(start.tenant)}


@workflow.defn(name=ERP_RECONCILE)
class ErpReconcile:
    """Reads everything again, and looks for each of our orders there."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """Answers as `erp-sync`, and how many orders were looked for and not found."""
        try:
            start = parse(StartErp, raw)
        except Refused as refused:
            raise _refused(refused) from refused
        came = await _read_all(start.tenant, Source.RECONCILE)
        _show(came)
        outcomes = await _use(start.tenant)
        looked: Pulled = await workflow.execute_activity(
            RECONCILE_ERP,
            TenantOrder(start.tenant, format_instant(workflow.now())),
            result_type=Pulled,
            start_to_close_timeout=options.ERP_READING,
            schedule_to_close_timeout=options.ERP_USING_IN_ALL,
            heartbeat_timeout=options.ERP_HEARTBEAT,
            retry_policy=options.ERP_RETRY,
        )
        return {"read": came, "outcomes": outcomes, "orders": looked.read, "gone": looked.news}


@workflow.defn(name=ERP_ORDER)
class ErpOrder:
    """Makes a box an order in the ERP, or calls the order off; as often as it takes."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, str]:
        """Answers in which state the order is."""
        try:
            start = parse(StartErpOrder, raw)
        except Refused as refused:
            raise _refused(refused) from refused
        state: OrderState = await workflow.execute_activity(
            SETTLE_ORDER,
            BoxOrder(start.tenant, start.lead, start.box, format_instant(workflow.now())),
            result_type=OrderState,
            start_to_close_timeout=options.ERP_ATTEMPT,
            retry_policy=options.ERP_RETRY,
        )
        return {"state": state.state}
