"""What the import writes to PostgreSQL and asks of it: one transaction per call, as the worker role."""

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import asyncpg

from activities.records import RecordCommand
from adapters.database import Connection, Pool, load_queries, set_context, transaction
from adapters.lead_entry import LeadEntry, company_row
from adapters.ledger_store import check_command
from adapters.normalise import email_key, postcode_key
from adapters.policy_store import current_policy
from adapters.vault import Vault
from protection.policy import Policy, policy_to_json
from protection.state import Status

_SQL: Final = load_queries("importing")
_LEADS: Final = load_queries("lead")
_LEDGERS: Final = load_queries("ledger")
_AUDIT: Final = load_queries("erasure")
# Who does what nobody else is named for.
IMPORTER: Final = "import"
_NOT_AN_ID: Final = re.compile(r"[^a-z0-9._-]+")
_LONGEST_ID: Final = 80


class UserRole(StrEnum):
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
        id: short name that stands for them in facts; no address.
        email: where they are written to.
        display_name: how to address them.
        locale: the language they are written to in.
        roles: what they may do.
    """

    id: str
    email: str
    display_name: str
    locale: Locale = Locale.DE
    roles: tuple[UserRole, ...] = (UserRole.AGENT,)


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


def user_id(email: str) -> str:
    """Make a short name out of a mail address: its local part, in letters, digits and `. _ -`.

    Args:
        email: the address.

    Returns:
        An id that every message to a workflow accepts.
    """
    local = _NOT_AN_ID.sub("-", email_key(email).partition("@")[0])
    return local.strip("._-")[:_LONGEST_ID] or _digest(email)


def _digest(email: str) -> str:
    return "u" + hashlib.sha256(email_key(email).encode()).hexdigest()[:8]


class PostgresImportStore:
    """The import's view of the database."""

    def __init__(self, pool: Pool, vault: Vault | None, *, by: str = IMPORTER) -> None:
        """Use this pool.

        Args:
            pool: connections that act as the worker role.
            vault: seals personal data; None where nothing is going to be recorded.
            by: who imports; the audit is told with every batch of leads.
        """
        self._pool = pool
        self._vault = vault
        self._by = by

    async def prepare(self, tenant: UUID, new_name: str | None, *, at: datetime) -> Policy:
        """Make sure that the tenant is there.

        Args:
            tenant: whose leads are imported.
            new_name: name of the tenant if it has to be made; None refuses to make it.
            at: UTC instant.

        Returns:
            The policy its new leads are registered under, as its settings say now.

        Raises:
            UnknownTenant: it is not there and may not be made.
        """
        async with self._transaction(tenant) as db:
            if not await _SQL.has_tenant(db, tenant=tenant):
                if new_name is None:
                    raise UnknownTenant(tenant)
                await _SQL.add_tenant(db, tenant=tenant, name=new_name)
                contract = Policy()
                await _SQL.add_policy(
                    db, tenant=tenant, version=contract.version, policy=json.dumps(policy_to_json(contract))
                )
            return await current_policy(db, tenant, at=at)

    async def present_policy(self, tenant: UUID, *, at: datetime) -> Policy | None:
        """The same policy, without leaving a trace; None where the tenant is not there."""
        async with self._pool.acquire() as db:
            looking = db.transaction()
            await looking.start()
            try:
                await set_context(db, tenant, self._by, (UserRole.ADMIN,))
                if not await _SQL.has_tenant(db, tenant=tenant):
                    return None
                return await current_policy(db, tenant, at=at)
            finally:
                await looking.rollback()

    async def known(self, tenant: UUID, external_ids: Sequence[str]) -> dict[str, StoredLead]:
        """Return the leads among these that are already there, by external id."""
        async with self._transaction(tenant) as db:
            rows = await _rows(_SQL.known_leads(db, tenant=tenant, external_ids=list(external_ids)))
        return {
            row["external_id"]: StoredLead(row["id"], Status(row["status"]) if row["status"] else None)
            for row in rows
        }

    async def twins(self, tenant: UUID, lead_keys: Sequence[str], at: datetime) -> list[LiveTwin]:
        """Return the leads of these companies and places that keep others away at `at`, a UTC instant."""
        async with self._transaction(tenant) as db:
            rows = await _rows(_SQL.live_twins(db, tenant=tenant, lead_keys=list(lead_keys), at=at))
        return [
            LiveTwin(
                row["company_key"],
                postcode_key(row["postcode"] or ""),
                row["external_id"],
                row["registered_at"],
            )
            for row in rows
        ]

    async def fact_ids(self, tenant: UUID, leads: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
        """Return the ids of the facts in these leads' ledgers."""
        async with self._transaction(tenant) as db:
            rows = await _rows(_SQL.fact_ids(db, tenant=tenant, leads=list(leads)))
        ids: dict[UUID, set[str]] = {}
        for row in rows:
            ids.setdefault(row["lead"], set()).add(row["fact_id"])
        return {lead: frozenset(facts) for lead, facts in ids.items()}

    async def add_users(self, tenant: UUID, users: Sequence[User]) -> None:
        """Add the users that are not there yet; leave the others as they are."""
        async with self._transaction(tenant) as db:
            for user in users:
                await self._add_user(db, tenant, user)

    async def owners(self, tenant: UUID, emails: Sequence[str], *, add: bool) -> dict[str, str]:
        """Return the user ids behind these mail addresses.

        Args:
            tenant: whose users.
            emails: addresses in lower case.
            add: make users of those that are not there yet; else only say what their id would be.
        """
        async with self._transaction(tenant) as db:
            ids: dict[str, str] = {}
            for row in await _rows(_SQL.users_of(db, tenant=tenant, emails=list(emails))):
                ids.setdefault(row["email"], row["id"])
            wanted = [user_id(email) for email in emails]
            taken = {row["id"] for row in await _rows(_SQL.taken_ids(db, tenant=tenant, ids=wanted))}
            for email in sorted(set(emails) - set(ids)):
                name = user_id(email)
                if name in taken:
                    # Two people of the same local part: the second is told apart by the address.
                    name = f"{name}-{_digest(email)}"
                taken.add(name)
                ids[email] = name
                if add:
                    await self._add_user(db, tenant, User(name, email, email.partition("@")[0]))
        return ids

    async def record(
        self, tenant: UUID, entries: Sequence[LeadEntry], commands: Sequence[RecordCommand]
    ) -> None:
        """Record leads, contacts, ledgers, projections, holds and audit; repeating it changes nothing."""
        if self._vault is None:
            raise RuntimeError("this store was opened for reading: it has no vault")
        for command in commands:
            check_command(command)
        async with self._transaction(tenant) as db:
            await _LEADS.register_leads(
                db,
                tenant=tenant,
                entries=[company_row(entry) for entry in entries],
                refuse_duplicates=False,
            )
            await self._vault.seal_leads(db, tenant, {entry.id: entry.contacts for entry in entries})
            await _LEDGERS.record_ledgers(
                db, tenant=tenant, commands=[asdict(command) for command in commands]
            )
            await _AUDIT.tell_audit(
                db,
                what="leads-imported",
                lead=None,
                after={"leads": len(entries)},
                reason=None,
                at=datetime.now(UTC),
            )

    async def was_done(self, tenant: UUID, mark: str) -> bool:
        """Return whether the audit holds this mark."""
        async with self._transaction(tenant) as db:
            return bool(await _SQL.has_audit(db, tenant=tenant, audit_id=mark))

    async def mark_done(self, tenant: UUID, mark: str, at: datetime) -> None:
        """Write a mark into the audit, once.

        Args:
            tenant: whose audit.
            mark: unique name of what was done.
            at: UTC instant.
        """
        async with self._transaction(tenant) as db:
            await _SQL.add_audit(db, tenant=tenant, audit_id=mark, actor=self._by, what=mark, at=at)

    def _transaction(self, tenant: UUID) -> AbstractAsyncContextManager[Connection]:
        return transaction(self._pool, tenant, self._by, (UserRole.ADMIN,))

    @staticmethod
    async def _add_user(db: Connection, tenant: UUID, user: User) -> None:
        await _SQL.add_user(
            db,
            tenant=tenant,
            id=user.id,
            email=user.email,
            display_name=user.display_name,
            locale=user.locale,
            roles=list(user.roles),
        )


async def _rows(query: Any) -> list[asyncpg.Record]:
    return [row async for row in query]
