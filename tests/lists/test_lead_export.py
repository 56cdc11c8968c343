"""Lists as CSV: complete, of the caller, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest

from adapters.database import Caller, Pool
from adapters.lead_export import lead_csv
from adapters.lead_listing import BadListing, LeadFilter, LeadOrder, LeadSort
from tests.lists.leads import living, share
from tests.sql.commands import DAY, T0

EVIL = ('=HYPERLINK("http://x")', "+49 Hotel", "-2+3", "@SUM(1)", "\tHotel", "\r=1", "\n=1")


async def _rows(app: Pool, caller: Caller, wanted: LeadFilter, *order: LeadOrder) -> list[dict[str, str]]:
    text = "".join([piece async for piece in lead_csv(app, caller, wanted, *order)])
    assert text.encode().decode() == text
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_a_row_says_what_the_api_says(worker: Pool, app: Pool, tenant: UUID) -> None:
    lead = await living(worker, tenant, 'Öko "Bio", KG', "München", paused=True, postcode="80331")
    (row,) = await _rows(app, Caller(tenant, "manager", ("manager",)), LeadFilter())
    assert row["id"] == str(lead)
    assert (row["company"], row["city"], row["postcode"], row["owner"]) == (
        'Öko "Bio", KG', "München", "80331", "agent",
    )  # fmt: skip
    assert (row["status"], row["paused"], row["activeHolds"]) == ("ACTIVE", "true", "FFZ_PRICE_APPROVAL")
    assert (row["registeredAt"], row["validUntil"], row["reason"]) == ("2030-01-15T09:30:00Z", "", "")
    assert list(row)[:4] == ["id", "externalId", "company", "city"]


async def test_no_cell_is_a_formula(worker: Pool, app: Pool, tenant: UUID) -> None:
    for name in EVIL:
        await living(worker, tenant, name, f"{name} {EVIL.index(name)}")
    rows = await _rows(app, Caller(tenant, "manager", ("manager",)), LeadFilter())
    assert sorted(row["company"] for row in rows) == sorted(f"'{name}" for name in EVIL)
    assert {cell[:1] for row in rows for cell in row.values()}.isdisjoint(
        {"=", "+", "-", "@", "\t", "\r", "\n"}
    )


async def test_an_export_is_the_callers_list_in_his_order_in_pieces(
    worker: Pool, app: Pool, tenant: UUID
) -> None:
    leads = [
        await living(
            worker, tenant, f"Hotel {number}", owner="agent" if number % 2 else "other", day=9 - number
        )
        for number in range(6)
    ]
    await share(worker, tenant, leads[0], "agent")
    agent = Caller(tenant, "agent", ("agent",))
    assert [row["company"] for row in await _rows(app, agent, LeadFilter())] == [
        "Hotel 0", "Hotel 1", "Hotel 3", "Hotel 5",
    ]  # fmt: skip
    latest = LeadOrder(sort=LeadSort.REGISTERED_AT, descending=True)
    his = await _rows(app, agent, LeadFilter(mine=True, due_before=T0 + 99 * DAY), latest)
    assert [row["company"] for row in his] == ["Hotel 1", "Hotel 3", "Hotel 5"]
    nobody = [piece async for piece in lead_csv(app, Caller(tenant, "stranger", ("agent",)), LeadFilter())]
    assert nobody[0].startswith("id,externalId,")
    assert nobody[0].count("\r\n") == 1
    assert len(nobody) == 1


async def test_more_than_a_page_is_streamed_page_by_page(worker: Pool, app: Pool, tenant: UUID) -> None:
    await living(worker, tenant, "Hotel 0")
    pieces = [
        piece
        async for piece in lead_csv(app, Caller(tenant, "manager", ("manager",)), LeadFilter(), rows_a_page=1)
    ]
    assert len(pieces) == 1
    await living(worker, tenant, "Hotel 1")
    await living(worker, tenant, "Hotel 2")
    boss = Caller(tenant, "manager", ("manager",))
    pieces = [piece async for piece in lead_csv(app, boss, LeadFilter(), rows_a_page=2)]
    assert [piece.count("\r\n") for piece in pieces] == [3, 1]


async def test_a_filter_that_makes_no_sense_is_refused(app: Pool, tenant: UUID) -> None:
    with pytest.raises(BadListing, match="text: malformed"):
        await _rows(app, Caller(tenant, "manager", ("manager",)), LeadFilter(text="--"))
