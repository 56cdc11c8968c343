"""Lists of leads: filters, orders, pages and cursors, as the application role."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.database import Caller, Pool, transaction
from adapters.lead_list import list_leads, page_of
from adapters.lead_listing import BadListing, Due, LeadFilter, LeadOrder, LeadSort, mark_of, place_of
from adapters.normalise import fold
from protection.state import Status
from tests.lists.crowd import Crowd
from tests.lists.leads import every, living
from tests.sql.commands import DAY, T0

ORDERS = [LeadOrder(sort=sort, descending=down) for sort in LeadSort for down in (False, True)]


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("most", [1, 7, 30, 200])
async def test_pages_of_any_size_hold_every_lead_once_in_order(
    most: int, order: LeadOrder, crowd: Crowd, app: Pool
) -> None:
    found = await every(app, crowd.boss, LeadFilter(), order, most=most)
    assert sorted(found) == sorted(crowd.leads)
    assert found == await every(app, crowd.boss, LeadFilter(), order)
    other_way = LeadOrder(sort=order.sort, descending=not order.descending)
    assert found == (await every(app, crowd.boss, LeadFilter(), other_way, most=most))[::-1]


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("most", [1, 4, 200])
async def test_an_agents_list_is_his_own_and_what_is_shared_with_him_in_one_order(
    most: int, order: LeadOrder, crowd: Crowd, app: Pool
) -> None:
    found = await every(app, crowd.agent, LeadFilter(), order, most=most)
    his = crowd.own | crowd.shared
    assert found == [lead for lead in await every(app, crowd.boss, LeadFilter(), order) if lead in his]
    assert len(found) == len(his)


async def test_the_orders_are_what_they_say(crowd: Crowd, app: Pool) -> None:
    async with transaction(app, crowd.tenant, "manager", ["manager"]) as connection:
        pages = {
            sort: (
                await list_leads(connection, crowd.boss, LeadFilter(), LeadOrder(sort=sort), most=200)
            ).leads
            for sort in LeadSort
        }
    ends = [item.protection.valid_until for item in pages[LeadSort.VALID_UNTIL]]
    known = [end for end in ends if end is not None]
    assert known == sorted(known)
    assert ends == known + [None] * (30 - len(known))
    assert None in ends
    since = [item.protection.registered_at for item in pages[LeadSort.REGISTERED_AT]]
    assert since == sorted(moment for moment in since if moment is not None)
    changed = [item.protection.updated_at for item in pages[LeadSort.UPDATED_AT]]
    assert changed == sorted(changed)
    names = [item.lead.company for item in pages[LeadSort.COMPANY]]
    assert list(dict.fromkeys(fold(name).split()[0] for name in names)) == [
        "aehre",
        "baecker",
        "mueller",
        "zorn",
    ]
    assert names.index("Mueller Süd KG 0") > names.index("Müller GmbH")


async def test_filters_narrow_and_combine(crowd: Crowd, app: Pool) -> None:
    leads = crowd.leads

    async def found(caller: Caller = crowd.boss, **wanted: Any) -> set[UUID]:
        listed = await every(app, caller, LeadFilter(**wanted))
        assert len(listed) == len(set(listed))
        return set(listed)

    assert await found(status=Status.EXPIRED) == set(leads[20:])
    assert await found(status=Status.GRACE) == set()
    assert await found(paused=True) == set(leads[10:20])
    assert await found(paused=False, status=Status.ACTIVE) == set(leads[:10])
    assert await found(owner="agent") == crowd.own
    assert await found(city="FRANKFURT  main") == set(leads[::3])
    assert await found(city="münchen", owner="agent") == set(leads[1::2]) - set(leads[::3])
    assert await found(city="Erfurt") == set()
    # Two leads each day, and 70 days each: the first five days' ends lie before this instant. What has
    # ended, and what stands still for a time unknown, is not due.
    before = T0 + 74 * DAY + timedelta(hours=1)
    assert await found(due_before=before) == set(leads[:10])
    assert await found(due_before=before, owner="other") == set(leads[:10:2])
    assert await found(due_before=T0) == set()
    assert await found(due_before=T0 + 62 * DAY + timedelta(hours=1), due=Due.PROGRESS) == set(leads[:6])
    assert await found(due_before=T0 + 61 * DAY + timedelta(hours=1), due=Due.REMINDER) == set(leads[:4])
    agent = crowd.agent
    assert await found(agent, mine=True) == crowd.own
    assert await found(agent, shared=True) == crowd.shared
    assert await found(agent, mine=True, shared=True) == crowd.own | crowd.shared
    assert await found(agent, owner="other") == crowd.shared
    assert await found(agent, owner="other", mine=True) == set()
    assert await found(agent, owner="agent") == crowd.own
    assert await found(agent, owner="agent", shared=True) == set()
    assert await found(mine=True) == set()
    assert await found(crowd.caller("agent", "agent", "manager")) == set(leads)
    assert await found(crowd.caller("agent", "agent", "manager"), mine=True) == crowd.own
    assert await found(crowd.caller("agent", "agent", "manager"), shared=True) == crowd.shared
    assert await found(crowd.caller("other", "agent"), shared=True) == set()
    assert await found(Caller(uuid4(), "manager", ("manager",))) == set()
    assert await found(Caller(crowd.tenant, "agent", ())) == set()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("mueller", [n for n in range(30) if not n % 7 or n % 5 in {0, 1}]),
        ("MÜLLER süd", [n for n in range(30) if n % 7 and n % 5 == 1]),
        ("frank ähre", [n for n in range(30) if n % 7 and n % 5 == 2 and n % 3 == 0]),
        ("99083 zorn", [n for n in range(30) if n % 7 and n % 5 in {3, 4} and n % 4 == 3]),
        ("orn", [n for n in range(30) if n % 7 and n % 5 in {3, 4}]),
        ("hr", [n for n in range(30) if n % 7 and n % 5 == 2]),
        ("GmbH", [n for n in range(30) if not n % 7 or n % 5 == 0]),
        ("zorn zorn", [n for n in range(30) if n % 7 and n % 5 in {3, 4}]),
        ("100%", []),
        ("nobody", []),
    ],
)
async def test_words_are_found_in_any_spelling_and_order(
    text: str, numbers: list[int], crowd: Crowd, app: Pool
) -> None:
    expected = {crowd.leads[number] for number in numbers}
    for order in (LeadOrder(), LeadOrder(sort=LeadSort.COMPANY, descending=True)):
        assert set(await every(app, crowd.boss, LeadFilter(text=text), order, most=3)) == expected
    his = expected & (crowd.own | crowd.shared)
    assert set(await every(app, crowd.agent, LeadFilter(text=text))) == his


async def test_what_many_leads_say_is_found_without_the_index_too(crowd: Crowd, app: Pool) -> None:
    wanted = LeadFilter(text="zorn")
    async with transaction(app, crowd.tenant, "manager", ["manager"]) as connection:
        pages = [
            await page_of(connection, crowd.boss, wanted, LeadOrder(), cursor=None, most=200, few=few)
            for few in (2_000, 2)
        ]
    assert pages[0] == pages[1]
    assert len(pages[0].leads) == 10


async def test_the_index_of_words_tells_nobody_but_readers_of_the_whole_tenant(
    crowd: Crowd, app: Pool
) -> None:
    ask = "select count(*) from leads_saying(array['%'], 100)"
    for user, count in (("manager", 30), ("auditor", 30), ("agent", 0)):
        async with transaction(app, crowd.tenant, user, [user]) as connection:
            assert await connection.fetchval(ask) == count
    async with transaction(app, uuid4(), "manager", ["manager"]) as connection:
        assert await connection.fetchval(ask) == 0


async def test_a_changed_description_is_found_by_its_new_words(worker: Pool, app: Pool, tenant: UUID) -> None:
    lead = await living(worker, tenant, "Alt GmbH", "Gera", postcode="07545")
    async with transaction(worker, tenant, "manager", ["manager"], at=T0) as connection:
        await connection.execute(
            "update lead set company = 'Neu AG', city = 'Jena', postcode = '07743' where id = $1", lead
        )
    boss = Caller(tenant, "manager", ("manager",))
    assert await every(app, boss, LeadFilter(text="neu jena 07743", city="JENA")) == [lead]
    assert await every(app, boss, LeadFilter(text="alt")) == []
    assert await every(app, boss, LeadFilter(city="gera")) == []
    async with transaction(app, tenant, "agent", ["agent"], at=T0) as connection:
        await connection.execute("update lead set postcode = '07745' where id = $1", lead)
    assert await every(app, boss, LeadFilter(text="07745")) == [lead]
    assert await every(app, Caller(tenant, "agent", ("agent",)), LeadFilter(text="07743")) == []


async def test_the_words_themselves_are_the_owners_alone(crowd: Crowd, app: Pool, worker: Pool) -> None:
    for pool in (app, worker):
        async with transaction(pool, crowd.tenant, "manager", ["manager"]) as connection:
            await connection.execute("select set_config('app.sought', '%', true)")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("select * from lead_search")


async def test_a_letter_that_folds_into_many_breaks_no_index(worker: Pool, app: Pool, tenant: UUID) -> None:
    long = "".join(chr(0xFDFA) + chr(0x4E00 + number) for number in range(100))
    leads = [await living(worker, tenant, long + end, long, postcode=long) for end in "ab"]
    boss = Caller(tenant, "manager", ("manager",))
    by_name = LeadOrder(sort=LeadSort.COMPANY)
    assert sorted(await every(app, boss, LeadFilter(city=long), by_name, most=1)) == sorted(leads)
    async with transaction(app, tenant, "manager", ["manager"]) as connection:
        cursor = (await list_leads(connection, boss, LeadFilter(), by_name, most=1)).cursor
    assert cursor is not None
    assert len(cursor) < 1_000


async def _bad(app: Pool, crowd: Crowd, **how: Any) -> BadListing:
    wanted = LeadFilter(**{name: how.pop(name) for name in list(how) if name in LeadFilter.__slots__})
    async with transaction(app, crowd.tenant, "manager", ["manager"]) as connection:
        with pytest.raises(BadListing) as caught:
            await list_leads(connection, crowd.boss, wanted, **how)
    return caught.value


def _packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


MARK = mark_of("manager", LeadFilter(), LeadOrder())
LEAD = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "never~x",
        "ä",
        "=",
        "a" * 2001,
        _packed(None),
        _packed([]),
        _packed({"form": 1}),
        _packed([1, MARK, "never"]),
        _packed([2, MARK, "never", LEAD]),
        _packed([1, MARK, "never", "no uuid"]),
        _packed([1, MARK, "yesterday", LEAD]),
        _packed([1, MARK, "2030-01-15T09:30:00", LEAD]),
        _packed([1, MARK, 7, LEAD]),
        _packed([1, MARK, "never\x00", LEAD]),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
async def test_a_cursor_of_nobodys_is_refused(cursor: str, crowd: Crowd, app: Pool) -> None:
    error = await _bad(app, crowd, cursor=cursor)
    assert (error.field, error.code) == ("cursor", "malformed")


async def test_a_cursor_serves_only_the_list_that_made_it(crowd: Crowd, app: Pool) -> None:
    async with transaction(app, crowd.tenant, "manager", ["manager"]) as connection:
        cursor = (await list_leads(connection, crowd.boss, LeadFilter(), most=3)).cursor
    assert cursor is not None
    others: list[dict[str, Any]] = [
        {"owner": "agent"},
        {"status": Status.ACTIVE},
        {"mine": True},
        {"text": "zorn"},
        {"city": "Jena"},
        {"paused": False},
        {"due_before": T0},
        {"order": LeadOrder(descending=True)},
        {"order": LeadOrder(sort=LeadSort.COMPANY)},
        {"order": LeadOrder(sort=LeadSort.UPDATED_AT)},
    ]
    for other in others:
        error = await _bad(app, crowd, cursor=cursor, **other)
        assert (error.field, error.code) == ("cursor", "of-another-list"), other
    async with transaction(app, crowd.tenant, "auditor", ["auditor"]) as connection:
        with pytest.raises(BadListing, match="of-another-list"):
            await list_leads(connection, crowd.caller("auditor"), LeadFilter(), cursor=cursor)


async def test_pages_can_be_turned_while_the_instant_of_due_moves_on(crowd: Crowd, app: Pool) -> None:
    found: list[UUID] = []
    cursor, before = None, T0 + 74 * DAY + timedelta(hours=1)
    async with transaction(app, crowd.tenant, "manager", ["manager"]) as connection:
        while cursor is not None or not found:
            page = await list_leads(
                connection, crowd.boss, LeadFilter(due_before=before), cursor=cursor, most=4
            )
            found += [item.lead.id for item in page.leads]
            cursor, before = page.cursor, before + timedelta(seconds=1)
    assert sorted(found) == sorted(crowd.leads[:10])


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("most", 0, "out-of-range"),
        ("most", 201, "out-of-range"),
        ("most", -1, "out-of-range"),
        ("text", "", "out-of-range"),
        ("text", " ", "out-of-range"),
        ("text", "x" * 201, "out-of-range"),
        ("text", "!?%_", "malformed"),
        ("text", "a\x00b", "malformed"),
        ("city", "", "out-of-range"),
        ("city", "x" * 201, "out-of-range"),
        ("city", "a\x00", "malformed"),
        ("owner", "", "out-of-range"),
        ("owner", "a\x00", "malformed"),
        ("due_before", datetime(2030, 1, 1), "malformed"),  # noqa: DTZ001 - that is the point
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(
    field: str, value: object, code: str, crowd: Crowd, app: Pool
) -> None:
    error = await _bad(app, crowd, **{field: value})
    assert (error.field, error.code) == (field, code)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_garbage_is_a_place_or_refused(cursor: str) -> None:
    with pytest.raises(BadListing):
        place_of(cursor, LeadOrder(), MARK)
