"""People of one tenant who act through the services, on a whole product in small."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from temporalio.client import Client

from adapters.database import Caller, Pool, open_pool
from adapters.lead_gateway import TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.registry import SettingsRegistry
from adapters.settings import Login, Role
from protection.permission import Share
from services.asking import Asking
from services.desk import Desk
from services.door import Done
from services.openings import Company, Contact, Opening
from services.registering import NewLead, register
from services.sharing import share
from tests.vaultfixtures import VAULT
from tests.workflows.lab import Lab

PEOPLE: Final = {
    "anna": "agent",
    "ben": "agent",
    "maria": "manager",
    "max": "manager",
    "adam": "admin",
    "olga": "auditor",
}
JO: Final = Contact(name="Jo Geheim", email="Jo@Haus.example", phone="+49 30 1234567")


def company(**said: Any) -> Company:
    """A company nobody has; no two of them are alike."""
    return Company(**{"company": f"{uuid4().hex} GmbH", "city": f"Ort {uuid4().hex[:8]}", **said})


@dataclass(frozen=True)
class Office:
    """Where people of the lab's tenant act."""

    lab: Lab
    app: Pool
    desk: Desk
    absent: Client

    def asking(self, user: str = "anna", *, roles: tuple[str, ...] | None = None, **more: Any) -> Asking:
        """A request of somebody; with the roles that are theirs, or with others."""
        return Asking.of(Caller(self.lab.tenant, user, roles or (PEOPLE[user],)), **more)

    async def opened(self, user: str = "anna", **said: Any) -> UUID:
        """A lead of somebody, just registered."""
        wanted = NewLead(company=company(**said), opening=Opening(contact=JO))
        return (await register(self.desk, self.asking(user), wanted)).lead

    async def noted(self, user: str = "anna", **said: Any) -> UUID:
        """A lead that is only pre-registered."""
        wanted = NewLead(company=company(**said), preregistration=True)
        return (await register(self.desk, self.asking(user), wanted)).lead

    async def share(self, lead: UUID, user: str, role: Share) -> None:
        """Let a manager share a lead with somebody."""
        await share(self.desk, self.asking("maria"), lead, user, role)

    async def facts(self, lead: UUID) -> list[dict[str, Any]]:
        """The ledger, by revision."""
        rows = await self.lab.execute(
            "select payload from fact where tenant = $1 and lead = $2 order by revision",
            self.lab.tenant,
            lead,
        )
        return [row["payload"] for row in rows]

    async def words(self, lead: UUID) -> list[str]:
        """What the vault holds about a lead's facts, in clear."""
        async with self.desk.looking(self.asking("adam")) as connection:
            kept = await VAULT.open_contacts(connection, self.lab.tenant, lead)
        return sorted(row.note for row in kept if row.note is not None)

    async def acts(self, lead: UUID) -> int:
        """How many acts on this lead the database has let in."""
        rows = await self.lab.execute(
            "select count(*) as n from act where tenant = $1 and lead = $2", self.lab.tenant, lead
        )
        return int(rows[0]["n"])

    def nobody(self) -> Desk:
        """The same desk, but Temporal is away."""
        return self._hasty(self.absent)

    def impatient(self) -> Desk:
        """The same desk, but it waits a second at most."""
        return self._hasty(self.lab.client)

    def _hasty(self, client: Client) -> Desk:
        within = timedelta(seconds=1)
        gateway = TemporalLeadGateway(client, PostgresPeople(self.lab.pool), within=within)
        return replace(self.desk, gateway=gateway, within=within)


@asynccontextmanager
async def office_in(lab: Lab) -> AsyncIterator[Office]:
    """Everybody at work in a lab."""
    async with await open_pool(
        Login(lab.url, Role.APP), name="test-office", largest=12, session_state=False
    ) as app:
        for user, role in PEOPLE.items():
            await lab.person(user, roles=[role])
        # Nobody here is in a hurry, as busy as the machine may be.
        desk = Desk(
            pool=app,
            gateway=lab.gateway,
            vault=VAULT,
            registry=SettingsRegistry(app),
            within=timedelta(seconds=100),
        )
        # Nobody listens on the discard port.
        absent = await Client.connect("127.0.0.1:9", lazy=True)
        yield Office(lab, app, desk, absent)


def same(first: Done, second: Done) -> bool:
    """Whether two answers tell the same, whoever came first."""
    return replace(first, duplicate=False) == replace(second, duplicate=False)
