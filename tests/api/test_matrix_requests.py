"""Ways in over HTTP, each by name: what a request carries besides a token: ids, fields, keys, headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import pytest

from api.paging import encode_cursor
from protection.permission import Role, Share
from tests.api.matrix_world import ASKER, CALL, CONTACT, NEXT_STEP, MatrixWorld
from tests.api.shop import new_company
from tests.rights.cells import BYSTANDER, PEOPLE

AGENT, MANAGER, ADMIN = PEOPLE[Role.AGENT], PEOPLE[Role.MANAGER], PEOPLE[Role.ADMIN]
VIEWER, NEGOTIATOR = PEOPLE[Share.VIEW], PEOPLE[Share.NEGOTIATE]


def told(answer: httpx.Response, said: str = "") -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of an answer but what stands for this one request, and the id that was said."""
    unsaid = {"x-request-id", *({"content-length"} if said else ())}
    headers = {name: value for name, value in answer.headers.items() if name not in unsaid}
    body = json.loads(answer.text.replace(said, "…") if said else answer.text)
    return answer.status_code, {**body, "instance": ""}, headers


# ---------------------------------------------------------------- ids of other leads' things

NAMED: Final = [
    ("DELETE /api/leads/{lead}/holds/{id}", "hold", None),
    ("POST /api/leads/{lead}/holds/{id}/approve", "hold_request", {}),
    ("POST /api/leads/{lead}/holds/{id}/reject", "hold_request", {"reason": "never"}),
    ("POST /api/leads/{lead}/extensions/{id}/approve", "extension", {"days": 5}),
    ("POST /api/leads/{lead}/extensions/{id}/reject", "extension", {"reason": "never"}),
    # A request of the other kind is none either.
    ("POST /api/leads/{lead}/holds/{id}/approve", "extension", {}),
    ("POST /api/leads/{lead}/extensions/{id}/approve", "hold_request", {"days": 5}),
]


@pytest.mark.parametrize(("route", "name", "body"), NAMED)
async def test_things_of_another_lead_are_not_there(
    route: str, name: str, body: Any, world: MatrixWorld
) -> None:
    """Through a lead the caller may decide on; of one he may decide on too, and of another tenant's."""
    mine = world.leads.own[Role.MANAGER]
    before = await world.traces(None)
    unknown = told(await world.ask(MANAGER, route.format(lead=mine, id="nobodys"), body), "nobodys")
    assert unknown[0] == 404
    for other in (world.leads.foreign, world.leads.elsewhere[Role.MANAGER]):
        thing = getattr(world.things[other], name)
        answer = await world.ask(MANAGER, route.format(lead=mine, id=thing), body)
        assert told(answer, thing) == unknown
    assert await world.traces(None) == before


@pytest.mark.parametrize("part", ["holds/{hold_request}", "extensions/{extension}"])
async def test_nobody_withdraws_what_another_asked_for(part: str, world: MatrixWorld) -> None:
    """On the same lead: with the same share, but another's request."""
    things = world.things[world.leads.shared]
    path = part.format(hold_request=things.hold_request, extension=things.extension)
    before = await world.traces(things.lead)
    answer = await world.ask(NEGOTIATOR, f"POST /api/leads/{things.lead}/{path}/withdraw")
    assert answer.status_code == 403
    assert await world.traces(things.lead) == before


async def test_facts_of_another_lead_cannot_be_corrected(world: MatrixWorld) -> None:
    route = f"POST /api/leads/{world.leads.own[Role.MANAGER]}/corrections"
    answers = []
    for fact in (
        str(uuid4()),
        world.things[world.leads.foreign].fact,
        world.things[world.leads.elsewhere[Role.MANAGER]].fact,
    ):
        body = {"corrects": fact, "reason": "It never took place"}
        answers.append(told(await world.ask(MANAGER, route, body), fact))
    assert answers[0][0] == 422
    assert answers[0] == answers[1] == answers[2]


