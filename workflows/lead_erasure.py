"""The workflow `lead-erasure`: one per lead whose personal data are to go.

Ends what is running first, waits while somebody may object, then erases. A lead that was brought back, has
become a customer, or is under a legal hold keeps its data; the answer says why.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows import names, options

with workflow.unsafe.imports_passed_through():
    from activities.erasure_orders import (
        END_PROTECTION,
        ERASE_PERSONAL_DATA,
        EXAMINE_ERASURE,
        Cause,
        Erasure,
        ErasureOrder,
        Examined,
        Obstacle,
    )
    from protection.dates import format_instant
    from protection.refusal import Refused
    from workflows.erasure_start import StartErasure
    from workflows.messages import parse

T = TypeVar("T")


@workflow.defn(name=names.LEAD_ERASURE)
class LeadErasure:
    """Erases one lead's personal data, or says why not."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """Answers `{"outcome": "erased" | "kept", "obstacle", "receipt", "rows"}`."""
        try:
            start = parse(StartErasure, raw)
        except Refused as refused:
            raise ApplicationError(
                refused.message, refused.field, type=str(refused.code), non_retryable=True
            ) from refused
        erasure = str(workflow.uuid4())
        examined = await self._do(EXAMINE_ERASURE, self._order(start, erasure), Examined)
        if examined.obstacle is not None:
            return self._kept(examined.obstacle)
        if examined.living:
            if start.cause is Cause.LAPSE:
                return self._kept(Obstacle.LIVING)
            workflow.set_current_details("Protection is being ended first.")
            ended = await self._do(END_PROTECTION, self._order(start, erasure), Examined)
            if ended.obstacle is not None:
                return self._kept(ended.obstacle)
        elif start.cause is Cause.LAPSE:
            await self._wait_for_objections(start.objection_days, examined.objection_days)
        done = await self._do(ERASE_PERSONAL_DATA, self._order(start, erasure), Erasure)
        if done.obstacle is not None:
            return self._kept(done.obstacle)
        workflow.set_current_details(f"Erased; rows emptied: {done.rows}.")
        return {"outcome": "erased", "obstacle": None, "receipt": done.receipt, "rows": done.rows}

    async def _wait_for_objections(self, wanted: int | None, configured: int) -> None:
        days = configured if wanted is None else wanted
        if days == 0:
            return
        until = workflow.now() + timedelta(days=days)
        workflow.set_current_details(
            f"Waits for objections until {format_instant(until)}. "
            "To object: reinstate the lead, or put down a legal hold."
        )
        await workflow.sleep(timedelta(days=days), summary=f"objections until {format_instant(until)}")

    async def _do(self, name: str, order: ErasureOrder, kind: type[T]) -> T:
        answer: T = await workflow.execute_activity(
            name,
            order,
            result_type=kind,
            start_to_close_timeout=options.ERASURE_ATTEMPT,
            retry_policy=options.ERASURE_RETRY,
        )
        return answer

    @staticmethod
    def _order(start: StartErasure, erasure: str) -> ErasureOrder:
        return ErasureOrder(
            tenant=start.tenant,
            lead=start.lead,
            erasure=erasure,
            cause=start.cause,
            by=start.by,
            at=format_instant(workflow.now()),
        )

    @staticmethod
    def _kept(obstacle: Obstacle) -> dict[str, Any]:
        workflow.set_current_details(f"Nothing was erased: {obstacle}.")
        return {"outcome": "kept", "obstacle": str(obstacle), "receipt": None, "rows": 0}
