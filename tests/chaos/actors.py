"""Clients that go on acting while everything is hit around them, each by a chance of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

from temporalio.client import WorkflowQueryFailedError

from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from protection.dates import format_instant
from tests.chaos.api import MANAGER, Api
from tests.chaos.journal import Ending, Journal, Kind, Operation
from tests.chaos.population import AGENTS
from workflows import names
from workflows.messages import RecordActivity

PLANNED_HOLD: Final = timedelta(seconds=10)
SIGNALLED_BY: Final = "chaos"
# Seconds after the last fault within which everything that was begun has to be answered.
_PATIENCE: Final = 240.0
_FINISHED: Final = 300
_KINDS: Final = ("QUALIFIED_CALL", "CUSTOMER_REACTION", "NOTE", "EMAIL_SENT")
_HOLDS: Final = ("CUSTOMER_BLOCKED", "FFZ_SUPPLY_ISSUE", "OTHER")


@dataclass(slots=True)
class Shared:
    """What all clients know together.

    Attributes:
        owners: whose each lead is.
        revisions: the highest revision anybody was answered, by lead.
        holds: open holds, by lead.
        wrong: what no client should ever see, in words.
        answered: how many facts were answered.
        reads: how many leads were read.
        asked: how many workflows answered a question while they took something in.
        repeats: how many answered requests were said once more, to see that nothing happens.
    """

    owners: dict[UUID, str]
    revisions: dict[UUID, int] = field(default_factory=dict)
    holds: dict[UUID, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    answered: int = 0
    reads: int = 0
    asked: int = 0
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that tells a fact."""

    kind: Kind
    who: str
    method: str
    path: str
    body: Mapping[str, Any] | None
    lead: UUID | None = None
    hold: str | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """What all clients act with."""

    api: Api
    gateway: TemporalLeadGateway
    journal: Journal
    shared: Shared
    tenant: UUID