async def test_people_of_another_tenant_are_nobody(world: MatrixWorld) -> None:
    stranger = f"spy-{uuid4().hex[:8]}"
    await world.query(
        "insert into app_user (tenant, id, display_name) values ($1, $2, $2)", world.there, stranger
    )
    lead = world.leads.own[Role.MANAGER]
    for person in (stranger, f"nobody-{uuid4().hex[:8]}"):
        for route, body, pointer in (
            (f"POST /api/leads/{lead}/transfer", {"owner": person, "reason": "gone"}, "#/owner"),
            (f"POST /api/leads/{lead}/collaborators", {"userId": person, "role": "VIEW"}, "#/userId"),
            ("POST /api/leads", {**new_company(), "contact": CONTACT, "owner": person}, "#/owner"),
        ):
            answer = await world.ask(MANAGER, route, body)
            assert answer.status_code == 422, route
            assert answer.json()["errors"][0]["pointer"] == pointer
            assert person not in answer.text


async def test_a_cursor_carries_no_rights(world: MatrixWorld) -> None:
    """Places taken from lists of people who see more begin nothing but one's own pages."""
    inbox = await world.done(MANAGER, "GET /api/requests?limit=1")
    audit = encode_cursor((2**40,))
    own = str(world.leads.own[Role.AGENT])
    mine = await world.done(AGENT, f"GET /api/requests?limit=200&cursor={inbox['nextCursor']}")
    readable = {one["id"] for one in (await world.done(AGENT, "GET /api/leads?limit=200"))["items"]}
    assert {one["lead"] for one in mine["items"]} <= readable
    rows = (await world.done(AGENT, f"GET /api/leads/{own}/audit?limit=200&cursor={audit}"))["items"]
    assert {row["lead"] for row in rows} == {own}
    assert (await world.ask(AGENT, f"GET /api/audit?cursor={audit}")).status_code == 403
    foreign = f"GET /api/leads/{world.leads.foreign}/audit?cursor={audit}"
    assert (await world.ask(AGENT, foreign)).status_code == 404


def spellings(lead: UUID) -> list[str]:
    """Other ways to write the same id."""
    text = str(lead)
    return [
        text.upper(),
        lead.hex,
        f"urn:uuid:{text}",
        f"%7B{text}%7D",
        f"{text}%20",
        f"{text}%00",
        f"./{text}",
    ]


async def test_an_id_in_another_spelling_is_no_other_lead(world: MatrixWorld) -> None:
    for written in spellings(world.leads.foreign):
        answer = await world.ask(AGENT, f"GET /api/leads/{written}/protection")
        assert answer.status_code in {400, 404, 422}, written
    for written in spellings(world.leads.own[Role.AGENT]):
        answer = await world.ask(VIEWER, f"GET /api/leads/{written}/protection")
        assert answer.status_code in {400, 404, 422}, written


# ---------------------------------------------------------------- fields nobody may set

HOLD: Final = {"reason": "OTHER"}
EXTENSION: Final = {"reason": "Sie kosten noch", "nextStep": NEXT_STEP}
BODIES: Final[Mapping[str, tuple[dict[str, Any], tuple[str, ...]]]] = {
    "PATCH /api/leads/{lead}": (
        {"industry": "HOTEL"},
        ("owner", "tenant", "id", "company", "companyKey", "status", "changed", "createdAt", "external_id"),
    ),
    "POST /api/leads/{lead}/activities": (
        CALL,
        ("by", "factId", "recordedAt", "tenant", "lead", "owner", "revision", "occurred_at"),
    ),
    "POST /api/leads/{lead}/holds": (
        HOLD,
        ("by", "hold", "id", "effect", "placedBy", "approved", "status", "start_at"),
    ),
    "POST /api/leads/{lead}/extensions": (
        EXTENSION,
        ("by", "request", "approve", "approved", "status", "requestedBy", "decidedBy", "next_step"),
    ),
    "POST /api/leads/{lead}/collaborators": (
        {"userId": "other", "role": "VIEW"},
        ("addedBy", "addedAt", "tenant", "lead", "user_id"),
    ),
    "POST /api/leads/{lead}/release": ({}, ("by", "at", "reason", "status", "factId")),
    "POST /api/leads": (
        {**new_company(), "contact": CONTACT},
        ("tenant", "id", "lead", "status", "registeredAt", "policyVersion", "by", "companyKey", "validUntil"),
    ),
}


