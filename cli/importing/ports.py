"""What an import needs from the outside; adapters implement it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from activities.records import RecordCommand
from adapters.import_store import LiveTwin, StoredLead, User
from adapters.lead_entry import LeadEntry
from protection.policy import Policy


class ImportStore(Protocol):
    """Where leads are recorded. Every method is one transaction."""

    async def prepare(self, tenant: UUID, new_name: str | None, *, at: datetime) -> Policy:
        """Makes sure that the tenant is there; answers the policy of its new leads."""
        ...

    async def present_policy(self, tenant: UUID, *, at: datetime) -> Policy | None:
        """The same policy, without leaving a trace; None where the tenant is not there."""
        ...

    async def known(self, tenant: UUID, external_ids: Sequence[str]) -> Mapping[str, StoredLead]:
        """The leads among these that are already there, by external id."""
        ...

    async def twins(self, tenant: UUID, lead_keys: Sequence[str], at: datetime) -> Sequence[LiveTwin]:
        """The live leads that say one of these companies and places."""
        ...

    async def fact_ids(self, tenant: UUID, leads: Sequence[UUID]) -> Mapping[UUID, frozenset[str]]:
        """The ids of the facts in these leads' ledgers."""
        ...

    async def add_users(self, tenant: UUID, users: Sequence[User]) -> None:
        """Adds the users that are not there yet; leaves the others as they are."""
        ...

    async def owners(self, tenant: UUID, emails: Sequence[str], *, add: bool) -> Mapping[str, str]:
        """The user ids behind these addresses; with `add`, users are made of those not there yet."""
        ...

    async def record(
        self, tenant: UUID, entries: Sequence[LeadEntry], commands: Sequence[RecordCommand]
    ) -> None:
        """Records leads, contacts, ledgers, projections, holds and audit; repeating it changes nothing."""
        ...


class LeadGateway(Protocol):
    """Where a lead's workflow is started."""

    async def start(self, tenant: UUID, lead: UUID) -> None:
        """Starts the lead's workflow from its ledger; one that already runs is fine."""
        ...
