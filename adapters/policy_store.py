"""The policy of a tenant in PostgreSQL: its versions, and the living leads under them. SQL: policy.sql."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from adapters.database import Connection, load_queries
from protection.policy import Policy, policy_from_json

_SQL: Final = load_queries("policy")
_FIRST: Final = UUID(int=0)


class OtherTenant(LookupError):
    """The transaction is another tenant's."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the tenant's policy.

    Attributes:
        leads: how many living leads are under it.
    """

    policy: Policy
    leads: int


@dataclass(frozen=True, slots=True)
class LivingLead:
    """A living lead with all that its deadlines follow from.

    Attributes:
        revision: how many facts its ledger holds.
        version: the policy version it is under now.
        first_version: the one it began under; from there its ledger is replayed.
        facts: its ledger as plain JSON.
    """

    lead: UUID
    external_id: str | None
    owner: str
    revision: int
    version: str
    first_version: str
    facts: tuple[Mapping[str, Any], ...]


async def current_policy(connection: Connection, tenant: UUID, *, at: datetime | None = None) -> Policy:
    """The policy that new leads of the tenant are registered under, as its settings say now.

    A version that says so is made where there is none: ask inside a transaction that may write.

    Args:
        connection: a transaction in the context of the tenant, as the application or the worker role.
        tenant: whose policy.
        at: UTC instant of the act; None is this moment.

    Raises:
        OtherTenant: the transaction's context is not this tenant's.
    """
    row = await _SQL.current_policy(connection, tenant=tenant, at=at or datetime.now(UTC))
    if row is None:
        raise OtherTenant(str(tenant))
    return policy_from_json(row["policy"])


async def versions(connection: Connection, tenant: UUID) -> list[Version]:
    """All versions of the tenant's policy, oldest first."""
    rows = _SQL.policy_versions(connection, tenant=tenant)
    return [Version(policy_from_json(row["policy"]), row["leads"]) async for row in rows]


async def closed_days(connection: Connection, land: str, at: datetime) -> tuple[date, ...]:
    """The public holidays of a Land that a policy made at that UTC instant would name."""
    days: list[date] = await _SQL.closed_days(connection, land=land, year=at.astimezone(UTC).year)
    return tuple(days)


async def count_living(connection: Connection, tenant: UUID) -> int:
    """How many leads of the tenant are alive, pre-registered ones included."""
    count: int = await _SQL.count_living(connection, tenant=tenant)
    return count


async def living_leads(
    connection: Connection, tenant: UUID, *, after: UUID = _FIRST, most: int
) -> AsyncIterator[LivingLead]:
    """The next living leads by id.

    Args:
        after: the last one seen.
        most: how many at most.
    """
    async for row in _SQL.living_ledgers(connection, tenant=tenant, after=after, most=most):
        yield LivingLead(
            lead=row["lead"],
            external_id=row["external_id"],
            owner=row["owner"],
            revision=row["revision"],
            version=row["policy_version"],
            first_version=row["first_version"],
            facts=tuple(row["facts"]),
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """Which living leads are meant.

    Attributes:
        from_version: only those under this version; None is any.
        only: only these; None is all.
    """

    from_version: str | None = None
    only: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class OtherLead:
    """A living lead under another version.

    Attributes:
        revision: how many facts its ledger holds.
        version: the one it is under.
    """

    lead: UUID
    external_id: str | None
    revision: int
    version: str


async def leads_to_adopt(
    connection: Connection,
    tenant: UUID,
    version: str,
    choice: Choice,
    *,
    after: UUID | None = None,
    most: int,
) -> list[OtherLead]:
    """The next of the chosen leads, by id, that are not under this version yet."""
    rows = _SQL.leads_to_adopt(
        connection,
        tenant=tenant,
        version=version,
        from_version=choice.from_version,
        only=None if choice.only is None else list(choice.only),
        after=after or _FIRST,
        most=most,
    )
    return [
        OtherLead(row["lead"], row["external_id"], row["revision"], row["policy_version"])
        async for row in rows
    ]


async def count_to_adopt(connection: Connection, tenant: UUID, version: str, choice: Choice) -> int:
    """How many of the chosen leads are not under this version yet."""
    count: int = await _SQL.count_to_adopt(
        connection,
        tenant=tenant,
        version=version,
        from_version=choice.from_version,
        only=None if choice.only is None else list(choice.only),
    )
    return count
