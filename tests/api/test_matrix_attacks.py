"""Ways in over HTTP, each by name: those of domain.md section 4 item 10, and whom one might pretend to be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from adapters.database import transaction
from protection.permission import Act, Grantee, Role, Share
from tests.api.matrix_deed import Deed
from tests.api.matrix_deeds import DEEDS
from tests.api.matrix_world import ASKER, BOSS, CALL, NEXT_STEP, OTHER, MatrixWorld
from tests.rights.cells import BYSTANDER, PEOPLE, Person
from tests.rights.world import people_of
from tests.workflows.lab import until

AGENT, MANAGER, ADMIN = PEOPLE[Role.AGENT], PEOPLE[Role.MANAGER], PEOPLE[Role.ADMIN]
VIEWER, NEGOTIATOR = PEOPLE[Share.VIEW], PEOPLE[Share.NEGOTIATE]
ABOUT_LEADS = [deed for deed in DEEDS if deed.about_a_lead]
WRITING = [deed for deed in ABOUT_LEADS if deed.act not in {Act.READ_LEAD, Act.READ_CONTACT, Act.READ_AUDIT}]
READING = [deed for deed in ABOUT_LEADS if deed not in WRITING]


async def tried(
    world: MatrixWorld, person: Person, deed: Deed, lead: UUID, tenant: UUID | None = None
) -> httpx.Response:
    """One deed on one of the standing leads, by somebody who may not."""
    things = world.things[lead]
    body = None if deed.body is None else deed.body(things)
    return await world.ask(person, deed.at(things, uuid4(), uuid4()), body, tenant=tenant)


async def shared_lead(world: MatrixWorld, share: Share, person: Person = NEGOTIATOR) -> UUID:
    """A lead of the bystander's, shared with somebody."""
    lead = await world.register(BYSTANDER)
    await world.share(lead, person, share)
    return lead


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and kind."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:fristwerk:problem:")


# ---------------------------------------------------------------- policies without a command, ORed together


async def test_what_a_viewer_may_see_he_cannot_change(world: MatrixWorld) -> None:
    lead = world.leads.shared
    before = await world.traces(lead)
    assert (await world.ask(VIEWER, f"GET /api/leads/{lead}")).status_code == 200
    for deed in WRITING:
        assert (await tried(world, VIEWER, deed, lead)).status_code == 403, str(deed)
    assert await world.traces(lead) == before


# ---------------------------------------------------------------- granting oneself something


@pytest.mark.parametrize("grantee", [Role.AGENT, *Share])
async def test_an_agent_grants_himself_nothing(grantee: Grantee, world: MatrixWorld) -> None:
    person = PEOPLE[grantee]
    before = await world.traces(None)
    for lead in (world.leads.shared, world.leads.foreign, world.leads.elsewhere[grantee], uuid4()):
        seen = (await world.ask(person, f"GET /api/leads/{lead}")).status_code == 200
        for share in Share:
            body = {"userId": person.user, "role": share}
            answer = await world.ask(person, f"POST /api/leads/{lead}/collaborators", body)
            assert answer.status_code == (403 if seen else 404)
        # Nor does he slip away from what somebody else has given him.
        away = await world.ask(person, f"DELETE /api/leads/{lead}/collaborators/{person.user}")
        assert away.status_code == (403 if seen else 404)
    assert await world.traces(None) == before


async def test_an_owner_is_never_his_own_collaborator_and_a_manager_may_join(world: MatrixWorld) -> None:
    lead = await world.register(AGENT)
    path = f"POST /api/leads/{lead}/collaborators"
    for person in (AGENT, MANAGER, ADMIN):
        answer = await world.ask(person, path, {"userId": AGENT.user, "role": "VIEW"})
        assert problem(answer) == (422, "malformed")
    answer = await world.ask(MANAGER, path, {"userId": MANAGER.user, "role": "NEGOTIATE"})
    assert answer.status_code == 201


# ---------------------------------------------------------------- another tenant


@pytest.mark.parametrize("grantee", PEOPLE)
async def test_nobody_reads_or_changes_another_tenant(grantee: Grantee, world: MatrixWorld) -> None:
    person, lead = PEOPLE[grantee], world.leads.elsewhere[grantee]
    before = await world.traces(lead)
    for deed in ABOUT_LEADS:
        assert (await tried(world, person, deed, lead)).status_code == 404, str(deed)
    assert await world.traces(lead) == before


