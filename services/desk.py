"""Everything services work with; the API composes it in `api/main.py`, the command line in `cli/desk.py`."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.database import Connection, Pool, transaction
from adapters.lead_gateway import TemporalLeadGateway
from adapters.registry import SettingsRegistry
from adapters.vault import Vault
from services.asking import Asking

# How long a caller waits for a lead's clock before he is told to come again.
ANSWER_WITHIN: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Database, workflows and vault, for acting on somebody's behalf.

    Attributes:
        pool: connections as the application role; row security decides what they see.
        gateway: the workflows of leads.
        vault: where words and contacts go.
        registry: what the tenant has decided.
        within: how long a new lead may take to be on record.
    """

    pool: Pool
    gateway: TemporalLeadGateway
    vault: Vault
    registry: SettingsRegistry
    within: timedelta = ANSWER_WITHIN

    @staticmethod
    def now() -> datetime:
        """This moment, a UTC instant."""
        return datetime.now(UTC)

    def writing(
        self, asking: Asking, *, reason: str | None = None
    ) -> AbstractAsyncContextManager[Connection]:
        """A transaction on the caller's behalf; the audit notes this moment, and why if he says so."""
        caller = asking.caller
        return transaction(self.pool, caller.tenant, caller.user, caller.roles, at=self.now(), reason=reason)

    def looking(self, asking: Asking) -> AbstractAsyncContextManager[Connection]:
        """One reading of one state of all tables, with the caller's eyes."""
        caller = asking.caller
        return transaction(self.pool, caller.tenant, caller.user, caller.roles, reading=True)
