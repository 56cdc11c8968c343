"""The ledger in PostgreSQL: facts, projection, holds and audit of a lead in one call and one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID

import asyncpg

from activities.records import (
    HOLD_FIELDS,
    PROJECTED_FIELDS,
    REQUEST_FIELDS,
    LedgerConflict,
    RecordCommand,
)
from adapters.database import Pool, load_queries, transaction

_SQL: Final = load_queries("ledger")
_CONFLICT: Final = "FW001"
_PARTS: Final = ("lead", "facts", "projection", "holds", "requests", "audit")
# Values no column takes: repeating them is of no use.
_MALFORMED: Final = (
    asyncpg.DataError,
    asyncpg.CheckViolationError,
    asyncpg.NotNullViolationError,
    asyncpg.UniqueViolationError,
)

# What each part of a command must bring, and may bring beside it.
_FACT: Final = frozenset({"type", "fact_id", "recorded_at", "by", "revision"})
_PROJECTION: Final = frozenset(
    {"tenant", "lead", "next_wake_up", "refused_facts", "updated_at", *PROJECTED_FIELDS}
)
_HOLD: Final = frozenset({"hold", *HOLD_FIELDS})
_REQUEST: Final = frozenset({"request", *REQUEST_FIELDS})
_AUDIT: Final = frozenset({"actor", "what", "at", "fact_id", "before", "after", "reason"})


def _check(
    where: str, row: Mapping[str, Any], needed: frozenset[str], allowed: frozenset[str] | None
) -> None:
    missing = needed - row.keys()
    if missing:
        raise LedgerConflict(f"{where}.{min(missing)} is missing")
    if allowed is not None and (unknown := row.keys() - needed - allowed):
        raise LedgerConflict(f"{where}.{min(unknown)} is not a column")


def check_command(command: RecordCommand) -> None:
    """Refuse a command that the database would store only in part.

    Raises:
        LedgerConflict: names the field at fault.
    """
    for number, fact in enumerate(command.facts):
        _check(f"facts[{number}]", fact, _FACT, None)
    _check("projection", command.projection, _PROJECTION, frozenset())
    for name in ("tenant", "lead"):
        if command.projection[name] != getattr(command, name):
            raise LedgerConflict(f"projection.{name} is not the command's")
    for number, hold in enumerate(command.holds):
        _check(f"holds[{number}]", hold, _HOLD, frozenset())
    for number, request in enumerate(command.requests):
        _check(f"requests[{number}]", request, _REQUEST, frozenset())
    for number, row in enumerate(command.audit):
        _check(f"audit[{number}]", row, _AUDIT, frozenset({"audit_id"}))


def _one_tenant(commands: Sequence[RecordCommand]) -> UUID:
    tenants = {command.tenant for command in commands}
    if len(tenants) != 1:
        raise LedgerConflict("tenant: one call records the ledgers of one tenant")
    return UUID(tenants.pop())


class PostgresLedgerStore:
    """The ledger, written as the worker role."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def record(self, command: RecordCommand) -> int:
        """Records in one transaction; repeating it changes nothing. Answers the revision stored.

        Raises:
            LedgerConflict: the ledger disagrees with the command; nothing was written.
        """
        return (await self.record_many((command,)))[0]

    async def record_many(self, commands: Sequence[RecordCommand]) -> list[int]:
        """Records commands of several leads of one tenant, all or none; answers the revisions stored.

        Args:
            commands: at most one per lead; a few hundred at a time keep memory flat.

        Raises:
            LedgerConflict: the ledger disagrees with one of them; nothing was written.
        """
        if not commands:
            return []
        for command in commands:
            check_command(command)
        if len({command.lead for command in commands}) != len(commands):
            raise LedgerConflict("lead: one call holds one command per lead")
        tenant = _one_tenant(commands)
        rows = [{name: getattr(command, name) for name in _PARTS} for command in commands]
        try:
            try:
                return await self._write(tenant, rows)
            except asyncpg.UniqueViolationError:
                # The same command was being recorded at this very moment; now its outcome can be seen.
                return await self._write(tenant, rows)
        except asyncpg.PostgresError as error:
            if error.sqlstate == _CONFLICT or isinstance(error, _MALFORMED):
                raise LedgerConflict(str(error)) from error
            raise

    async def _write(self, tenant: UUID, rows: list[dict[str, Any]]) -> list[int]:
        async with self._pool.acquire() as connection:
            return cast(list[int], await _SQL.record_ledgers(connection, tenant=tenant, commands=rows))

    async def facts(self, tenant: UUID, lead: UUID) -> list[dict[str, Any]]:
        """The lead's facts as JSON, in order of recording; the n-th has revision n."""
        async with transaction(self._pool, tenant, "system") as connection:
            rows = _SQL.ledger_facts(connection, tenant=tenant, lead=lead)
            return [row["payload"] async for row in rows]