@pytest.mark.parametrize("person", [MANAGER, ADMIN, PEOPLE[Role.AUDITOR]], ids=lambda person: person.user)
async def test_who_reads_all_of_a_tenant_reads_none_of_another(person: Person, world: MatrixWorld) -> None:
    foreign = {str(lead) for lead in world.standing if lead in world.leads.elsewhere.values()}
    assert foreign
    for route in (
        "/api/leads?limit=200",
        "/api/leads?format=csv",
        f"/api/leads?limit=200&owner={BYSTANDER.user}",
        "/api/requests?limit=200",
        "/api/audit?limit=200",
        "/api/settings",
        "/api/kpis",
        "/api/me/export",
    ):
        here = await world.ask(person, f"GET {route}")
        assert here.status_code == 200, route
        assert not any(lead in here.text for lead in foreign), route
        assert str(world.there) not in here.text
    (there,) = await world.query(
        "select count(*) as n from lead where tenant = $1 and id::text = any($2)", world.there, list(foreign)
    )
    assert there["n"] == len(foreign)


async def test_a_token_of_another_tenant_opens_nothing_here(world: MatrixWorld) -> None:
    """The same names work there; a collaborator's too."""
    ours = [world.leads.shared, world.leads.foreign, *world.leads.own.values()]
    for person in PEOPLE.values():
        for lead in ours:
            answer = await world.ask(person, f"GET /api/leads/{lead}/protection", tenant=world.there)
            assert answer.status_code == 404
    before = await world.traces(world.leads.shared)
    for deed in WRITING:
        answer = await tried(world, NEGOTIATOR, deed, world.leads.shared, world.there)
        assert answer.status_code == 404, str(deed)
    assert await world.traces(world.leads.shared) == before


async def test_a_tenant_nobody_has_made_is_empty(world: MatrixWorld) -> None:
    nowhere = uuid4()
    for route in ("GET /api/leads", "GET /api/requests", "GET /api/audit"):
        assert (await world.done(ADMIN, route, tenant=nowhere))["items"] == []
    for lead in (world.leads.foreign, *world.leads.elsewhere.values()):
        assert (await world.ask(ADMIN, f"GET /api/leads/{lead}", tenant=nowhere)).status_code == 404
    before = await world.traces(None)
    foreign = world.things[world.leads.foreign]
    for deed in DEEDS:
        if deed.about_a_lead or deed.body is None:
            continue
        route = deed.at(foreign, uuid4(), uuid4())
        answer = await world.ask(ADMIN, route, deed.body(foreign), tenant=nowhere)
        # A dry run of a campaign finds no lead there, and no system outside is connected.
        assert answer.status_code in {403, 404, 422, 503} or answer.json()["leads"] == 0, str(deed)
    assert await world.traces(None) == before
    (made,) = await world.query("select count(*) as n from lead where tenant = $1", nowhere)
    assert made["n"] == 0


# ---------------------------------------------------------------- policies that ask one another for ever


@pytest.mark.parametrize("grantee", PEOPLE)
async def test_no_reading_asks_in_circles(grantee: Grantee, world: MatrixWorld) -> None:
    person = PEOPLE[grantee]
    for lead in (world.leads.shared, world.leads.foreign):
        for deed in READING:
            assert (await tried(world, person, deed, lead)).status_code in {200, 403, 404}, str(deed)


# ---------------------------------------------------------------- acting as the tables' owner


