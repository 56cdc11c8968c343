"""The workflow `webhook-event`: one piece of news of a system outside, handled, or a dead letter.

Handling is tried many times over some hours, because what it needs may be away. After that somebody has to
look: the row says so, and a replay starts this again.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception
from temporalio.exceptions import TimeoutError as TimedOut

from workflows import options

with workflow.unsafe.imports_passed_through():
    from activities.webhook_orders import (
        HANDLE_CREDIT_EVENT,
        HANDLE_ERP_EVENT,
        SETTLE_WEBHOOK_EVENT,
        EventState,
        Handled,
        SettleOrder,
        Source,
        WebhookOrder,
    )
    from protection.dates import format_instant
    from protection.refusal import Refused
    from workflows.messages import parse
    from workflows.webhook_start import WEBHOOK_EVENT, StartWebhookEvent

_HANDLERS = {Source.ALLIANZ: HANDLE_CREDIT_EVENT, Source.XENTRAL: HANDLE_ERP_EVENT}


@workflow.defn(name=WEBHOOK_EVENT)
class WebhookEvent:
    """Sees to one piece of news."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, str]:
        """Answers `{"state", "outcome"}`."""
        try:
            start = parse(StartWebhookEvent, raw)
        except Refused as refused:
            raise ApplicationError(
                refused.message, refused.field, type=str(refused.code), non_retryable=True
            ) from refused
        try:
            handled: Handled = await workflow.execute_activity(
                _HANDLERS[start.source],
                WebhookOrder(start.tenant, start.event),
                result_type=Handled,
                start_to_close_timeout=options.WEBHOOK_ATTEMPT,
                retry_policy=options.WEBHOOK_RETRY,
            )
            state, outcome = EventState.HANDLED, _plain(handled.outcome)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            state, outcome = EventState.DEAD, _why(error)
        await workflow.execute_activity(
            SETTLE_WEBHOOK_EVENT,
            SettleOrder(
                start.tenant, start.event, start.round, state, outcome, format_instant(workflow.now())
            ),
            start_to_close_timeout=options.WEBHOOK_ATTEMPT,
            retry_policy=options.SAMPLE_RETRY,
        )
        workflow.set_current_details(_in_words(state, outcome))
        return {"state": str(state), "outcome": outcome}


def _why(error: ActivityError) -> str:
    """The type of the last error."""
    if isinstance(error.cause, TimedOut):
        return "timed-out"
    kind = error.cause.type if isinstance(error.cause, ApplicationError) else None
    return _plain(kind or "failed")


def _plain(text: str) -> str:
    """The form in which an outcome is kept."""
    told = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in text[:60]).strip("-")
    return told or "none"


def _in_words(state: EventState, outcome: str) -> str:
    if state is EventState.DEAD:
        return f"Given up ({outcome}): a dead letter on the page Integrations, where it can be tried again."
    return f"Handled: {outcome}."
