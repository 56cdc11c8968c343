"""The list of leads over HTTP: filters, orders, pages, CSV, and the numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio

from api.paging import Page
from api.schemas.lead_reading import LeadListed
from tests.api.house import Api, Callers
from tests.api.ledgers import Office, lapsed, office_over, placed, registered, wire


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listing(
    postgres_url: str, frame: Api, callers: Callers
) -> AsyncIterator[tuple[Office, dict[str, UUID]]]:
    """A tenant with few leads, by name."""
    async with office_over(postgres_url, frame, callers) as office:
        yield (
            office,
            {
                "adler": await office.lead(registered(), company="Hotel Adler", city="Weimar"),
                "baer": await office.lead(*lapsed(), company="Gasthaus Bär", city="Jena"),
                "dachs": await office.lead(registered(), placed(5, 5), company="Zum Dachs", city="Jena"),
                "theirs": await office.lead(
                    registered("other"), owner="other", company="=Fuchs", city="Gera"
                ),
            },
        )


@pytest.mark.parametrize(
    ("query", "user", "found"),
    [
        ("", "agent", {"adler", "baer", "dachs"}),
        ("", "other", {"theirs"}),
        ("", "manager", {"adler", "baer", "dachs", "theirs"}),
        ("?mine=true", "manager", set()),
        ("?owner=other", "manager", {"theirs"}),
        ("?owner=other", "agent", set()),
        ("?city=JENA", "manager", {"baer", "dachs"}),
        ("?status=EXPIRED", "manager", {"baer"}),
        ("?paused=true", "manager", {"dachs"}),
        ("?text=baer", "manager", {"baer"}),
        ("?dueBefore=2024-07-12T00:00:00Z&due=progress", "manager", {"adler", "theirs"}),
        ("?dueWithin=0", "manager", {"adler", "theirs"}),
        ("?text=nobody", "manager", set()),
    ],
)
async def test_filters(
    listing: tuple[Office, dict[str, UUID]], query: str, user: str, found: set[str]
) -> None:
    office, names = listing
    told = (await office.get(f"/api/leads{query}", user)).json()
    by_id = {str(lead): name for name, lead in names.items()}
    assert {by_id[one["id"]] for one in told["items"]} == found
    assert told["nextCursor"] is None


async def test_order_and_pages(listing: tuple[Office, dict[str, UUID]]) -> None:
    office, _ = listing
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await office.get(f"/api/leads?sort=-company&limit=1{cursor}", "manager")).json()
        seen += [one["company"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == ["Zum Dachs", "Hotel Adler", "Gasthaus Bär", "=Fuchs"]
    first = (await office.get("/api/leads?sort=company&limit=1", "manager")).json()
    other = await office.get(f"/api/leads?sort=-company&cursor={first['nextCursor']}", "manager")
    assert other.json()["errors"][0]["code"] == "of-another-list"


async def test_a_row_of_the_list(listing: tuple[Office, dict[str, UUID]]) -> None:
    office, _ = listing
    (told,) = (await office.get("/api/leads?text=dachs")).json()["items"]
    assert told["activeHolds"] == ["FFZ_SAMPLE_DELAY"]
    assert told["validUntil"] is None
    assert told["registeredAt"] == wire(0)
    assert told["revision"] == 2
    # Written without the documented model, and still of its shape.
    everything = await office.get("/api/leads", "manager")
    page = Page[LeadListed].model_validate_json(everything.text)
    assert page.model_dump(mode="json") == everything.json()
    assert len(page.items) == 4


@pytest.mark.parametrize(
    "query",
    [
        "",
        "limit=2",
        "limit=02",
        "limit=0",
        "limit=00002",
        "limit=1e1",
        "limit=%D9%A2",
        "limit=",
        "mine=true",
        "mine=True",
        "mine=1",
        "mine=",
        "shared=true&mine=true",
        "paused=true",
        "paused=false",
        "status=EXPIRED",
        "status=expired",
        "sort=-company&limit=3",
        "sort=",
        "sort=company&sort=-company",
        "cursor=",
        "cursor=x",
        "unknown=1",
        "text=jena&status=ACTIVE",
    ],
)
async def test_plain_questions_are_answered_like_all_others(
    listing: tuple[Office, dict[str, UUID]], query: str
) -> None:
    office, _ = listing
    plain = await office.get(f"/api/leads?{query}", "manager")
    whole = await office.get(f"/api/leads?{query}&format=json", "manager")
    assert plain.status_code == whole.status_code
    assert plain.json() | {"instance": ""} == whole.json() | {"instance": ""}


@pytest.mark.parametrize(
    ("query", "accept", "is_csv"),
    [
        ("", "text/csv", True),
        ("?format=csv", "application/json", True),
        ("", "text/csv;q=0.9, application/json", True),
        ("", "application/json, text/csv", False),
        ("?format=json", "text/csv", False),
        ("", "*/*", False),
    ],
)
async def test_csv(listing: tuple[Office, dict[str, UUID]], query: str, accept: str, is_csv: bool) -> None:
    office, names = listing
    answer = await office.get(f"/api/leads{query}", "manager", accept=accept)
    assert answer.headers["content-type"].startswith("text/csv") is is_csv
    if is_csv:
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert {row["id"] for row in rows} == {str(lead) for lead in names.values()}
        assert "'=Fuchs" in {row["company"] for row in rows}
        assert "attachment" in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "#/limit"),
        ("limit=201", "#/limit"),
        ("sort=sideways", "#/sort"),
        ("status=HAPPY", "#/status"),
        ("owner=%20", "#/owner"),
        ("text=%21%21", "#/text"),
        ("text=", "#/text"),
        ("dueWithin=-1", "#/dueWithin"),
        ("dueWithin=5&dueBefore=2024-07-12T00:00:00Z", "#/dueWithin"),
        ("due=never", "#/due"),
        ("format=xml", "#/format"),
        ("text=%21%21&format=csv", "#/text"),
    ],
)
async def test_lists_nobody_can_be_given(
    listing: tuple[Office, dict[str, UUID]], query: str, pointer: str
) -> None:
    office, _ = listing
    answer = await office.get(f"/api/leads?{query}", "manager")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_numbers(listing: tuple[Office, dict[str, UUID]]) -> None:
    office, _ = listing
    told = (await office.get("/api/kpis", "manager")).json()
    assert told["counts"] == {"ACTIVE": 3, "EXPIRED": 1}
    assert told["paused"] == 1
    own = (await office.get("/api/kpis?days=7", "other")).json()
    assert own["counts"] == {"ACTIVE": 1}
    assert (await office.get("/api/kpis?days=0", "manager")).status_code == 422
