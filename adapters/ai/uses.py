"""What models are told of a lead beside its ledger, with the eyes of whoever asks. SQL: ai_uses.sql."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from activities.ai.cases.forms import ProductOffered
from adapters.database import Connection, load_queries

_SQL: Final = load_queries("ai_uses")


async def products_of(connection: Connection, tenant: UUID, *, most: int) -> tuple[ProductOffered, ...]:
    """What can be sent: what the ERP offers; without one, what was in boxes before."""
    rows = _SQL.products(connection, tenant=tenant, most=most)
    return tuple([ProductOffered(sku=row["sku"], name=row["name"]) async for row in rows])
