"""Pages at once: the same words, byte for byte, as a page read row by row and spelled by the API."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from adapters.database import Caller, Pool, transaction
from adapters.lead_list import list_leads
from adapters.lead_listing import BadListing, Due, LeadFilter, LeadOrder, LeadSort
from adapters.lead_page import SpelledPage, page_at_once
from api.routes.lead_reading import spelled
from protection.dates import format_instant
from protection.state import Status
from tests.lists.crowd import Crowd
from tests.lists.leads import living, share
from tests.sql.commands import DAY, T0

BY_END = LeadOrder()
SOURCES = [
    LeadFilter(mine=mine, shared=shared, owner=owner)
    for mine, shared, owner in product((False, True), (False, True), (None, "agent", "other"))
]
OF_ANOTHER_KIND = [
    LeadFilter(city="München"),
    LeadFilter(status=Status.ACTIVE),
    LeadFilter(paused=False),
    LeadFilter(due_before=T0),
    LeadFilter(due=Due.REMINDER),
    LeadFilter(text="zorn"),
]


async def row_by_row(
    app: Pool, caller: Caller, wanted: LeadFilter, cursor: str | None, most: int
) -> SpelledPage:
    async with transaction(app, caller.tenant, caller.user, caller.roles, reading=True) as connection:
        page = await list_leads(connection, caller, wanted, BY_END, cursor=cursor, most=most)
    return SpelledPage(spelled(page.leads), page.cursor)


async def same_pages(app: Pool, caller: Caller, wanted: LeadFilter, most: int) -> list[SpelledPage] | None:
    """All pages, after a look that both ways give the same; None where the quick one does not serve."""
    pages: list[SpelledPage] = []
    cursor = None
    while True:
        page = await page_at_once(app, caller, wanted, BY_END, cursor=cursor, most=most)
        if page is None:
            return None
        assert page == await row_by_row(app, caller, wanted, cursor, most)
        pages.append(page)
        cursor = page.cursor
        if cursor is None:
            return pages


@pytest.mark.parametrize("wanted", SOURCES, ids=str)
@pytest.mark.parametrize("roles", [("manager",), ("auditor",), ("agent",), ("agent", "manager"), ()], ids=str)
async def test_every_reader_gets_the_same_pages_at_once_as_row_by_row(
    roles: tuple[str, ...], wanted: LeadFilter, crowd: Crowd, app: Pool
) -> None:
    caller = Caller(crowd.tenant, "agent" if "agent" in roles else "manager", roles)
    for most in (1, 4, 30, 200):
        pages = await same_pages(app, caller, wanted, most)
        if wanted.owner is None:
            assert pages is not None
    if wanted == LeadFilter() and roles:
        (page,) = await same_pages(app, caller, wanted, 200) or []
        his = crowd.own | crowd.shared if roles == ("agent",) else set(crowd.leads)
        assert page.items.count(b'"externalId"') == len(his)


async def test_words_numbers_and_instants_are_spelled_alike(app: Pool, worker: Pool, tenant: UUID) -> None:
    boss = Caller(tenant, "manager", ("manager",))
    odd = 'Käse "Eck" \\ </b> \u2028\x01\x1f\x7f\t\n 😀'
    lead = await living(worker, tenant, odd, odd, owner="agent", postcode="+00:00", problem=odd)
    half = T0 + timedelta(milliseconds=500)
    for number, at in enumerate((T0, half, T0 + timedelta(microseconds=7))):
        moment = format_instant(at)
        await living(
            worker,
            tenant,
            f"Haus {number}",
            paused=number == 1,
            valid_until=moment,
            grace_until=moment,
            updated_at=moment,
            reason="INACTIVITY" if number else None,
        )
    assert await same_pages(app, boss, LeadFilter(), 2)
    async with transaction(worker, tenant, "manager", ["manager"], at=T0) as connection:
        await connection.execute(
            "update lead set external_id = $2, industry = 'HOTEL', source = 'TRADE_FAIR', postcode = null,"
            " city = 'Jena', owner = 'other', created_at = $3 where id = $1",
            lead,
            odd,
            half,
        )
        await connection.execute(
            "update protection set owner = 'other', valid_until = null, last_progress_at = $2"
            " where lead = $1",
            lead,
            half,
        )
    await share(worker, tenant, lead, "agent")
    pages = await same_pages(app, boss, LeadFilter(), 3) or []
    assert [b"TRADE_FAIR" in page.items for page in pages] == [False, True]
    assert b'"validUntil":null' in pages[1].items
    assert b".500000Z" in pages[1].items
    assert await same_pages(app, Caller(tenant, "agent", ("agent",)), LeadFilter(), 1)


@pytest.mark.parametrize("wanted", OF_ANOTHER_KIND, ids=str)
async def test_other_lists_are_left_to_the_slower_way(wanted: LeadFilter, crowd: Crowd, app: Pool) -> None:
    assert await page_at_once(app, crowd.boss, wanted, BY_END) is None
    for order in (LeadOrder(sort=LeadSort.COMPANY), LeadOrder(descending=True)):
        assert await page_at_once(app, crowd.boss, LeadFilter(), order) is None


@pytest.mark.parametrize(
    ("wanted", "how", "refused"),
    [
        (LeadFilter(), {"most": 0}, "most: out-of-range"),
        (LeadFilter(), {"most": 201}, "most: out-of-range"),
        (LeadFilter(), {"cursor": "x"}, "cursor: malformed"),
        (LeadFilter(owner=""), {}, "owner: out-of-range"),
        (LeadFilter(owner="a\x00"), {}, "owner: malformed"),
    ],
)
async def test_nonsense_is_refused(
    wanted: LeadFilter, how: dict[str, Any], refused: str, crowd: Crowd, app: Pool
) -> None:
    with pytest.raises(BadListing, match=refused):
        await page_at_once(app, crowd.boss, wanted, BY_END, **how)


async def test_a_page_far_down_is_sought_in_the_index(app: Pool, crowd: Crowd) -> None:
    """Row security must not turn the place where a page begins into a filter over all rows before it."""
    where = "where p.tenant = app_tenant() and (p.{0}, p.lead) > ($1, $2) order by p.{0}, p.lead"
    async with transaction(app, crowd.tenant, "manager", ["manager"], reading=True) as connection:
        await connection.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
        for key in ("sorted_end", "sorted_start", "updated_at"):
            plan = await connection.fetchval(
                f"explain (format json) select p.lead from protection as p {where.format(key)} limit 5",
                T0 + DAY,
                crowd.leads[0],
            )
            assert f"ROW({key}, lead) > " in str(plan).partition("'Filter'")[0]
