"""Many leads in one call: what is taken, what is told of the others, and the same again."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.api.imports import CSV, ask, done, faults, numbers, send, table
from tests.api.shop import Shop, new_company

JO = {"contact": {"name": "Jo Geheim", "email": "Jo@Haus.example", "phone": "+49 30 1234567"}}
JO_CELLS = {
    "contact.name": "Jo Geheim",
    "contact.email": "Jo@Haus.example",
    "contact.phone": "+49 30 1234567",
}
PAST = {
    "registeredAt": "2026-09-01T08:00:00Z",
    "reason": "Entered too late",
    "evidence": "https://x.example/1",
}


async def test_good_rows_are_taken_and_bad_ones_listed(shop: Shop) -> None:
    good, noted = {**new_company(), **JO, "source": "REFERRAL"}, {**new_company(), "preregistration": True}
    answer = await ask(
        shop,
        [
            good,
            {**new_company(), "contact": {"email": "nonsense"}},
            noted,
            "nonsense",
            {**new_company(), **JO, "nonsense": "Jo Geheim"},
            {**new_company(), **JO, "source": "DREAM", "postcode": 99084},
            {**new_company(), **JO, "owner": "ben"},
            {**new_company(), **JO, "backdating": PAST},
            {"company": "\ud800", "city": "Erfurt", **JO},
            new_company(),
        ],
    )
    assert answer.headers["location"] == f"/api/leads/import/{answer.json()['id']}"
    told = await done(shop, answer)
    assert (told["total"], told["dryRun"], told["state"]) == (10, False, "done")
    assert numbers(told) == {"registered": 2, "refused": 8}
    assert told["finishedAt"] >= told["askedAt"]
    assert faults(told) == [
        (2, "#/contact/email", "malformed"),
        (4, "#", "model-type"),
        (5, "#", "extra-forbidden"),
        (6, "#/postcode", "string-type"),
        (6, "#/source", "enum"),
        (7, "#/owner", "forbidden"),
        (8, "#/backdating", "forbidden"),
        (9, "#/company", "string-unicode"),
        (10, "#/contact", "malformed"),
    ]
    assert {row["line"] for row in told["items"]} == {None}
    lead = await shop.get("anna", f"/{told['items'][0]['lead']}")
    assert lead["company"] == good["company"]
    assert [one["email"] for one in lead["contacts"]] == ["jo@haus.example"]
    path = f"/{told['items'][2]['lead']}/protection"
    assert (await shop.get("anna", path))["status"] == "PREREGISTERED"
    assert "nonsense" not in str(told)


async def test_a_table_as_spreadsheets_write_it(shop: Shop) -> None:
    first = {**new_company(), **JO_CELLS, "postcode": "99084", "owner": "ben"}
    second = {
        **new_company(),
        "source": "TRADE_FAIR",
        "firstContact.note": 'They said: "come back",\r\nin May; both of them.',
        "firstContact.occurredAt": "2026-10-01T08:00:00+02:00",
        "firstContact.channel": "fair",
        "backdating.registeredAt": PAST["registeredAt"],
        "backdating.reason": PAST["reason"],
        "backdating.evidence": PAST["evidence"],
    }
    third = {"company": " ", "city": "Erfurt", "preregistration": "perhaps"}
    body = table(first, second, third, separator=";")
    told = await done(shop, await send(shop, b"\xef\xbb\xbf" + body, "maria"), "maria")
    assert numbers(told) == {"registered": 2, "refused": 1}
    assert [row["line"] for row in told["items"]] == [2, 3, 5]
    assert faults(told) == [(3, "#/company", "missing"), (3, "#/preregistration", "bool-type")]
    one, two = [await shop.get("maria", f"/{row['lead']}/protection") for row in told["items"][:2]]
    assert (one["owner"], two["owner"]) == ("ben", "maria")
    lead = await shop.get("maria", f"/{told['items'][1]['lead']}")
    assert second["firstContact.note"] in [entry["note"] for entry in lead["contacts"]]
    again = await done(shop, await send(shop, body, "maria"), "maria")
    assert numbers(again) == {"alreadyThere": 2, "refused": 1}


@pytest.mark.parametrize("key", [None, "one", "other"])
async def test_the_same_rows_again_change_nothing(shop: Shop, key: str | None) -> None:
    """Without a key, under the same key, or under another one."""
    leads = [{**new_company(), **JO}, {**new_company(), "preregistration": True}, {**new_company(), **JO}]
    name = None if key is None else uuid4().hex
    first = await done(shop, await ask(shop, [*leads, leads[0]], key=name))
    assert numbers(first) == {"registered": 3, "alreadyThere": 1}
    if key == "other":
        name = uuid4().hex
    second = await done(shop, await ask(shop, [*leads, leads[0]], key=name))
    if key == "one":
        assert second == first
    else:
        assert numbers(second) == {"alreadyThere": 4}
    assert [row["lead"] for row in second["items"]] == [row["lead"] for row in first["items"]]
    for row in first["items"]:
        assert len(await shop.office.facts(row["lead"])) == 1
    ids = [row["lead"] for row in first["items"]]
    kept = await shop.office.lab.execute("select 1 from lead_contact where lead = any($1)", ids)
    assert len(kept) == 2
    if name is not None:
        reused = await ask(shop, leads, key=name)
        assert (reused.status_code, reused.json()["type"]) == (
            409,
            "urn:fristwerk:problem:idempotency-key-reused",
        )
        others = await ask(shop, [*leads, leads[0]], "ben", key=name)
        assert others.status_code == 409


async def test_what_stands_in_the_way(shop: Shop) -> None:
    theirs, word = {**new_company(), **JO}, uuid4().hex
    await shop.opened("ben", **theirs)
    mine = {**new_company(), **JO, "company": f"Gasthof zur Linde {word}"}
    path = await shop.opened("anna", **mine)
    taken = {**new_company(), **JO, "externalId": word}
    await shop.opened("ben", **taken)
    like = {**mine, "company": f"Gasthof zur Linden {word} GmbH"}
    rows = [theirs, mine, like, {**new_company(), **JO, "externalId": word}]
    for dry_run in (True, False):
        told = await done(shop, await ask(shop, rows, dry_run=dry_run))
        assert numbers(told) == {"liveDuplicate": 1, "alreadyThere": 1, "similar": 1, "refused": 1}
        assert [row["outcome"] for row in told["items"]] == [
            "live-duplicate",
            "already-there",
            "similar",
            "refused",
        ]
        assert faults(told) == [
            (1, "#/company", "live-duplicate"),
            (3, "#/confirmSimilar", "similar"),
            (4, "#/externalId", "external-id-taken"),
        ]
        lead = path.removeprefix("/")
        assert [row["lead"] for row in told["items"]] == [None, lead, lead, None]
    sure = await ask(shop, [{**like, "confirmSimilar": {"reason": "Another house"}}])
    assert numbers(await done(shop, sure)) == {"registered": 1}


async def test_a_dry_run_foretells_the_very_numbers_and_writes_nothing(shop: Shop) -> None:
    place = {**new_company(), **JO}
    other = {**place, "owner": "ben"}
    named = {**new_company(), **JO, "externalId": uuid4().hex}
    rows = [
        place,
        place,
        other,
        {**place, "postcode": "99084"},
        named,
        {**new_company(), **JO, "externalId": named["externalId"]},
        {**new_company(), **JO, "owner": "nobody"},
        {**new_company(), "preregistration": True, **JO},
    ]
    tables = ("lead", "fact", "lead_contact", "lead_key", "act", "policy_version", "audit_event")

    async def written() -> list[Any]:
        counted = [
            await shop.office.lab.execute(
                f"select count(*) as n from {name} where tenant = $1", shop.office.lab.tenant
            )
            for name in tables
        ]
        return [rows[0]["n"] for rows in counted]

    before = await written()
    foretold = await done(shop, await ask(shop, rows, "maria", dry_run=True), "maria")
    assert foretold["dryRun"]
    assert await written() == before
    came = await done(shop, await ask(shop, rows, "maria"), "maria")
    assert numbers(foretold) == numbers(came)
    assert numbers(came) == {"registered": 2, "alreadyThere": 1, "liveDuplicate": 2, "refused": 3}
    assert faults(foretold) == faults(came)
    assert [row["outcome"] for row in foretold["items"]] == [row["outcome"] for row in came["items"]]
    assert all(row["lead"] is None for row in foretold["items"] if row["outcome"] == "registered")


async def test_what_has_ended_is_opened_again_only_under_a_new_key(shop: Shop) -> None:
    said = [{**new_company(), **JO}]
    first = await done(shop, await ask(shop, said))
    lead = first["items"][0]["lead"]
    assert (await shop.post("anna", f"/{lead}/release")).status_code == 200
    for dry_run in (True, False):
        again = await done(shop, await ask(shop, said, dry_run=dry_run))
        assert (numbers(again), faults(again)) == ({"refused": 1}, [(1, "#", "imported-before")])
    anew = await done(shop, await ask(shop, said, key=uuid4().hex))
    assert numbers(anew) == {"registered": 1}
    assert anew["items"][0]["lead"] != lead


async def test_bad_rows_come_page_by_page(shop: Shop) -> None:
    rows = [{**new_company(), **JO} if number == 3 else {"company": "X"} for number in range(8)]
    answer = await ask(shop, rows)
    await done(shop, answer)
    path = answer.headers["location"].removeprefix("/api/leads")
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        told = await shop.get("anna", f"{path}?limit=3{cursor and f'&cursor={cursor}'}")
        seen += [row["row"] for row in told["items"]]
        cursor = told["nextCursor"]
    assert seen == [1, 2, 3, 5, 6, 7, 8]
    assert (await shop.ask("anna", "GET", f"{path}?cursor=nonsense")).status_code == 422


async def test_an_import_is_its_callers_own(shop: Shop) -> None:
    answer = await ask(shop, [{**new_company(), **JO}])
    path = answer.headers["location"].removeprefix("/api/leads")
    nobodys = await shop.ask("anna", "GET", f"/import/{uuid4()}")
    for user in ("ben", "maria", "adam", "olga"):
        other = await shop.ask(user, "GET", path)
        assert other.status_code == 404
        assert {**other.json(), "instance": ""} == {**nobodys.json(), "instance": ""}
    assert (await ask(shop, [{**new_company(), **JO}], "olga")).status_code == 403
    assert (await shop.ask("anna", "GET", "/import/nonsense")).status_code == 422
    await done(shop, answer)


async def test_everybody_has_one_running_at_a_time(shop: Shop) -> None:
    *rows, lead = [{**new_company(), **JO} for _ in range(61)]
    answers = await asyncio.gather(ask(shop, rows), ask(shop, rows), ask(shop, [lead], "ben"))
    assert sorted(answer.status_code for answer in answers) == [202, 202, 409]
    (refused,) = (answer for answer in answers if answer.status_code == 409)
    assert refused.json()["type"] == "urn:fristwerk:problem:import-running"
    (taken,) = (answer for answer in answers[:2] if answer.status_code == 202)
    assert numbers(await done(shop, taken)) == {"registered": 60}
    await done(shop, answers[2], "ben")
    key = uuid4().hex
    twice = await asyncio.gather(*(ask(shop, rows, key=key) for _ in range(3)))
    assert {answer.status_code for answer in twice} == {202}
    assert len({answer.headers["location"] for answer in twice}) == 1
    assert numbers(await done(shop, twice[0])) == {"alreadyThere": 60}


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", CSV, 422, "missing-column"),
        (b"\xef\xbb\xbf", CSV, 422, "missing-column"),
        (b"\n\n", CSV, 422, "missing-column"),
        (b"company,city\n", CSV, 422, "no-rows"),
        (b"company,town\nX,Y\n", CSV, 422, "unknown-column"),
        (b"Company,city\nX,Y\n", CSV, 422, "unknown-column"),
        (b"company,city,\nX,Y,\n", CSV, 422, "unknown-column"),
        (b"company,city\0\nX,Y\n", CSV, 422, "unknown-column"),
        (b"company\tcity\nX\tY\n", CSV, 422, "unknown-column"),
        (b"company\nX\n", CSV, 422, "missing-column"),
        (b"company,city,city\nX,Y,Z\n", CSV, 422, "column-twice"),
        (b'company,city\n"X,Y\n', CSV, 422, "malformed-csv"),
        (b'company,city\n"X"x,Y\n', CSV, 422, "malformed-csv"),
        (b"company,city\n" + b"x" * 200_000 + b",Y\n", CSV, 422, "malformed-csv"),
        ("company,city\nMüller,Köln\n".encode("latin-1"), CSV, 422, "not-utf-8"),
        ("company,city\nX,Y\n".encode("utf-16"), CSV, 422, "not-utf-8"),
        (b"company,city\n" + b"X,Y\n" * 10_001, CSV, 422, "too-many-rows"),
        (b"company,city\nX,Y\n", "text/csv; charset=iso-8859-1", 415, None),
        (b"company,city\nX,Y\n", "text/plain", 415, None),
        (b"company,city\nX,Y\n", "application/json", 400, "json-invalid"),
        (b"[]", "application/json", 422, "model-type"),
        (b"null", "application/json", 422, "model-type"),
        (b"{}", "application/json", 422, "missing"),
        (b'{"leads": []}', "application/json", 422, "too-short"),
        (b'{"leads": {}}', "application/json", 422, "list-type"),
        (b'{"leads": [1], "more": 1}', "application/json", 422, "extra-forbidden"),
        (b'{"leads": [NaN]}', "application/json", 400, "json-invalid"),
        (b'{"leads": ["\xff"]}', "application/json", 400, "json-invalid"),
        (b'{"leads": [' + b"0," * 10_000 + b"0]}", "application/json", 422, "too-long"),
        (b'{"leads": ' + b"[" * 100_000, "application/json", 400, "json-invalid"),
        (b'{"leads": [' + b"[]," * 500_000 + b"0]}", "application/json", 422, "too-nested"),
    ],
)
async def test_what_is_no_import_is_refused_as_a_whole(
    shop: Shop, body: bytes, kind: str, status: int, code: str | None
) -> None:
    answer = await send(shop, body, kind=kind)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert [error["code"] for error in told.get("errors", ())] == ([] if code is None else [code])
    assert "X" not in answer.text
    assert "ller" not in answer.text


async def test_its_address_knows_one_method(shop: Shop) -> None:
    for method in ("OPTIONS", "GET", "PATCH", "PUT", "DELETE"):
        answer = await shop.ask("anna", method, "/import", None if method == "GET" else {})
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_ten_thousand_rows_are_enough(shop: Shop) -> None:
    told = await done(shop, await send(shop, b"company,city\n" + b"X,\n" * 10_000))
    assert numbers(told) == {"refused": 10_000}


async def test_a_nul_in_a_cell_is_that_rows_matter(shop: Shop) -> None:
    rows = table({**new_company(), **JO_CELLS}, {"company": "a\0b", "city": "Erfurt", **JO_CELLS})
    told = await done(shop, await send(shop, rows))
    assert numbers(told) == {"registered": 1, "refused": 1}
    assert faults(told) == [(2, "#/company", "string-pattern-mismatch")]


async def test_sixteen_megabytes_and_no_more(shop: Shop) -> None:
    """Elsewhere one is the end."""
    long = b'{"leads": [0' + b" " * 2_000_000 + b"]}"
    assert numbers(await done(shop, await send(shop, long, kind="application/json"))) == {"refused": 1}
    answer = await send(shop, b"company,city\n" + b"X,Y\n" * 4_000_000)
    assert (answer.status_code, answer.json()["detail"]) == (413, "At most 16,000,000 bytes.")
    plain = await shop.post("anna", "", {"company": "x" * 1_000_001})
    assert (plain.status_code, plain.json()["detail"]) == (413, "At most 1,000,000 bytes.")
