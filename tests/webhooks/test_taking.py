"""News is kept once, sealed, before it is answered; what is not proven is not kept at all."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import asyncpg
import pytest

from activities.webhook_orders import Source
from adapters.database import Pool, transaction
from adapters.webhooks.store import WebhookEvents
from sandbox.news import signed
from tests.webhooks.letterbox import SECRETS, Letterbox, dead_letter, kept, news

SECRET = SECRETS[Source.XENTRAL]


async def test_news_is_kept_once_and_sealed(letterbox: Letterbox, superuser: Pool, worker: Pool) -> None:
    event = news()
    first, again = await letterbox.send(event), await letterbox.send(event, at=int(time.time()) - 60)
    assert (first.status_code, first.json()) == (202, {"received": True, "repeated": False})
    assert (again.status_code, again.json()) == (202, {"received": True, "repeated": True})
    [row] = await kept(superuser, event["eventId"])
    assert (row["tenant"], row["source"], row["state"]) == (letterbox.company, "xentral", "waiting")
    assert b"Beispiel" not in bytes(row["body"])
    read = await WebhookEvents(worker, letterbox.vault).read(letterbox.company, row["id"])
    assert read is not None
    assert json.loads(read.body) == event
    assert (read.kind, read.event_id) == ("invoice.created", event["eventId"])
    assert "Beispiel" not in repr(read)


async def test_thirty_at_once_are_one(letterbox: Letterbox, superuser: Pool) -> None:
    event = news()
    answers = await asyncio.gather(*(letterbox.send(event) for _ in range(30)))
    assert sorted(answer.json()["repeated"] for answer in answers) == [False] + [True] * 29
    assert len(await kept(superuser, event["eventId"])) == 1


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda body, head: (body + b" ", head), "wrong-signature"),
        (lambda body, head: (body, {**head, "x-event-id": "evt-other"}), "wrong-signature"),
        (lambda body, _: (body, {"content-type": "application/json"}), "not-signed"),
        (
            lambda body, _: (body, signed(SECRET, "evt-x", body, int(time.time()) - 400)),
            "outside-window",
        ),
        (lambda body, _: (body, signed("guessed", "evt-x", body, int(time.time()))), "wrong-signature"),
    ],
)
async def test_what_is_not_proven_is_not_kept(
    break_it: Any, code: str, letterbox: Letterbox, superuser: Pool
) -> None:
    event = news()
    body = json.dumps(event).encode()
    answer = await letterbox.throw(*break_it(body, signed(SECRET, event["eventId"], body, int(time.time()))))
    assert answer.status_code == 403
    assert answer.json()["type"] == f"urn:fristwerk:problem:{code}"
    assert await kept(superuser, event["eventId"]) == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"eventId": None}, "#/eventId"),
        ({"eventId": "Jo Beispiel"}, "#/eventId"),
        ({"eventId": "x" * 101}, "#/eventId"),
        ({"eventId": 7}, "#/eventId"),
        ({"eventType": ""}, "#/eventType"),
        ({"eventType": "x" * 81}, "#/eventType"),
        ({"eventType": "invoice\u0000"}, "#/eventType"),
        ({"occurredAt": "yesterday"}, "#/occurredAt"),
        ({"occurredAt": "2026-11-23T09:30:00"}, "#/occurredAt"),
        ({"occurredAt": "9999-11-23T09:30:00Z"}, "#/occurredAt"),
    ],
)
async def test_signed_garbage_names_its_field(
    change: dict[str, Any], pointer: str, letterbox: Letterbox
) -> None:
    answer = await letterbox.send({**news(), **change})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert "Beispiel" not in answer.text


@pytest.mark.parametrize("body", [b"[]", b"", b"{", b"\xff\xfe", b"null", b"[" * 60_000])
async def test_a_signed_body_that_is_no_object_is_refused(body: bytes, letterbox: Letterbox) -> None:
    answer = await letterbox.throw(body, signed(SECRET, "evt-1", body, int(time.time())))
    assert answer.status_code in {400, 415, 422}


async def test_what_is_too_large_or_of_another_kind_is_not_even_read(letterbox: Letterbox) -> None:
    body = json.dumps(news(data="x" * 64_000)).encode()
    head = signed(SECRET, "evt-1", body, int(time.time()))
    assert (await letterbox.throw(body, head)).status_code == 413
    assert (await letterbox.throw(b"{}", {**head, "content-type": "text/plain"})).status_code == 415


async def test_a_system_that_is_not_connected_is_told_so(letterbox: Letterbox) -> None:
    body = json.dumps(news()).encode()
    answer = await letterbox.throw(body, signed(SECRET, "evt-1", body, int(time.time())), "allianz")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:fristwerk:problem:not-configured"
    assert (await letterbox.throw(body, {"content-type": "application/json"}, "sap")).status_code == 422


async def test_who_looks_after_the_systems_sees_what_came_but_not_what_it_says(
    letterbox: Letterbox, superuser: Pool
) -> None:
    dead = await dead_letter(letterbox, superuser)
    for role in ("manager", "admin", "auditor"):
        answer = await letterbox.api.get("/api/webhook-events?state=dead", letterbox.token(role, role))
        assert str(dead) in {one["id"] for one in answer.json()["items"]}
        assert "Beispiel" not in answer.text
    agent = await letterbox.api.get("/api/webhook-events", letterbox.token("agent", "agent"))
    assert agent.status_code == 403
    stranger = letterbox.callers.token("admin", "admin")
    assert (await letterbox.api.get("/api/webhook-events", stranger)).json()["items"] == []


async def test_an_administrator_has_a_dead_letter_tried_again_once(
    letterbox: Letterbox, superuser: Pool
) -> None:
    dead = await dead_letter(letterbox, superuser)
    path = f"/api/webhook-events/{dead}/replay"
    for role in ("agent", "manager", "auditor"):
        assert (await letterbox.api.post(path, letterbox.token(role, role))).status_code == 403
    assert (await letterbox.api.post(path, letterbox.callers.token("x", "admin"))).status_code == 404
    root = letterbox.token("root", "admin")
    assert (await letterbox.api.post(path, root)).status_code == 202
    assert (await letterbox.api.post(path, root)).status_code == 404
    row = await superuser.fetchrow("select * from webhook_event where id = $1", dead)
    assert row is not None
    assert (row["state"], row["round"], row["replayed_by"], row["told_at"]) == ("waiting", 2, "root", None)
    told = await superuser.fetchrow(
        "select actor, after from audit_event where tenant = $1 and what = 'webhook-replayed'"
        " order by seq desc limit 1",
        letterbox.company,
    )
    assert told is not None
    assert (told["actor"], told["after"]["round"]) == ("root", 2)


async def test_nobody_but_the_door_writes_news_and_nobody_reads_bodies(
    letterbox: Letterbox, superuser: Pool, app: Pool
) -> None:
    dead = await dead_letter(letterbox, superuser)
    tenant = letterbox.company
    insert = (
        "insert into webhook_event (tenant, id, source, event_id, kind, sent_at, received_at, body)"
        " values ($1, gen_random_uuid(), 'xentral', 'evt-planted', 'x', now(), now(), $2)"
    )
    sealed = b"\x01" * 40
    for user, roles in (("root", ["admin"]), ("webhook/allianz", [])):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(app, tenant, user, roles) as connection:
                await connection.execute(insert, tenant, sealed)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(app, tenant, "root", ["admin"]) as connection:
            await connection.fetch("select body from webhook_event")
    replay = (
        "update webhook_event set state = 'waiting', outcome = null, settled_at = null, round = round + 1,"
        " replayed_by = $2, replayed_at = now() where id = $1"
    )
    async with transaction(app, tenant, "manager", ["manager"]) as connection:
        assert await connection.execute(replay, dead, "manager") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(app, tenant, "root", ["admin"]) as connection:
            await connection.execute(replay, dead, "somebody-else")
