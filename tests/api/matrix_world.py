"""Two tenants behind the API with somebody for every column of the matrix and a lead for every target.

Everything is made over HTTP with the real workflow; only the people are put straight into the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from asyncpg.connection import LoggedQuery

from activities.proposal_facts import LeadClass, Potential, Segment
from adapters.credit.bureau import CreditBureau
from adapters.credit.records import Purpose, Subject
from adapters.credit.store import Wanted, enter
from adapters.database import Caller, Pool, open_pool, transaction
from adapters.outside_settings import CreditAccount
from adapters.proposal_store import ProposalSource, Proposed, propose
from adapters.settings import Login
from protection.permission import Grantee, Role, Share
from services.credit import Credits
from services.erp import ErpConnected
from tests.api.house import NOBODY, Api
from tests.api.shop import Shop, new_company
from tests.rights.cells import BYSTANDER, PEOPLE, Case, Person, Target
from tests.rights.world import World, people_of
from tests.sql.conftest import new_tenant
from tests.workflows.lab import until
from workers.lead_clock import LeadClock
from workflows import names

# Does what has to be done before somebody can try something; nobody's column.
BOSS: Final = Person("boss", (Role.MANAGER,))
# Shares every lead and asks for what others decide.
ASKER: Final = Person("asker", (Role.AGENT,))
# Has a lead shared with him, or taken away.
OTHER: Final = Person("other", (Role.AGENT,))
CONTACT: Final = {"name": "Jo Geheim", "email": "jo@geheim.example"}
CALL: Final = {"kind": "QUALIFIED_CALL"}


def in_days(days: int) -> str:
    """An instant from now, as the API spells it."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


NEXT_STEP: Final = {"what": "Verkostung", "at": in_days(7)}


# Names a thing that has to have the form of an id.
NOBODYS: Final = str(UUID(int=0))


@dataclass(slots=True)
class Things:
    """What a lead has that an address can name.

    Attributes:
        hold: placed by the boss, without end.
        hold_request: of the asker, not decided.
        extension: the same.
        fact: an activity.
        user: somebody it is shared with.
        bounced: the reminder of its owner that came back.
        box: samples, promised by the boss.
        phase: in which they are to be tried.
        proposal: of what sort of customer it would be.
        check: of its credit.
    """

    lead: UUID
    hold: str = "none"
    hold_request: str = "none"
    extension: str = "none"
    fact: str = "none"
    user: str = ASKER.user
    bounced: str = "none"
    box: str = NOBODYS
    phase: str = NOBODYS
    proposal: str = NOBODYS
    check: str = NOBODYS

    def of_another(self, text: str) -> str:
        """The text with the ids of things nobody ever had."""
        for own in (str(self.lead), self.box, self.phase, self.proposal, self.check):
            text = text.replace(own, str(uuid4()))
        return text


@dataclass(slots=True)
class Asked:
    """An answer and the statements it cost the application role."""

    answer: httpx.Response
    statements: list[str]

    @property
    def told(self) -> tuple[int, dict[str, Any], dict[str, str]]:
        """All of it but what stands for this one request."""
        body = {} if not self.answer.content else self.answer.json()
        headers = {name: value for name, value in self.answer.headers.items() if name != "x-request-id"}
        return self.answer.status_code, {**body, "instance": ""}, headers


