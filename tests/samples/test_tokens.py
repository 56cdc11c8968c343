"""Attacks on the public form: whatever is tried, there is a 410, a 413 or a 429, never data, never a 500."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import asyncpg
import httpx
import pytest

from tests.api.shop import Shop
from tests.samples.forms import an_address, answer, invited
from tests.workflows.lab import until


def told(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of an answer but what stands for this one request."""
    body: dict[str, Any] = answer.json()
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, {**body, "instance": ""}, headers


async def test_one_answer_and_then_the_link_is_like_any_that_never_was(shop: Shop) -> None:
    customer = await invited(shop)
    assert len(customer.token) >= 32
    seen = await customer.look()
    assert (seen.status_code, seen.json()["skus"]) == (200, ["GOULASH-1", "SOUP-2"])
    first = await customer.say()
    assert (first.status_code, first.json()) == (201, {"received": True})
    expired = await invited(shop, ago=timedelta(days=31))
    closed = await invited(shop)
    await closed.close()
    strange = ("x", "a" * 43, secrets.token_urlsafe(32), "%C3%A4%E2%82%AC", "a" * 4_000, customer.token[:-1])
    for ask in (customer.look, customer.say):
        gone = told(await ask(secrets.token_urlsafe(32)))
        assert gone[0] == 410
        for token in (customer.token, expired.token, closed.token, *strange):
            assert told(await ask(token)) == gone
    (row,) = await customer.rows("feedback_submission")
    assert (row["source"], row["contact_role"], row["told_by"]) == ("FORM", "CHEF", "feedback-form")


async def test_expired_used_and_unknown_cost_the_same_statements(shop: Shop) -> None:
    used, expired = await invited(shop), await invited(shop, ago=timedelta(days=31))
    await used.say()
    seen: dict[str, list[str]] = {}
    statements: list[str] = []
    pool = shop.api.wiring.feedback._gate._pool
    async with pool.acquire() as first, pool.acquire() as second:
        connections = (first, second)
        for connection in connections:
            connection.add_query_logger(lambda query: statements.append(query.query))
    for name, token in {"used": used.token, "expired": expired.token, "unknown": "x" * 43}.items():
        statements.clear()
        for ask in (used.look, used.say):
            assert (await ask(token)).status_code == 410
        seen[name] = list(statements)
    assert seen["used"] == seen["expired"] == seen["unknown"]
    assert len(seen["used"]) == 2


async def test_two_answers_at_once_are_one(shop: Shop) -> None:
    customer = await invited(shop)
    answers = await asyncio.gather(*(customer.say() for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [410] * 5
    assert len(await customer.rows("feedback_submission")) == 1
    assert len(await customer.rows("product_feedback")) == 2

    async def progressed() -> bool:
        return bool((await customer.rows("feedback_submission"))[0]["outcome"] == "recorded")

    await until(progressed)
    facts = [fact for fact in await shop.office.facts(customer.lead) if fact["type"] == "activity"]
    assert [(fact["kind"], fact["by"]) for fact in facts] == [("SAMPLE_FEEDBACK", "feedback-form")]


async def test_a_hundred_an_hour_for_one_link_and_for_one_address_range(shop: Shop) -> None:
    customer = await invited(shop)
    guesser = replace(customer, address=an_address())
    statuses = [(await guesser.look(secrets.token_urlsafe(32))).status_code for _ in range(101)]
    assert statuses == [410] * 100 + [429]
    slow = await guesser.say()
    assert slow.status_code == 429
    assert 1 <= int(slow.headers["retry-after"]) <= 3_660
    assert slow.headers["content-type"] == "application/problem+json"
    neighbour = replace(guesser, address=guesser.address.rpartition(".")[0] + ".251")
    assert (await neighbour.look()).status_code == 429
    travelling = [replace(customer, address=an_address()) for _ in range(102)]
    seen = [(await one.look()).status_code for one in travelling]
    assert seen[:100] == [200] * 100
    assert seen[100:] == [429] * 2
    assert (await customer.say()).status_code == 429
    assert await customer.rows("feedback_submission") == []


async def test_bodies_that_are_too_large_or_no_sense(shop: Shop) -> None:
    customer = await invited(shop)
    for path, media_type in (
        ("/api/feedback/{}", "application/json"),
        ("/feedback/{}", "multipart/form-data"),
    ):
        large = await customer.ask(
            "POST", path, content=b"x" * 10_000_000, headers={"content-type": media_type}
        )
        assert large.status_code == 413

        async def dripping() -> Any:
            for _ in range(200):
                yield b"[" * 1_000

        endless = await customer.ask("POST", path, content=dripping(), headers={"content-type": media_type})
        assert endless.status_code in {400, 413}
    wrong: tuple[Any, ...] = (
        None,
        [],
        "x",
        {},
        {**answer(), "contactRole": "COOK"},
        {**answer(), "ratings": []},
        {**answer(), "ratings": [{"sku": "GOULASH-1", "rating": 6}]},
        {**answer(), "ratings": [{"sku": "GOULASH-1", "rating": "5"}]},
        {**answer(), "ratings": [{"sku": "OTHER", "rating": 5}]},
        {**answer(), "ratings": answer(1)["ratings"] * 2},
        answer(comment="x" * 2_001),
        answer(comment="a\x00b"),
        {**answer(), "website": "https://spam.example"},
        {**answer(), "more": 1},
    )
    for body in wrong:
        refused = await customer.ask("POST", "/api/feedback/{}", json=body)
        assert refused.status_code == 422, body
        assert refused.json()["errors"]
    assert (await customer.ask("POST", "/api/feedback/{}", content=b"{")).status_code == 415
    broken = await customer.ask(
        "POST", "/api/feedback/{}", content=b"{", headers={"content-type": "application/json"}
    )
    assert broken.status_code == 400
    assert await customer.rows("feedback_submission") == []
    assert (await customer.say()).status_code == 201


async def test_the_role_behind_the_form_reaches_two_functions_and_nothing_else(shop: Shop) -> None:
    customer = await invited(shop)
    await customer.say(**answer(comment="Sehr gut"))
    lab = shop.office.lab
    granted = await lab.execute(
        "select table_name, privilege_type from information_schema.role_table_grants"
        " where grantee = 'fristwerk_public' union all"
        " select table_name, privilege_type from information_schema.column_privileges"
        " where grantee = 'fristwerk_public'"
    )
    assert granted == []
    callable_ = await lab.execute(
        "select proname from pg_proc where pronamespace = 'public'::regnamespace"
        " and has_function_privilege('fristwerk_public', oid, 'execute') and proname not like '%trgm%'"
        " and not exists (select from pg_depend as d where d.objid = pg_proc.oid and d.deptype = 'e')"
    )
    assert sorted(row["proname"] for row in callable_) == ["feedback_give", "feedback_look"]
    tables = await lab.execute(
        "select relname from pg_class where relkind in ('r', 'p', 'v')"
        " and relnamespace = 'public'::regnamespace"
    )
    assert len(tables) > 30
    pool = shop.api.wiring.feedback._gate._pool
    async with pool.acquire() as connection:
        assert await connection.fetchval("select current_user") == "fristwerk_public"
        for table, tenant in product(tables, ("", str(lab.tenant))):
            reading = connection.transaction()
            await reading.start()
            await connection.execute(
                "select set_config('app.tenant', $1, true), set_config('app.roles', 'admin', true)", tenant
            )
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select * from {table['relname']}")
            await reading.rollback()