@pytest.mark.parametrize(
    ("route", "field"), [(route, field) for route, (_, fields) in BODIES.items() for field in fields]
)
async def test_a_field_nobody_may_set_is_refused_by_name(route: str, field: str, world: MatrixWorld) -> None:
    lead = world.leads.own[Role.AGENT]
    before = await world.traces(None)
    for value in (ADMIN.user, str(world.there), True):
        answer = await world.ask(AGENT, route.format(lead=lead), {**BODIES[route][0], field: value})
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [f"#/{field}"]
    assert await world.traces(None) == before


@pytest.mark.parametrize(
    "field", ["__proto__", "constructor", "__class__", "$where", "lead.owner", "owner[]"]
)
async def test_fields_of_other_languages_mean_nothing(field: str, world: MatrixWorld) -> None:
    route = f"PATCH /api/leads/{world.leads.own[Role.AGENT]}"
    for body in ({field: {"owner": "admin"}}, {"contact": {"name": "x", field: "admin"}}):
        assert (await world.ask(AGENT, route, body)).status_code == 422


async def test_an_owner_in_the_body_is_for_managers(world: MatrixWorld) -> None:
    before = await world.traces(None)
    body = {**new_company(), "contact": CONTACT, "owner": BYSTANDER.user}
    for person in (AGENT, VIEWER, NEGOTIATOR, PEOPLE[Role.AUDITOR]):
        assert (await world.ask(person, "POST /api/leads", body)).status_code == 403
    assert await world.traces(None) == before


# ---------------------------------------------------------------- somebody else's keys


async def test_anothers_key_gives_neither_his_answer_nor_his_effect(world: MatrixWorld) -> None:
    lead = world.leads.shared
    route, key = f"POST /api/leads/{lead}/activities", {"Idempotency-Key": uuid4().hex}
    first = await world.ask(ASKER, route, CALL, headers=key)
    assert first.status_code == 201
    before = await world.traces(lead)
    for person in (NEGOTIATOR, MANAGER):
        answer = await world.ask(person, route, CALL, headers=key)
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:fristwerk:problem:idempotency-key-reused"
        assert first.json()["factId"] not in answer.text
        assert ASKER.user not in answer.text
    assert await world.traces(lead) == before
    assert (await world.ask(ASKER, route, CALL, headers=key)).json() == first.json()


async def test_a_key_tells_nothing_of_a_lead_one_may_not_see(world: MatrixWorld) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    route = "POST /api/leads/{}/activities"
    await world.ask(BYSTANDER, route.format(world.leads.foreign), CALL, headers=key)
    answers = [
        await world.ask(AGENT, route.format(lead), CALL, headers=headers)
        for lead in (world.leads.foreign, uuid4())
        for headers in (key, {"Idempotency-Key": uuid4().hex}, {})
    ]
    assert answers[0].status_code == 404
    assert all(told(answer) == told(answers[0]) for answer in answers)