async def test_the_api_acts_as_a_role_that_owns_nothing(world: MatrixWorld) -> None:
    async with world.api.wiring.app.acquire() as connection:
        assert await connection.fetchval("select current_user") == "fristwerk_app"
        owned = await connection.fetchval(
            "select count(*) from pg_tables where schemaname = 'public' and tableowner = current_user"
        )
        may = await connection.fetchval(
            "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
        )
        assert (owned, may) == (0, False)
        # A connection that nobody has said a word on shows nothing, whoever used it before.
        for table in ("lead", "fact", "lead_contact", "collaborator", "act", "audit_event", "request"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0


# ---------------------------------------------------------------- tokens that say more than they may


@pytest.mark.parametrize(
    "more",
    [
        {"role": "admin"},
        {"scope": "admin manager"},
        {"groups": ["admin"]},
        {"realm_access": {"roles": ["admin"]}},
        {"permissions": ["decide", "govern"]},
        {"app.roles": "admin"},
        {"admin": True},
        {"act": {"sub": "admin"}},
        {"org": "admin"},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_claims_nobody_knows_grant_nothing(more: dict[str, Any], world: MatrixWorld) -> None:
    token = world.shop.callers.token(AGENT.user, "agent", tenant=world.here, **more)
    for method, path in (
        ("POST", f"/api/leads/{world.leads.own[Role.AGENT]}/convert"),
        ("GET", "/api/audit"),
        ("GET", "/api/settings"),
    ):
        assert (await world.api.ask(method, path, token, json={})).status_code == 403
    assert (await world.api.get("/api/me", token)).json()["roles"] == ["agent"]
    assert (await world.api.get(f"/api/leads/{world.leads.foreign}", token)).status_code == 404


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": "manager"},
        {"roles": ["agent", "root"]},
        {"roles": ["agent,admin"]},
        {"roles": ["Admin"]},
        {"roles": ["NEGOTIATE"]},
        {"roles": ["owner"]},
        {"roles": []},
        {"roles": [["admin"]]},
        {"roles": {"admin": True}},
        {"sub": "agent\nadmin"},
        {"sub": "x' or '1'='1"},
        {"sub": ""},
        {"tenant": "*"},
        {"tenant": ["0f7e0000-0000-4000-8000-000000000001"]},
    ],
    ids=str,
)
async def test_claims_that_make_no_sense_are_nobodys(claims: dict[str, Any], world: MatrixWorld) -> None:
    said = {**world.shop.callers.claims(AGENT.user, "agent", tenant=world.here), **claims}
    token = world.shop.callers.issuer.keys.current.sign(said)
    answer = await world.api.get("/api/leads", token)
    assert answer.status_code == 401
    assert "items" not in answer.text


async def test_an_auditor_writes_nothing_whatever_else_he_is(world: MatrixWorld) -> None:
    both = Person("auditor", (Role.AUDITOR, Role.ADMIN, Role.MANAGER, Role.AGENT))
    lead = world.leads.own[Role.AUDITOR]
    before = await world.traces(lead)
    for deed in WRITING:
        assert (await tried(world, both, deed, lead)).status_code == 403, str(deed)
    assert await world.traces(lead) == before


# ---------------------------------------------------------------- rights that have ended


async def test_a_former_owner_is_a_stranger(world: MatrixWorld) -> None:
    lead = await world.register(AGENT)
    key = {"Idempotency-Key": uuid4().hex}
    log = f"POST /api/leads/{lead}/activities"
    assert (await world.ask(AGENT, log, CALL, headers=key)).status_code == 201
    asked = await world.done(AGENT, f"POST /api/leads/{lead}/holds", {"reason": "OTHER"})
    gone = {"owner": OTHER.user, "reason": "Another district"}
    await world.done(BOSS, f"POST /api/leads/{lead}/transfer", gone)
    before = await world.traces(lead)
    for deed in ABOUT_LEADS:
        assert (await tried(world, AGENT, deed, lead)).status_code == 404, str(deed)
    # Not even what he did himself is told him again.
    assert (await world.ask(AGENT, log, CALL, headers=key)).status_code == 404
    withdraw = f"POST /api/leads/{lead}/holds/{asked['id']}/withdraw"
    assert (await world.ask(AGENT, withdraw)).status_code == 404
    assert await world.traces(lead) == before
    listed = (await world.done(AGENT, "GET /api/leads?limit=200"))["items"]
    assert str(lead) not in {one["id"] for one in listed}
    assert (await world.ask(OTHER, withdraw)).status_code == 200


async def test_who_shares_a_lapsed_lead_reads_why_and_nothing_personal(world: MatrixWorld) -> None:
    lead = await shared_lead(world, Share.NEGOTIATE)
    await world.share(lead, VIEWER, Share.VIEW)
    await world.done(BOSS, f"POST /api/leads/{lead}/release", {})
    for person in (NEGOTIATOR, VIEWER, BYSTANDER):
        shown = await world.done(person, f"GET /api/leads/{lead}")
        assert (shown["protection"]["status"], shown["contacts"]) == ("RELEASED", [])
        assert (await world.ask(person, f"GET /api/leads/{lead}/timeline")).status_code == 200
    log = f"POST /api/leads/{lead}/activities"
    assert problem(await world.ask(NEGOTIATOR, log, CALL)) == (409, "protection-ended")
    # Rights come before the lead's state.
    assert problem(await world.ask(VIEWER, log, CALL)) == (403, "forbidden")
    assert (await world.ask(AGENT, log, CALL)).status_code == 404


async def test_a_lesser_share_holds_at_once(world: MatrixWorld) -> None:
    lead = await shared_lead(world, Share.NEGOTIATE)
    log, wish = f"POST /api/leads/{lead}/activities", f"POST /api/leads/{lead}/holds"
    statuses = []
    for share in (Share.NEGOTIATE, Share.ASSIST, Share.VIEW):
        await world.share(lead, NEGOTIATOR, share)
        answers = [
            await world.ask(NEGOTIATOR, wish, {"reason": "OTHER"}),
            await world.ask(NEGOTIATOR, log, CALL),
        ]
        statuses.append([answer.status_code for answer in answers])
    assert statuses == [[201, 201], [403, 201], [403, 403]]


async def test_taken_away_while_the_request_arrives(world: MatrixWorld) -> None:
    """The token is checked, the body is on its way; then the lead is shared no longer."""
    lead = await shared_lead(world, Share.NEGOTIATE)

    async def body() -> AsyncIterator[bytes]:
        yield b'{"kind": '
        await world.done(BOSS, f"DELETE /api/leads/{lead}/collaborators/{NEGOTIATOR.user}")
        yield b'"QUALIFIED_CALL"}'

    before = (await world.traces(lead))["facts"]
    headers = {"Authorization": f"Bearer {world.token(NEGOTIATOR)}", "Content-Type": "application/json"}
    answer = await world.api.client.post(f"/api/leads/{lead}/activities", content=body(), headers=headers)
    assert answer.status_code == 404
    assert (await world.traces(lead))["facts"] == before


@pytest.mark.parametrize(
    ("said", "status"), [(CALL, 404), (CALL | {"note": "Rang up"}, 403)], ids=["plain", "with-words"]
)
async def test_taken_away_between_the_look_and_the_door(
    said: dict[str, str], status: int, world: MatrixWorld
) -> None:
    """The service has seen the share; the database looks again when the act is entered.

    Without words look and door are one statement: it waits, and finds no lead that is shared.
    """
    lead = await shared_lead(world, Share.NEGOTIATE)
    before = (await world.traces(lead))["facts"]

    async def waiting() -> bool:
        rows = await world.query("select from pg_locks where relation = 'act'::regclass and not granted")
        return bool(rows)

    async with world.database.acquire() as connection, connection.transaction():
        await connection.execute("lock table act in share mode")
        knocking = asyncio.create_task(world.ask(NEGOTIATOR, f"POST /api/leads/{lead}/activities", said))
        await until(waiting)
        async with transaction(
            world.shop.office.lab.pool, world.here, "system", at=datetime.now(UTC)
        ) as taking:
            await taking.execute(
                "delete from collaborator where lead = $1 and user_id = $2", lead, NEGOTIATOR.user
            )
    assert (await knocking).status_code == status
    assert (await world.traces(lead))["facts"] == before
    assert (await world.ask(NEGOTIATOR, f"GET /api/leads/{lead}")).status_code == 404
    assert (await world.ask(ASKER, f"GET /api/leads/{lead}")).status_code == 200


# ---------------------------------------------------------------- four eyes that are two


@pytest.mark.parametrize("kind", ["holds", "extensions"])
async def test_nobody_decides_what_he_asked_for_with_another_token(kind: str, world: MatrixWorld) -> None:
    asks, decides = Person("twofold", (Role.AGENT, Role.MANAGER)), Person("twofold", (Role.MANAGER,))
    await people_of(world.shop.office.lab.pool, world.here, asks)
    lead = await world.register(asks)
    wish = {"holds": {"reason": "OTHER"}, "extensions": {"reason": "More time", "nextStep": NEXT_STEP}}[kind]
    asked = await world.done(asks, f"POST /api/leads/{lead}/{kind}", wish)
    assert asked["effect"] == "REQUESTED"
    route = f"POST /api/leads/{lead}/{kind}/{asked['id']}"
    verdict = {"holds": {}, "extensions": {"days": 5}}[kind]
    for person in (asks, decides, Person("twofold", (Role.ADMIN,))):
        assert problem(await world.ask(person, f"{route}/approve", verdict)) == (403, "own-request")
        assert problem(await world.ask(person, f"{route}/reject", {"reason": "never"})) == (
            403,
            "own-request",
        )
    assert (await world.done(MANAGER, f"{route}/approve", verdict))["state"] == "APPROVED"
