"""Recording: facts, projection and audit of one lead in one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.records import (
    LEDGER_CONFLICT,
    RECORD_FACTS,
    LedgerConflict,
    LedgerStore,
    RecordCommand,
    Recorded,
)


class LedgerActivities:
    """Writes what a workflow decided. Run as a local activity by the lead's own workflow only."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store

    @activity.defn(name=RECORD_FACTS)
    async def record_facts(self, command: RecordCommand) -> dict[str, Any]:
        """Records the command; idempotent. Answers the revision stored, and what was recorded (`Recorded`).

        Raises:
            ApplicationError: type `ledger-conflict`, not retryable, with the ledger as it is in its
                details; anything else is tried again.
        """
        try:
            revision = await self._store.record(command)
        except LedgerConflict as conflict:
            ledger = await self._store.facts(UUID(command.tenant), UUID(command.lead))
            raise ApplicationError(
                str(conflict), ledger, type=LEDGER_CONFLICT, non_retryable=True
            ) from conflict
        return {"revision": revision} | Recorded.of(command).to_json()
