"""A list of leads as CSV: streamed page by page, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from adapters.database import Caller, Pool, transaction
from adapters.lead_list import page_of
from adapters.lead_listing import LeadFilter, LeadOrder, LeadSort, ListedLead
from protection.dates import format_instant

_ROWS_A_PAGE: Final = 1_000
# What a spreadsheet takes for a formula, or for the end of the cell before one.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")

_COLUMNS: Final[Mapping[str, Callable[[ListedLead], object]]] = MappingProxyType(
    {
        "id": lambda row: row.lead.id,
        "externalId": lambda row: row.lead.external_id,
        "company": lambda row: row.lead.company,
        "city": lambda row: row.lead.city,
        "postcode": lambda row: row.lead.postcode,
        "industry": lambda row: row.lead.industry,
        "source": lambda row: row.lead.source,
        "owner": lambda row: row.protection.owner,
        "status": lambda row: row.protection.status,
        "paused": lambda row: row.protection.paused,
        "activeHolds": lambda row: " ".join(row.protection.active_holds),
        "registeredAt": lambda row: row.protection.registered_at,
        "lastQualActivityAt": lambda row: row.protection.last_progress_at,
        "reminderDueAt": lambda row: row.protection.reminder_due_at,
        "graceUntil": lambda row: row.protection.grace_until,
        "baseUntil": lambda row: row.protection.base_until,
        "progressUntil": lambda row: row.protection.progress_until,
        "validUntil": lambda row: row.protection.valid_until,
        "reason": lambda row: row.protection.reason,
        "endedAt": lambda row: row.protection.ended_at,
        "problem": lambda row: row.protection.problem,
        "policyVersion": lambda row: row.protection.policy_version,
        "updatedAt": lambda row: row.protection.updated_at,
    }
)
_BY_NAME: Final = LeadOrder(sort=LeadSort.COMPANY)


async def lead_csv(
    pool: Pool,
    caller: Caller,
    wanted: LeadFilter,
    order: LeadOrder = _BY_NAME,
    *,
    rows_a_page: int = _ROWS_A_PAGE,
) -> AsyncIterator[str]:
    """The leads as CSV (RFC 4180), the header first, many lines at a time.

    Each piece is read in a transaction of its own, so that a slow reader holds no connection. Instants are
    UTC with a Z; true and false are words; a cell that would be a formula begins with an apostrophe.

    Args:
        pool: connections as the application role.
        caller: who asks.
        wanted: which leads; checked before (`check_filter`), as nothing can be refused once text flows.
        order: in which order.
        rows_a_page: leads that are read at a time.

    Raises:
        BadListing: a field of the filter makes no sense.
    """
    cursor = None
    lines = [list(_COLUMNS)]
    while True:
        async with transaction(pool, caller.tenant, caller.user, caller.roles, reading=True) as connection:
            page = await page_of(connection, caller, wanted, order, cursor=cursor, most=rows_a_page)
        lines += [[_cell(read(row)) for read in _COLUMNS.values()] for row in page.leads]
        yield _written(lines)
        cursor, lines = page.cursor, []
        if cursor is None:
            return


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Other rows as such CSV."""
    return _written([[_cell(cell) for cell in row] for row in rows])


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return format_instant(value)
        case _:
            text = str(value)
            return f"'{text}" if text.startswith(_FORMULA) else text


def _written(lines: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue()
