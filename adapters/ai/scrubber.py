"""What a model is told, without personal data: names of the lead's people and of ours are looked up."""

from __future__ import annotations

import json
from typing import Final
from uuid import UUID

from async_lru import alru_cache
from pydantic import BaseModel

from activities.ai.asking import Asker
from adapters.ai.scrubbing import KnownNames, scrubbed
from adapters.database import Pool, load_queries, transaction
from adapters.vault import Vault

_SQL: Final = load_queries("ai")
# Names are read to be taken out, whoever asks and whatever he may read himself.
_READER: Final = "ai-scrubber"
_ROLES: Final = ("manager",)
_STAFF_SECONDS: Final = 60


class VaultScrubber:
    """Takes personal data out, with the help of what the vault keeps.

    Args:
        pool: connections as the application or the worker role.
        vault: opens the names kept of a lead.
    """

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault
        self._staff = alru_cache(maxsize=64, ttl=_STAFF_SECONDS)(self._read_staff)

    async def scrubbed(self, asker: Asker, given: BaseModel) -> str:
        """See `activities.ai.ports.Scrubber`."""
        names, emails = (list(known) for known in await self._staff(asker.tenant))
        phones: list[str] = []
        if asker.lead is not None:
            async with transaction(self._pool, asker.tenant, _READER, _ROLES) as connection:
                entries = await self._vault.open_contacts(connection, asker.tenant, asker.lead)
            names += [entry.name for entry in entries if entry.name]
            emails += [entry.email for entry in entries if entry.email]
            phones += [entry.phone for entry in entries if entry.phone]
        known = KnownNames(names, emails, phones)
        clean = scrubbed(given.model_dump(mode="json", exclude_none=True), known)
        return json.dumps(clean, ensure_ascii=False, sort_keys=True)

    async def _read_staff(self, tenant: UUID) -> tuple[tuple[str, ...], tuple[str, ...]]:
        async with transaction(self._pool, tenant, _READER, _ROLES) as connection:
            rows = [row async for row in _SQL.staff_names(connection)]
        return (
            tuple(row["display_name"] for row in rows),
            tuple(row["email"] for row in rows if row["email"]),
        )
