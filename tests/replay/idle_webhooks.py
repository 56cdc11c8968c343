"""The workflow `webhook-event` as it must not become: what was recorded does not replay on it."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

from workflows.webhook_start import WEBHOOK_EVENT


@workflow.defn(name=WEBHOOK_EVENT)
class IdleWebhookEvent:
    """Does nothing."""

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, str]:
        """Answers at once."""
        return {}
