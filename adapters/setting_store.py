"""Settings in PostgreSQL. SQL: sql/queries/setting.sql; who may write what, its row security says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from adapters.database import Connection, load_queries
from adapters.setting_definitions import Json, Scope
from adapters.setting_values import Stored

_SQL: Final = load_queries("setting")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is set.

    Attributes:
        tenant: None for a value of everybody.
        scope_id: which org or user; empty for the other scopes.
    """

    tenant: UUID | None
    scope: Scope
    scope_id: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """The place as parameters of a query."""
        return {"tenant": self.tenant, "scope": str(self.scope), "scope_id": self.scope_id}


def _stored(row: Mapping[str, Any]) -> Stored:
    return Stored(
        key=row["key"],
        scope=Scope(row["scope"]),
        scope_id=row["scope_id"],
        value=row["value"],
        revision=row["revision"],
        changed_by=row["changed_by"],
        changed_at=row["changed_at"],
    )


async def values_of(connection: Connection, tenant: UUID) -> list[Stored]:
    """What is set for everybody and in the tenant of the context, by key."""
    return [_stored(row) async for row in _SQL.values_of(connection, tenant=tenant)]


async def value_at(connection: Connection, place: Place, key: str) -> Stored | None:
    """The value of one place, kept from changing until the transaction ends; None if nobody ever set it."""
    row = await _SQL.value_at(connection, **place.columns, key=key)
    return None if row is None else _stored(row)


async def put_value(
    connection: Connection, place: Place, key: str, value: Json, *, by: str, at: datetime
) -> int:
    """Set a value, or take it back with None; its new revision.

    Args:
        value: checked by `adapters.setting_values.checked`.
        at: UTC instant.
    """
    told = {**place.columns, "key": key, "value": value, "by": by, "at": at}
    revision: int | None = None
    if await _SQL.value_at(connection, **place.columns, key=key) is None:
        revision = await _SQL.add_value(connection, **told)
    if revision is None:
        revision = await _SQL.change_value(connection, **told)
    if revision is None:
        raise LookupError(f"setting {key} vanished while it was set")
    return revision


async def installation_is_ours(connection: Connection) -> bool:
    """Whether the tenant of the context operates the installation."""
    ours: bool = await _SQL.installation_is_ours(connection)
    return ours


async def knows_user(connection: Connection, tenant: UUID | None, user: str) -> bool:
    """Whether the tenant has a person of that id."""
    known: bool = await _SQL.knows_user(connection, tenant=tenant, user=user)
    return known