@dataclass
class MatrixWorld:
    """Who asks about what.

    Attributes:
        database: connections that no row security holds back.
        leads: the leads of `tests.rights.world`, by target.
        things: what the leads have; made as far as a test needs them.
        standing: the leads that nobody is allowed to change.
    """

    shop: Shop
    database: Pool
    leads: World
    things: dict[UUID, Things] = field(default_factory=dict)
    standing: frozenset[UUID] = frozenset()
    _tokens: dict[tuple[UUID, Person], str] = field(default_factory=dict)
    _statements: list[str] = field(default_factory=list)

    @property
    def api(self) -> Api:
        return self.shop.api

    @property
    def here(self) -> UUID:
        return self.leads.here

    @property
    def there(self) -> UUID:
        return self.leads.there

    def token(self, person: Person, tenant: UUID | None = None) -> str:
        """The person's token; the same one every time."""
        key = (tenant or self.here, person)
        if key not in self._tokens:
            self._tokens[key] = self.shop.callers.token(person.user, *person.roles, tenant=key[0])
        return self._tokens[key]

    async def ask(
        self,
        person: Person,
        route: str,
        json: Any = None,
        *,
        tenant: UUID | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request, such as `GET /api/leads`."""
        method, path = route.split(" ", 1)
        return await self.api.ask(method, path, self.token(person, tenant), json=json, headers=headers)

    async def watch(self) -> None:
        """From now on, write down what the application says to its database."""
        pool = self.api.wiring.app
        async with AsyncExitStack() as stack:
            for _ in range(pool.get_max_size()):
                connection = await stack.enter_async_context(pool.acquire())
                connection.add_query_logger(self._note)

    async def watched(
        self, person: Person, route: str, json: Any = None, *, headers: Mapping[str, str] | None = None
    ) -> Asked:
        """The same, and which statements it took."""
        self._statements.clear()
        answer = await self.ask(person, route, json, headers=headers)
        # Loggers are called soon, not at once.
        await asyncio.sleep(0)
        return Asked(answer, list(self._statements))

    def _note(self, query: LoggedQuery) -> None:
        self._statements.append(query.query)

    async def done(
        self, person: Person, route: str, json: Any = None, tenant: UUID | None = None
    ) -> dict[str, Any]:
        """One request that must succeed; its answer."""
        answer = await self.ask(person, route, json, tenant=tenant)
        assert answer.is_success, f"{route}: {answer.text}"
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told

    # ---------------------------------------------------------------- making

    async def register(self, owner: Person, tenant: UUID | None = None, **said: Any) -> UUID:
        """A new lead of somebody, shared with the asker."""
        body = {**new_company(), "owner": owner.user, **said}
        if not said.get("preregistration"):
            body = {"contact": CONTACT, **body}
        made = await self.done(BOSS, "POST /api/leads", body, tenant)
        lead = UUID(made["lead"])
        await self.share(lead, ASKER, Share.NEGOTIATE, tenant)
        self.things[lead] = Things(lead)
        return lead

    async def share(self, lead: UUID, person: Person, role: Share, tenant: UUID | None = None) -> None:
        """Share a lead with somebody."""
        body = {"userId": person.user, "role": role}
        await self.done(BOSS, f"POST /api/leads/{lead}/collaborators", body, tenant)

    async def fresh(self, case: Case, **said: Any) -> Things:
        """A lead of the test's own that stands for the case's target."""
        person = PEOPLE[case.grantee]
        lead = await self.register(person if case.target is Target.OWN else BYSTANDER, **said)
        if case.target is Target.SHARED:
            share = case.grantee if isinstance(case.grantee, Share) else Share.NEGOTIATE
            await self.share(lead, person, share)
        return self.things[lead]

    async def having(
        self, things: Things, name: str, *, by: Person = ASKER, tenant: UUID | None = None
    ) -> None:
        """See to it that the lead has this: a field of `Things`."""
        if getattr(things, name) not in {"none", NOBODYS} and name != "user":
            return
        path = f"POST /api/leads/{things.lead}"
        match name:
            case "hold":
                told = await self.done(BOSS, f"{path}/holds", {"reason": "OTHER"}, tenant)
                things.hold = told["id"]
            case "hold_request":
                told = await self.done(by, f"{path}/holds", {"reason": "OTHER"}, tenant)
                things.hold_request = told["id"]
            case "extension":
                wish = {"reason": "Sie kosten noch", "days": 20, "nextStep": NEXT_STEP}
                things.extension = (await self.done(by, f"{path}/extensions", wish, tenant))["id"]
            case "fact":
                things.fact = (await self.done(BOSS, f"{path}/activities", CALL, tenant))["factId"]
            case "user":
                await self.share(things.lead, OTHER, Share.VIEW, tenant)
                things.user = OTHER.user
            case "bounced":
                await self._bounce(things)
            case "box" | "phase":
                box = {"leadId": str(things.lead), "items": [{"sku": "SOUP", "qty": 1}]}
                things.box = (await self.done(BOSS, "POST /api/sample-boxes", box, tenant))["id"]
                phase = {"boxId": things.box, "stage": "SAMPLE", "startsAt": in_days(0)}
                things.phase = (await self.done(BOSS, "POST /api/test-phases", phase, tenant))["id"]
            case "proposal":
                things.proposal = str(await self._propose(things.lead, tenant or self.here))
            case "check":
                things.check = str(await self._ask_bureau(things.lead, tenant or self.here))
            case _:
                raise AssertionError(name)

    async def _propose(self, lead: UUID, tenant: UUID) -> UUID | None:
        """What sort of customer it would be, as a part of the system proposes it."""
        wanted = Proposed(
            tenant=tenant,
            lead=lead,
            facts=LeadClass(segment=Segment.HOTEL, potential=Potential.HIGH),
            source=ProposalSource.AI,
            subject_id=str(lead),
            at=datetime.now(UTC),
        )
        async with transaction(self.shop.office.lab.pool, tenant, "test", at=wanted.at) as connection:
            return await propose(connection, wanted)

    async def _ask_bureau(self, lead: UUID, tenant: UUID) -> UUID:
        """The boss has asked what credit it is good for."""
        at = datetime.now(UTC)
        subject = Subject(
            account="K-1",
            country="DE",
            registration_no=None,
            vat_no=None,
            amount=Decimal(10),
            currency="EUR",
        )
        wanted = Wanted(id=uuid4(), lead=lead, subject=subject, purpose=Purpose.OTHER, fresh=at)
        await enter(self.api.wiring.app, Caller(tenant, BOSS.user, ("manager",)), [wanted], at)
        return wanted.id

    async def _bounce(self, things: Things) -> None:
        """A reminder becomes due while its owner has an address that is refused for good."""
        (owner,) = await self.query("select owner as id from lead where id = $1", things.lead)
        address = "update app_user set email = $3 where tenant = $1 and id = $2"
        await self.query(address, self.here, owner["id"], "bounce@agents.example")
        (row,) = await self.query(
            "select reminder_due_at as due from protection where lead = $1", things.lead
        )
        client = self.shop.office.lab.client
        handle = client.get_workflow_handle(names.workflow_id(self.here, things.lead))
        await LeadClock(client, handle).forward(row["due"])

        async def refused() -> bool:
            (row,) = await self.query("select problem from protection where lead = $1", things.lead)
            return bool(row["problem"] == "reminder-bounced")

        await until(refused)
        await self.query(address, self.here, owner["id"], "mended@agents.example")
        things.bounced = owner["id"]

    # ---------------------------------------------------------------- looking past all rights

    async def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """A statement as the superuser."""
        return [dict(row) for row in await self.database.fetch(sql, *values)]

    async def traces(self, lead: UUID | None) -> dict[str, Any]:
        """What a write would change: of one lead, or of everything in both tenants."""
        (row,) = await self.query(_TRACES, lead, [self.here, self.there])
        return row


_TRACES: Final = """
select
  (select count(*) from fact where tenant = any($2) and ($1::uuid is null or lead = $1)) as facts,
  (select count(*) from act where tenant = any($2) and ($1::uuid is null or lead = $1)) as acts,
  (select count(*) from lead_contact where tenant = any($2) and ($1::uuid is null or lead = $1)) as words,
  (select count(*) from lead where tenant = any($2) and ($1::uuid is null or id = $1)) as leads,
  (select sum(changed) from lead where tenant = any($2) and ($1::uuid is null or id = $1)) as changed,
  (select string_agg(user_id || role, ',' order by lead, user_id) from collaborator
    where tenant = any($2) and ($1::uuid is null or lead = $1)) as shares,
  (select count(*) from credit_check where tenant = any($2) and ($1::uuid is null or lead = $1)) as checks,
  (select count(*) from setting_value where tenant = any($2)) as settings
"""


async def _tenant(shop: Shop) -> UUID:
    """A tenant with somebody for every column."""
    tenant = await new_tenant(shop.office.lab.pool)
    await people_of(shop.office.lab.pool, tenant, *PEOPLE.values(), BYSTANDER, BOSS, ASKER, OTHER)
    return tenant


@asynccontextmanager
async def matrix_world(shop: Shop) -> AsyncIterator[MatrixWorld]:
    """Both tenants, and the leads nobody changes."""
    async with await open_pool(Login(shop.office.lab.url, None), name="test-matrix", largest=2) as database:
        nothing = World(
            await _tenant(shop), await _tenant(shop), own={}, shared=uuid4(), foreign=uuid4(), elsewhere={}
        )
        world = MatrixWorld(shop, database, nothing)
        await _furnish(world)
        await world.watch()
        async with _bureau(world):
            yield world


@asynccontextmanager
async def _bureau(world: MatrixWorld) -> AsyncIterator[None]:
    """An account at a bureau where nobody listens: whoever may ask is told that the answer is pending."""
    app, nowhere = world.api.app, f"http://{NOBODY}"
    account = CreditAccount(
        url=nowhere,
        token_url=f"{nowhere}/token",
        client_id="matrix",
        client_secret="matrix",
    )
    async with CreditBureau(account) as bureau:
        credits_ = Credits(world.here, bureau, world.shop.office.lab.pool)
        app.state.wiring = replace(world.api.wiring, credit=credits_, erp=ErpConnected(world.here))
        try:
            yield
        finally:
            await credits_.stop()
            app.state.wiring = world.api.wiring


async def _furnish(world: MatrixWorld) -> None:
    there = world.there
    own: dict[Grantee, UUID] = {role: await world.register(PEOPLE[role]) for role in Role}
    shared, foreign = await world.register(BYSTANDER), await world.register(BYSTANDER)
    elsewhere: dict[Grantee, UUID] = {role: await world.register(PEOPLE[role], there) for role in Role}
    away = await world.register(BYSTANDER, there)
    for grantee, person in PEOPLE.items():
        share = grantee if isinstance(grantee, Share) else Share.NEGOTIATE
        if grantee is not Role.AGENT:
            await world.share(shared, person, share)
        if isinstance(grantee, Share):
            await world.share(away, person, share, there)
            elsewhere[grantee] = away
    world.leads = World(world.here, there, own, shared, foreign, elsewhere)
    world.standing = frozenset(world.things)
    for lead, things in world.things.items():
        tenant = there if lead in elsewhere.values() else world.here
        for name in ("hold", "hold_request", "extension", "fact", "box", "proposal", "check"):
            await world.having(things, name, tenant=tenant)
