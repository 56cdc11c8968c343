"""The workflow `lead-classify`: has a model say what sort of customer a new lead would be.

Its answers are proposals. Nothing of it touches the lead's clock, so nothing is lost where it comes to
nothing: whom nobody answers for a day it gives up.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from workflows import names, options

with workflow.unsafe.imports_passed_through():
    from activities.ai.classify_orders import (
        CLASSIFY_LEAD,
        DETECT_CONTACT_ROLE,
        Classified,
        ClassifyOrder,
        ClassifySeen,
    )
    from protection.refusal import Refused
    from workflows.ai_start import StartClassify
    from workflows.messages import parse


@workflow.defn(name=names.LEAD_CLASSIFY)
class LeadClassify:
    """Classifies one lead."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, str]:
        """Answers what came of both steps, by their names."""
        try:
            start = parse(StartClassify, raw)
        except Refused as refused:
            raise ApplicationError(
                refused.message, refused.field, type=str(refused.code), non_retryable=True
            ) from refused
        order = ClassifyOrder(start.tenant, start.lead)
        done: dict[str, str] = {}
        for step in (CLASSIFY_LEAD, DETECT_CONTACT_ROLE):
            done[step] = await self._step(step, order)
            workflow.set_current_details(", ".join(f"{name}: {outcome}" for name, outcome in done.items()))
        return done

    async def _step(self, step: str, order: ClassifyOrder) -> str:
        try:
            seen: ClassifySeen = await workflow.execute_activity(
                step,
                order,
                result_type=ClassifySeen,
                start_to_close_timeout=options.AI_ATTEMPT,
                schedule_to_close_timeout=options.AI_IN_ALL,
                retry_policy=options.AI_RETRY,
            )
        except ActivityError:
            return str(Classified.GIVEN_UP)
        return seen.outcome