async def test_the_same_key_in_another_tenant_is_another_key(world: MatrixWorld) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    route = "POST /api/leads/{}/activities"
    here, there = world.leads.own[Role.AGENT], world.leads.elsewhere[Role.AGENT]
    first = await world.ask(AGENT, route.format(here), CALL, headers=key)
    second = await world.ask(AGENT, route.format(there), CALL, tenant=world.there, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["factId"] != second.json()["factId"]


# ---------------------------------------------------------------- asking by ETag


async def test_etags_tell_nothing_of_a_lead_one_may_not_see(world: MatrixWorld) -> None:
    lead = world.leads.foreign
    etag = (await world.ask(BYSTANDER, f"GET /api/leads/{lead}/protection")).headers["etag"]
    whole = (await world.ask(BYSTANDER, f"GET /api/leads/{lead}")).headers["etag"]
    tags: list[dict[str, str]] = [{}]
    tags += [
        {name: tag} for name in ("If-None-Match", "If-Match") for tag in (etag, whole, '"1"', '"999"', "*")
    ]
    for route, body in (
        ("GET /api/leads/{}", None),
        ("GET /api/leads/{}/protection", None),
        ("PATCH /api/leads/{}", {"industry": "HOTEL"}),
        ("POST /api/leads/{}/release", {}),
    ):
        unknown = told(await world.ask(AGENT, route.format(uuid4()), body))
        assert unknown[0] == 404
        for headers in tags:
            assert told(await world.ask(AGENT, route.format(lead), body, headers=headers)) == unknown


async def test_rights_come_before_the_state_that_was_seen(world: MatrixWorld) -> None:
    """Who may not act is not told either whether the lead has changed."""
    lead = world.leads.shared
    answers = [
        await world.ask(VIEWER, route, body, headers={"If-Match": tag})
        for route, body in (
            (f"PATCH /api/leads/{lead}", {"industry": "HOTEL"}),
            (f"POST /api/leads/{lead}/activities", CALL),
            (f"DELETE /api/leads/{lead}/holds/{world.things[lead].hold}", None),
        )
        for tag in ('"1"', '"999"', "*")
    ]
    assert {answer.status_code for answer in answers} == {403}


# ---------------------------------------------------------------- headers

FORGED: Final = {
    "X-User": "admin",
    "X-Forwarded-User": "admin",
    "X-Remote-User": "admin",
    "X-Roles": "admin",
    "X-Tenant": "0f7e0000-0000-4000-8000-000000000001",
    "X-Original-URL": "/api/audit",
    "X-Rewrite-URL": "/api/audit",
    "X-HTTP-Method-Override": "DELETE",
    "X-Forwarded-For": "127.0.0.1",
    "Forwarded": "for=127.0.0.1;host=evil.example;proto=https",
    "X-Forwarded-Host": "evil.example",
    "X-Request-Id": "chosen-by-me",
    "Cookie": "token=admin",
    "Host": "evil.example",
}


async def test_headers_make_nobody_else_of_the_caller(world: MatrixWorld) -> None:
    foreign = f"GET /api/leads/{world.leads.foreign}"
    for name, value in FORGED.items():
        answer = await world.ask(AGENT, foreign, headers={name: value})
        assert answer.status_code == 404, name
        assert answer.headers["x-request-id"] != "chosen-by-me"
    me = await world.ask(AGENT, "GET /api/me", headers=FORGED)
    assert me.json() == {"user": AGENT.user, "tenant": str(world.here), "roles": ["agent"]}
    bare = await world.api.get("/api/leads", None, **{name.lower(): value for name, value in FORGED.items()})
    assert bare.status_code == 401


async def test_what_is_sent_breaks_out_of_no_header(world: MatrixWorld) -> None:
    lead = world.leads.own[Role.AGENT]
    path = f"/api/leads/{lead}"
    evil = "x\r\nSet-Cookie: admin=1"
    quoted = "x%0d%0aSet-Cookie:%20admin=1"
    answers = [
        await world.ask(AGENT, f"POST {path}/collaborators", {"userId": evil, "role": "VIEW"}),
        await world.ask(AGENT, f"DELETE {path}/collaborators/{quoted}"),
        await world.ask(MANAGER, f"DELETE {path}/holds/{quoted}"),
        await world.ask(MANAGER, f"POST {path}/holds/{quoted}/approve", {}),
        await world.ask(AGENT, f"GET /api/leads/{quoted}"),
        await world.ask(AGENT, f"GET /api/leads?cursor={quoted}"),
        await world.ask(ADMIN, f"PUT /api/settings/{quoted}", {"scope": "tenant", "value": 1}),
        await world.ask(AGENT, f"GET /api/{quoted}"),
    ]
    for answer in answers:
        assert answer.status_code in {404, 422}
        assert "set-cookie" not in answer.headers
        assert "admin=1" not in str(answer.headers)
        assert "admin=1" not in answer.text


async def test_a_location_leads_to_this_house(world: MatrixWorld) -> None:
    body = {**new_company(), "contact": CONTACT}
    made = await world.ask(
        AGENT, "POST /api/leads", body, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )
    assert made.status_code == 201
    assert made.headers["location"] == f"/api/leads/{made.json()['lead']}"


async def test_a_path_climbs_nowhere(world: MatrixWorld) -> None:
    mine, foreign = world.leads.own[Role.AGENT], world.leads.foreign
    for path in (
        f"{mine}%2f..%2f{foreign}",
        f"{mine}/collaborators/%2e%2e%2f%2e%2e%2f{foreign}",
        f"{mine}/../{foreign}",
        f"{mine};{foreign}",
        f"{mine}//{foreign}",
        f"{mine}%00{foreign}",
    ):
        answer = await world.ask(AGENT, f"GET /api/leads/{path}")
        assert answer.status_code in {400, 404, 405, 422}, path
