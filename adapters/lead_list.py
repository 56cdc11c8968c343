"""Lists of leads, as the application role. SQL: sql/queries/lead_list.sql.

Row security decides what there is to list; the caller is named once more so that an index serves him.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final

import aiosql
import asyncpg

from adapters.database import QUERIES, Caller, Connection, load_queries
from adapters.lead_listing import (
    MOST_ROWS,
    BadListing,
    Due,
    LeadFilter,
    LeadOrder,
    LeadSort,
    ListedLead,
    Page,
    Place,
    beginning,
    check_filter,
    cursor_after,
    known,
    mark_of,
    place_of,
)
from adapters.normalise import city_key, fold
from adapters.read_model import Lead, Protection, row_of
from adapters.traced_sql import traced_queries

_SQL: Final = load_queries("lead_list")
_FEW: Final = 2_000
_SHORTEST_SOUGHT: Final = 3  # characters; the index knows pieces of three


@dataclass(frozen=True, slots=True)
class _Key:
    """How a sort reads in SQL."""

    key: str
    type: str


_KEYS: Final[Mapping[LeadSort, _Key]] = MappingProxyType(
    {
        LeadSort.VALID_UNTIL: _Key("p.sorted_end", "timestamptz"),
        LeadSort.COMPANY: _Key("p.name_words", "text"),
        LeadSort.REGISTERED_AT: _Key("p.sorted_start", "timestamptz"),
        LeadSort.UPDATED_AT: _Key("p.updated_at", "timestamptz"),
    }
)


def _statement(order: LeadOrder) -> Any:
    """The page of that order: the one in the file with another key, comparison and direction."""
    text = (QUERIES / "lead_list.sql").read_text(encoding="utf-8")
    written, wanted = _KEYS[LeadSort.VALID_UNTIL], _KEYS[order.sort]
    for piece in ("{} as place", "({}, p.lead) >", "order by {} asc"):
        text = text.replace(piece.format(written.key), piece.format(wanted.key))
    text = text.replace(":after_key::timestamptz", f":after_key::{wanted.type}")
    if order.descending:
        text = text.replace(", p.lead) >", ", p.lead) <").replace(" asc", " desc")
    return aiosql.from_str(text, traced_queries).lead_page


_STATEMENTS: Final[Mapping[LeadOrder, Any]] = MappingProxyType(
    {
        order: _statement(order)
        for sort in LeadSort
        for order in (LeadOrder(sort=sort), LeadOrder(sort=sort, descending=True))
    }
)


async def list_leads(
    connection: Connection,
    caller: Caller,
    wanted: LeadFilter,
    order: LeadOrder | None = None,
    *,
    cursor: str | None = None,
    most: int = 50,
) -> Page:
    """One page of the leads the caller may see.

    Args:
        connection: of a transaction that has the caller's context; until it ends its statements are
            planned with their values.
        caller: who asks.
        wanted: which leads.
        order: in which order; None: by the end of protection.
        cursor: where the page before ended; None begins.
        most: rows of a page, 1..200.

    Raises:
        BadListing: the cursor, `most` or a field of the filter makes no sense.
    """
    if not 1 <= most <= MOST_ROWS:
        raise BadListing("most", "out-of-range")
    return await page_of(connection, caller, wanted, order or LeadOrder(), cursor=cursor, most=most)


async def page_of(
    connection: Connection,
    caller: Caller,
    wanted: LeadFilter,
    order: LeadOrder,
    *,
    cursor: str | None,
    most: int,
    few: int = _FEW,
) -> Page:
    """As `list_leads`, with pages of any size.

    Args:
        few: so many leads that say the words of a search are looked at by id; where there are more, the
            order is read until a page is full.
    """
    narrowed = _narrowed(wanted)
    mark = mark_of(caller.user, wanted, order)
    after_key, after_lead = beginning(order) if cursor is None else place_of(cursor, order, mark)
    await _SQL.plan_with_values(connection)
    scopes = _scopes(caller, wanted)
    everybodys = caller.reads_all and not (wanted.mine or wanted.shared or wanted.owner)
    narrowed |= await _sought(connection, wanted.text, by_index=few if everybodys else 0)
    rows: list[tuple[Place, asyncpg.Record]] = []
    for scope in scopes:
        found = _STATEMENTS[order](
            connection,
            tenant=caller.tenant,
            after_key=after_key,
            after_lead=after_lead,
            most=most + 1,
            **narrowed,
            **scope,
        )
        rows += [((known(row["place"]), row["lead"]), row) async for row in found]
    rows.sort(key=itemgetter(0), reverse=order.descending)
    leads = tuple(ListedLead(row_of(Lead, row), row_of(Protection, row)) for _, row in rows[:most])
    return Page(leads, cursor_after(rows[most - 1][0], mark) if len(rows) > most else None)


def _scopes(caller: Caller, wanted: LeadFilter) -> list[dict[str, str | None]]:
    """Where to look: everywhere, or among his own and among what is shared with him, each by its index."""
    either = not wanted.mine and not wanted.shared
    if caller.reads_all and either:
        return [{"owner": wanted.owner, "shared_with": None}]
    scopes: list[dict[str, str | None]] = []
    if (wanted.mine or either) and wanted.owner in {None, caller.user}:
        scopes.append({"owner": caller.user, "shared_with": None})
    if (wanted.shared or either) and wanted.owner != caller.user:
        scopes.append({"owner": wanted.owner, "shared_with": caller.user})
    return scopes


def _narrowed(wanted: LeadFilter) -> dict[str, Any]:
    check_filter(wanted)
    return {
        "city": None if wanted.city is None else city_key(wanted.city),
        "status": wanted.status,
        "paused": wanted.paused,
        "ends_before": wanted.due_before if wanted.due is Due.END else None,
        "progress_before": wanted.due_before if wanted.due is Due.PROGRESS else None,
        "reminder_before": wanted.due_before if wanted.due is Due.REMINDER else None,
    }


async def _sought(connection: Connection, text: str | None, *, by_index: int) -> dict[str, Any]:
    """What a search becomes: the few leads that say the words, or a filter where they are many."""
    if text is None:
        return {"words": None, "among": None}
    words = sorted(set(fold(text).split()), key=len, reverse=True)
    patterns = [f"%{word}%" for word in words]
    if by_index and len(words[0]) >= _SHORTEST_SOUGHT:
        found = _SQL.leads_saying(connection, words=patterns, most=by_index + 1)
        ids = [row["lead"] async for row in found]
        if len(ids) <= by_index:
            return {"words": None, "among": ids}
    return {"words": patterns, "among": None}
