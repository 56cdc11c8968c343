"""Seals what an older database still holds in clear; done once, after migrating.

The migration has set the clear text aside in `lead_contact_clear`. Here it is sealed in one transaction,
and the table is truncated: its file goes, so that no old row stays behind in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, Final
from uuid import UUID

import asyncpg

from adapters.database import load_queries, set_context
from adapters.keyring import Keyring
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.settings import Login, Role
from adapters.vault import Vault

_SQL: Final = load_queries("clear_text")
_BATCH: Final = 500  # leads


async def seal_clear_text(owner: Login, ring: Callable[[], Keyring]) -> int:
    """Seal what stands in clear.

    Args:
        owner: login that migrates; may act as owner and as worker.
        ring: gives the master keys; asked only if there is something to seal.

    Returns:
        How many rows were sealed.

    Raises:
        SettingsError: there is something to seal, and no master key.
    """
    connection = await asyncpg.connect(owner.url)
    try:
        async with connection.transaction():
            await _SQL.become_owner(connection)
            # Nothing can be added or taken meanwhile. The owner of a table that does not force row security
            # sees all tenants; forced again below, in this same transaction.
            await _SQL.open_to_owner(connection)
            rows = [row async for row in _SQL.clear_rows(connection)]
            if rows:
                vault = Vault(ring())
                for tenant, listed in groupby(rows, key=lambda row: row["tenant"]):
                    await _seal(connection, vault, tenant, list(listed))
                await _SQL.become_owner(connection)
                await _SQL.forget_clear_rows(connection)
            await _SQL.close_to_owner(connection)
    finally:
        await connection.close()
    return len(rows)


async def _seal(connection: Any, vault: Vault, tenant: UUID, rows: Sequence[asyncpg.Record]) -> None:
    await connection.execute(f'set local role "{Role.WORKER}"')
    await set_context(connection, tenant, "migration", ())
    leads = (
        (lead, [_entry(row) for row in listed]) for lead, listed in groupby(rows, key=lambda r: r["lead"])
    )
    for batch in _batches(leads):
        await vault.seal_known(connection, tenant, dict(batch))


def _batches(
    leads: Iterator[tuple[UUID, list[ContactEntry]]],
) -> Iterator[list[tuple[UUID, list[ContactEntry]]]]:
    while batch := list(islice(leads, _BATCH)):
        yield batch


def _entry(row: asyncpg.Record) -> ContactEntry:
    return ContactEntry(
        id=row["id"],
        kind=ContactKind.NOTE,
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        note=row["note"],
    )
