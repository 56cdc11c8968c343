"""The workflow `owed-mail`: sends a notification that the ledger demands and whose order was lost.

Started by a rebuild only. Nobody is told twice: a notification that was sent is found under its key.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows import names
from workflows.sending import send

with workflow.unsafe.imports_passed_through():
    from activities.orders import NotificationOrder
    from protection.dates import format_instant
    from protection.refusal import Refused
    from workflows.mail_start import StartMail
    from workflows.messages import parse


@workflow.defn(name=names.OWED_MAIL)
class OwedMail:
    """Sends one notification."""

    @workflow.run
    async def run(self, raw: Any = None) -> str:
        """Answers how it ended for the first reader: see `NotificationOutcome`."""
        try:
            start = parse(StartMail, raw)
        except Refused as refused:
            raise ApplicationError(
                refused.message, refused.field, type=str(refused.code), non_retryable=True
            ) from refused
        result = await send(
            NotificationOrder(start.tenant, start.lead, start.kind, start.cycle, format_instant(start.due_at))
        )
        return str(result.outcome)
