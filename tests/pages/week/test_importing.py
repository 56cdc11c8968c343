"""A table of leads: looked at, imported once, and what is wrong with it said by line and column."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.database import Caller
from services.uploads import KEPT, MOST_BYTES, Upload, Uploads
from tests.api.shop import Shop
from tests.pages.visitor import Visitor, visitor

HEAD = "company;city;source;contact.name;contact.email;firstContact.note"


def table(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join((head, *rows, "")).encode()


async def send(visiting: Visitor, body: bytes, *, name: str = "leads.csv") -> httpx.Response:
    """Choose a file and look at it."""
    return await visiting.client.post(
        "/import",
        files={"file": (name, body, "text/csv")},
        data={"_act": uuid4().hex},
        headers={"Sec-Fetch-Site": "same-origin"},
    )


async def over(visiting: Visitor, path: str) -> None:
    """Look until it is over, as the page itself does."""
    while True:
        assert (await visiting.get(path)).status_code == 200
        if not visiting.html.all("progress"):
            return
        part = visiting.html.one("div", id="import")
        assert part.attributes["hx-get"] == path
        await asyncio.sleep(0.05)


def tiles(visiting: Visitor) -> list[int]:
    """Registered, there already, taken, similar, wrong."""
    return [int(node.text) for node in visiting.html.one("ul", class_="tiles").all("strong")]


async def test_a_table_is_looked_at_and_then_imported_once(shop: Shop) -> None:
    anna, tag = await visitor(shop, "anna"), uuid4().hex[:10]
    await shop.opened("ben", company=f"Taken {tag}", city="Ulm")
    seen = await shop.opened("anna", company=f"Bäckerei {tag} Nord", city="Jena")
    body = table(
        f"Neu A {tag} eins;Ort A {tag};REFERRAL;Jo;jo@x.example;",
        f"Neu B {tag} zwei;Ort B {tag};PHONE;;;Sprach mit der Inhaberin",
        f"Taken {tag} GmbH;Ulm;REFERRAL;Jo;;",
        f"Bäckerei {tag} Norden;Jena;REFERRAL;Jo;;",
        f";Ort {tag};DREAM;Jo;;",
        f"Messe {tag};Kiel;TRADE_FAIR;Jo;;kurz",
    )
    answer = await send(anna, body)
    assert answer.status_code == 303
    preview = answer.headers["location"]
    await over(anna, preview)
    assert anna.heading == "What would come of it"
    assert tiles(anna) == [2, 0, 1, 1, 2]
    rows = [[cell.text for cell in row.all("td")] for row in anna.html.one("tbody").all("tr")]
    lines = [row.one("th").text for row in anna.html.one("tbody").all("tr")]
    assert lines == ["Line 4", "Line 5", "Line 6", "Line 6", "Line 7"]
    assert [row[0] for row in rows] == [
        "company",
        "confirmSimilar.reason",
        "company",
        "source",
        "firstContact.note",
    ]
    assert "taken" in rows[0][1]
    assert anna.html.one("tbody").one("a").attributes["href"] == f"/leads{seen}"
    assert (await shop.get("anna", f"?text={tag}&limit=9"))["items"][0]["id"] == seen.removeprefix("/")

    rejects = await anna.client.get(f"{preview}/rejects.csv")
    assert rejects.headers["content-disposition"] == 'attachment; filename="rejects.csv"'
    told = rejects.content.decode("utf-8-sig").splitlines()
    assert told[0] == "row;line;column;code;reason"
    assert told[1].startswith("3;4;company;live-duplicate;")
    assert len(told) == 6
    assert tag not in "".join(told)

    started = [await anna.post(f"{preview}/start") for _ in range(2)]
    assert [one.status_code for one in started] == [303, 303]
    assert started[0].headers["location"] == started[1].headers["location"] != preview
    await over(anna, started[0].headers["location"])
    assert (anna.heading, tiles(anna)) == ("Import", [2, 0, 1, 1, 2])
    assert len((await shop.get("anna", f"?text={tag}"))["items"]) == 3
    await anna.get(preview)
    assert anna.html.all("a", href=started[0].headers["location"])
    await anna.get("/import")
    assert [node.attributes["href"] for node in anna.html.one("ul", class_="news").all("a")][:2] == [
        started[0].headers["location"],
        preview,
    ]

    again = (await send(anna, body)).headers["location"]
    await over(anna, again)
    assert tiles(anna)[:2] == [0, 2]

    german = await visitor(shop, "anna", language="de")
    await german.get(preview)
    assert "Diese Firma ist vergeben" in german.html.one("tbody").text
    ben = await visitor(shop, "ben")
    for path in (preview, f"{preview}/rejects.csv"):
        assert (await ben.get(path)).status_code == 404
    assert (await ben.post(f"{preview}/start")).status_code == 409


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "choose a file"),
        ("company;city\nKäse;Köln\n".encode("latin-1"), "Line 2 is no UTF-8"),
        (b'company;city\n"open;Ulm\n', "no CSV"),
        (b"company;city\n", "no row"),
        (b"company;town\nA;B\n", "Column 2"),
        (b"company;city;city\nA;B;C\n", "Column 3"),
        (b"company\nA\n", "no column city"),
        (b"\x00\x01\x02", "Column 1"),
    ],
    ids=str,
)
async def test_a_table_that_cannot_be_read_says_where(shop: Shop, body: bytes, said: str) -> None:
    anna = await visitor(shop, "anna")
    answer = await send(anna, body)
    assert answer.status_code == 422
    assert said in answer.text


async def test_garbage_and_other_people_get_no_further(shop: Shop) -> None:
    anna, olga = await visitor(shop, "anna"), await visitor(shop, "olga")
    assert (await anna.post("/import", file="no file")).status_code == 422
    assert (await anna.post("/import")).status_code == 422
    assert (await send(anna, b"x" * 16_200_000)).status_code == 413
    unknown = uuid4()
    assert (await anna.get(f"/import/{unknown}")).status_code == 404
    assert (await anna.get(f"/import/{unknown}/rejects.csv")).status_code == 404
    assert (await anna.post(f"/import/{unknown}/start")).status_code == 409
    assert (await anna.get("/import/nonsense")).status_code in {404, 422}
    assert (await anna.get(f"/import/{unknown}?after=-1")).status_code == 422
    example = await anna.client.get("/import/example.csv")
    assert example.content.decode("utf-8-sig").startswith("company;city")
    assert (await send(anna, example.content)).status_code == 303
    assert (await olga.get("/import")).status_code == 403
    assert (await send(olga, table("A;B;REFERRAL;Jo;;"))).status_code == 403


def test_tables_are_kept_for_a_while_one_for_each_person_and_not_without_end() -> None:
    uploads, now = Uploads(), datetime(2030, 1, 1, tzinfo=UTC)
    tenant = UUID(int=1)

    def kept(caller: Caller, number: int, **more: Any) -> Upload | None:
        return uploads.find(caller, UUID(int=number), at=more.get("at", now))

    def keep(caller: Caller, number: int, size: int = 1, at: datetime = now) -> Upload:
        upload = Upload(UUID(int=number), (), b"x" * size, at)
        uploads.keep(caller, upload)
        return upload

    anna, ben = Caller(tenant, "anna"), Caller(tenant, "ben")
    first = keep(anna, 1)
    assert kept(anna, 1) == first
    assert kept(ben, 1) is None
    uploads.begin(anna, first, UUID(int=9))
    begun = kept(anna, 9)
    assert begun is not None
    assert begun.started == UUID(int=9)
    keep(anna, 2)
    assert kept(anna, 1) is None
    assert kept(anna, 2, at=now + KEPT) is not None
    assert kept(anna, 2, at=now + KEPT + timedelta(seconds=1)) is None
    keep(anna, 3, MOST_BYTES // 2)
    keep(ben, 4, MOST_BYTES // 2 + 1)
    assert kept(anna, 3) is None
    assert kept(ben, 4) is not None