class Actor:
    """One client; its number and the seed are its chance."""

    def __init__(self, cast: Cast, seed: int, number: int) -> None:
        self._api = cast.api
        self._gateway = cast.gateway
        self._journal = cast.journal
        self._shared = cast.shared
        self._tenant = cast.tenant
        self._chance = Random(f"{seed}/{number}")
        self._name = f"{seed}-{number}"
        self._said = 0

    async def act_until(self, stop: asyncio.Event, pause: float) -> None:
        """Goes on until told to stop; what was begun is brought to an answer."""
        while not stop.is_set():
            await self._api.sign_in()
            await self._one()
            await asyncio.sleep(pause)

    async def _one(self) -> None:
        chance, dice = self._chance, self._chance.random()
        lead = chance.choice(sorted(self._shared.owners))
        owner = self._shared.owners[lead]
        if dice < 0.25:
            await self._look(lead)
        elif dice < 0.35:
            await self._say(self._registration(chance.choice(AGENTS)))
        elif dice < 0.60:
            body = {"kind": chance.choice(_KINDS)} | ({"note": "Gespräch"} if chance.random() < 0.5 else {})
            who = owner if chance.random() < 0.7 else MANAGER
            await self._say(_Call(Kind.ACTIVITY, who, "POST", f"/api/leads/{lead}/activities", body, lead))
        elif dice < 0.80:
            await self._hold_or_release(lead)
        elif dice < 0.90:
            more = {"reason": "Saison abwarten", "days": chance.randint(1, 30)}
            await self._say(_Call(Kind.EXTEND, MANAGER, "POST", f"/api/leads/{lead}/extensions", more, lead))
        elif dice < 0.93:
            body = {"customerNo": f"K-{chance.randint(1000, 9999)}"}
            await self._say(_Call(Kind.CONVERT, MANAGER, "POST", f"/api/leads/{lead}/convert", body, lead))
        else:
            await self._signal(lead)

    def _registration(self, who: str) -> _Call:
        word = "".join(self._chance.choices("bdfghklmnprstvz", k=6)) + "".join(
            self._chance.choices("aeiou", k=3)
        )
        body = {
            "company": f"{word.capitalize()} GmbH",
            "city": self._chance.choice(("Berlin", "Hamburg", "Köln", "Würzburg", "Lübeck")),
            "externalId": f"A-{self._name}-{self._said}",
            "contact": {"name": "Jo Erfunden", "email": f"jo{self._said}@lead.example"},
            "confirmSimilar": {"reason": "Ein anderer Betrieb"},
        }
        return _Call(Kind.REGISTER, who, "POST", "/api/leads", body)

    async def _hold_or_release(self, lead: UUID) -> None:
        chance, held = self._chance, self._shared.holds
        if held and chance.random() < 0.5:
            lead = chance.choice(sorted(held))
            hold = held.pop(lead)
            path = f"/api/leads/{lead}/holds/{hold}"
            await self._say(_Call(Kind.RELEASE_HOLD, MANAGER, "DELETE", path, None, lead, hold))
            return
        body: dict[str, Any] = {"reason": chance.choice(_HOLDS)}
        if chance.random() < 0.5:
            # A planned hold says when it begins: repeated after its end it would else have no length.
            start = datetime.now(UTC)
            body |= {"startAt": format_instant(start), "endAt": format_instant(start + PLANNED_HOLD)}
        await self._say(_Call(Kind.HOLD, MANAGER, "POST", f"/api/leads/{lead}/holds", body, lead))

    async def _say(self, call: _Call) -> None:
        self._said += 1
        key = f"c{self._name}-{self._said}"
        operation = self._journal.begin(call.kind, call.lead, key, call.hold)
        sent = None if call.method == "DELETE" else key
        body = None if call.body is None else dict(call.body)
        async with asyncio.TaskGroup() as both:
            saying = both.create_task(
                self._api.until_answered(
                    call.who, call.method, call.path, body=body, key=sent, within=_PATIENCE
                )
            )
            if call.lead is not None:
                both.create_task(self._ask(call.lead))
        answer, tries = saying.result()
        if answer is None:
            return
        ended = replace(operation, tries=tries, at=datetime.now(UTC))
        if not answer.done:
            self._journal.end(replace(ended, ending=Ending.REFUSED, code=answer.code))
            return
        if call.method == "DELETE":
            self._journal.end(replace(ended, ending=Ending.ANSWERED))
            return
        told = answer.body
        lead, fact, revision = UUID(told["lead"]), str(told["factId"]), told["revision"]
        ended = replace(ended, lead=lead, fact=fact, revision=revision, hold=told.get("id"))
        self._journal.end(replace(ended, ending=Ending.ANSWERED))
        self._remember(call, lead, revision, told.get("id") if "endAt" not in (body or {}) else None)
        if self._chance.random() < 0.1:
            await self._repeat(call, key, body, ended)

    def _remember(self, call: _Call, lead: UUID, revision: int | None, hold: str | None) -> None:
        shared = self._shared
        shared.answered += 1
        if revision is not None:
            shared.revisions[lead] = max(revision, shared.revisions.get(lead, 0))
        if call.kind is Kind.REGISTER:
            shared.owners[lead] = call.who
        if call.kind is Kind.HOLD and hold is not None:
            shared.holds[lead] = hold

    async def _repeat(self, call: _Call, key: str, body: dict[str, Any] | None, ended: Operation) -> None:
        """Says an answered request once more: the same answer, or none, but never another one."""
        answer = await self._api.call(call.who, call.method, call.path, body, key)
        if answer is None:
            return
        self._shared.repeats += 1
        again = (answer.done, answer.body.get("factId"), answer.body.get("revision"))
        if again != (True, ended.fact, ended.revision):
            self._shared.wrong.append(
                f"repeated {call.kind} {key}: {ended.fact} {ended.revision}, then {again}"
            )

    async def _look(self, lead: UUID) -> None:
        """Reads a lead: what was answered before has to be in it."""
        least = self._shared.revisions.get(lead, 0)
        answer = await self._api.call(MANAGER, "GET", f"/api/leads/{lead}/protection")
        if answer is None:
            return
        self._shared.reads += 1
        if not answer.done:
            self._shared.wrong.append(f"lead {lead} cannot be read: {answer.code}")
        elif answer.body["revision"] < least:
            self._shared.wrong.append(f"lead {lead} read at {answer.body['revision']}, answered at {least}")

    async def _ask(self, lead: UUID) -> None:
        """Asks the workflow itself, as its pages and a reconciliation do, while it takes something in.

        A workflow that is asked while it records goes on in another task; nothing may hang on that.
        """
        try:
            view = await self._gateway.ask(self._tenant, lead, names.PROTECTION)
        except (LeadsUnavailable, NoRunningLead):
            return
        except WorkflowQueryFailedError as error:
            self._shared.wrong.append(f"lead {lead} cannot be asked: {error}")
            return
        self._shared.asked += 1
        if "revision" not in view:
            self._shared.wrong.append(f"lead {lead} answered {sorted(view)}")

    async def _signal(self, lead: UUID) -> None:
        """Tells Temporal, as an admin in its pages does; taken means that it is not lost."""
        self._said += 1
        key = f"s{self._name}-{self._said}"
        operation = self._journal.begin(Kind.SIGNAL, lead, key)
        message = RecordActivity(kind="NOTE", occurred_at=None, by=SIGNALLED_BY, fact_id=key)
        for tries in range(1, _FINISHED):
            try:
                await self._gateway.signal(self._tenant, lead, message)
            except LeadsUnavailable:
                await asyncio.sleep(0.5)
                continue
            except NoRunningLead:
                self._journal.end(
                    replace(operation, ending=Ending.REFUSED, tries=tries, at=datetime.now(UTC))
                )
                return
            self._journal.end(
                replace(operation, ending=Ending.ANSWERED, tries=tries, fact=key, at=datetime.now(UTC))
            )
            return
