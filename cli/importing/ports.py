"""What an import needs from the outside; adapters implement it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from cli.importing.replay import Outcome
from protection.policy import Policy
from protection.state import Status


class Role(StrEnum):
    """What a user may do (domain.md section 6)."""

    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Locale(StrEnum):
    """Languages people are written to in."""

    DE = "de"
    EN = "en"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of the company or an agent; never a lead's contact.

    Attributes:
        id: the login, an e-mail address in lower case.
        display_name: how to address them.
        locale: the language they are written to in.
        roles: what they may do.
    """

    id: str
    display_name: str
    locale: Locale = Locale.DE
    roles: tuple[Role, ...] = (Role.AGENT,)


@dataclass(frozen=True, slots=True)
class StoredLead:
    """A lead the database already has.

    Attributes:
        lead: its id.
        status: as of its newest record; None while no ledger was recorded for it.
    """

    lead: UUID
    status: Status | None


@dataclass(frozen=True, slots=True)
class LiveTwin:
    """A live lead of the database that says the same company and place as a row.

    Attributes:
        lead_key: as `adapters.normalise.lead_key` makes it.
        postcode_key: as `adapters.normalise.postcode_key` makes it; empty where it has none.
        external_id: of the live lead; None where it has none.
        registered_at: UTC instant its protection began; None where it is only pre-registered.
    """

    lead_key: str
    postcode_key: str
    external_id: str | None
    registered_at: datetime | None


class UnknownTenant(Exception):
    """The database has no such tenant, and was not asked to make one."""

    def __init__(self, tenant: UUID) -> None:
        super().__init__(f"tenant {tenant} is not known")
        self.tenant = tenant


class ImportStore(Protocol):
    """Where leads are recorded. Every method is one transaction."""

    async def prepare(self, tenant: UUID, policy: Policy, new_name: str | None) -> None:
        """Makes sure that tenant and policy version are there.

        Args:
            tenant: whose leads are imported.
            policy: the version they are registered under.
            new_name: name of the tenant if it has to be made; None refuses to make it.

        Raises:
            UnknownTenant: it is not there and may not be made.
        """
        ...

    async def known(self, tenant: UUID, external_ids: Sequence[str]) -> Mapping[str, StoredLead]:
        """The leads among these that are already there, by external id."""
        ...

    async def twins(self, tenant: UUID, lead_keys: Sequence[str]) -> Sequence[LiveTwin]:
        """The live leads that say one of these companies and places."""
        ...

    async def fact_ids(self, tenant: UUID, leads: Sequence[UUID]) -> Mapping[UUID, frozenset[str]]:
        """The ids of the facts in these leads' ledgers."""
        ...

    async def add_users(self, tenant: UUID, users: Sequence[User]) -> None:
        """Adds the users that are not there yet; leaves the others as they are."""
        ...

    async def record(
        self, tenant: UUID, outcomes: Sequence[Outcome], *, as_of: datetime, origin: str
    ) -> None:
        """Records leads, contacts, ledgers, projections, holds and audit; repeating it changes nothing.

        Args:
            tenant: whose leads they are.
            outcomes: what was made of them.
            as_of: UTC instant of the import.
            origin: where they came from, for the audit.
        """
        ...


class LeadGateway(Protocol):
    """Where a lead's workflow is started."""

    async def start(self, tenant: UUID, lead: UUID) -> None:
        """Starts the lead's workflow from its ledger; one that already runs is fine."""
        ...
