"""The workflow `inbound-mail`: a mail for which somebody outside is needed, until a person can decide.

Whose mail it is, is found out first. Then a model may say what it is about, and it is proposed as a reaction
of the customer; or, where a mail server tells that a reminder came back, the lead's clock is told. The mail
itself stays in the database.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from workflows import names, options

with workflow.unsafe.imports_passed_through():
    from activities.ai.orders import AI_QUEUE
    from activities.inbox_orders import (
        CATEGORISE_MAIL,
        PROPOSE_REACTION,
        SORT_MAIL,
        TELL_BOUNCE,
        MailOrder,
        NextStep,
        Sorted,
    )
    from protection.refusal import Refused
    from workflows.inbox_start import StartInboundMail
    from workflows.messages import parse


@workflow.defn(name=names.INBOUND_MAIL)
class InboundMail:
    """Sees one mail through."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """Answers what came of the mail: `{"outcome"}`."""
        try:
            start = parse(StartInboundMail, raw)
        except Refused as refused:
            raise ApplicationError(
                refused.message, refused.field, type=str(refused.code), non_retryable=True
            ) from refused
        order = MailOrder(start.tenant, start.mail)
        done = await self._do(SORT_MAIL, order)
        if done.step is NextStep.CATEGORISE:
            await self._categorise(order)
            done = await self._do(PROPOSE_REACTION, order)
        elif done.step is NextStep.TELL_BOUNCE:
            done = await self._do(TELL_BOUNCE, order)
        workflow.set_current_details(f"**{done.outcome or 'settled'}**")
        return {"outcome": done.outcome}

    async def _do(self, step: str, order: MailOrder) -> Sorted:
        done: Sorted = await workflow.execute_activity(
            step,
            order,
            result_type=Sorted,
            start_to_close_timeout=options.INBOX_ATTEMPT,
            retry_policy=options.INBOX_RETRY,
            summary=step,
        )
        return done

    async def _categorise(self, order: MailOrder) -> None:
        """Without an answer in time the mail is proposed all the same."""
        try:
            await workflow.execute_activity(
                CATEGORISE_MAIL,
                order,
                task_queue=AI_QUEUE,
                result_type=Sorted,
                start_to_close_timeout=options.CATEGORY_ATTEMPT,
                schedule_to_close_timeout=options.CATEGORY_IN_ALL,
                retry_policy=options.INBOX_RETRY,
                summary=CATEGORISE_MAIL,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            workflow.set_current_details("no model said what the mail is about")
