"""Pages of the lists people open most, in one round trip: the leads by the end of their protection.

SQL: function `lead_page`. PostgreSQL keeps every lead as the API spells it, so that a page is read and sent,
not taken apart and put together. Everything else is listed by adapters/lead_list.py, in the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from adapters.database import Caller, Pool, load_queries
from adapters.lead_listing import (
    MOST_ROWS,
    BadListing,
    LeadFilter,
    LeadOrder,
    beginning,
    check_filter,
    cursor_after,
    known,
    mark_of,
    place_of,
)

_AT_ONCE: Final[str] = load_queries("lead_list").lead_page_at_once.sql
_ORDER: Final = LeadOrder()
_ALL: Final = LeadFilter()


@dataclass(frozen=True, slots=True)
class SpelledPage:
    """A part of a list as JSON, and where the next one begins.

    Attributes:
        items: the leads in UTF-8, with commas between them.
        cursor: None at the end.
    """

    items: bytes
    cursor: str | None


async def page_at_once(
    pool: Pool,
    caller: Caller,
    wanted: LeadFilter,
    order: LeadOrder,
    *,
    cursor: str | None = None,
    most: int = 50,
) -> SpelledPage | None:
    """One page of the leads the caller may see; None for lists of another kind.

    Args:
        pool: connections as the application role.
        caller: who asks.
        wanted: which leads; by owner, mine and shared only.
        order: by the end of protection only.
        cursor: where the page before ended, here or in `adapters.lead_list`; None begins.
        most: rows of a page, 1..200.

    Raises:
        BadListing: the cursor, `most` or a field of the filter makes no sense.
    """
    source = _source(caller, wanted)
    if source is None or order != _ORDER:
        return None
    if not 1 <= most <= MOST_ROWS:
        raise BadListing("most", "out-of-range")
    check_filter(wanted)
    mark = mark_of(caller.user, wanted, order)
    after_key, after_lead = beginning(order) if cursor is None else place_of(cursor, order, mark)
    ((items, last_key, last_lead),) = await pool.fetch(
        _AT_ONCE,
        caller.tenant,
        caller.user,
        caller.roles_text,
        *source,
        after_key,
        after_lead,
        most,
    )
    more = last_lead is not None
    return SpelledPage(items, cursor_after((known(last_key), last_lead), mark) if more else None)


def _source(caller: Caller, wanted: LeadFilter) -> tuple[str | None, bool] | None:
    """Whose leads, and whether also those shared with the caller; (None, False) are all he may see."""
    if replace(wanted, mine=False, shared=False, owner=None) != _ALL:
        return None
    either = not wanted.mine and not wanted.shared
    if caller.reads_all and either:
        return wanted.owner, False
    if wanted.owner is not None:
        return None
    return caller.user if wanted.mine or either else None, wanted.shared or either
