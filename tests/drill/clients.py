"""Clients that go on acting while everything is killed around them, and remember what was promised."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypedDict
from uuid import UUID

from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from protection.facts import HoldReason
from protection.refusal import Refused
from workflows.messages import Convert, GrantExtension, PlaceHold, RecordActivity, ReleaseHold, TellsFact

PLANNED_HOLD = timedelta(seconds=10)


class Who(TypedDict):
    """Who says so, and under which id."""

    by: str
    fact_id: str


@dataclass(slots=True)
class Memory:
    """What the clients were told.

    Attributes:
        acknowledged: per lead the ids of the facts that were answered as recorded.
        refused: how many were refused.
        repeated: how many had to be said again because nobody answered.
    """

    acknowledged: dict[UUID, set[str]] = field(default_factory=dict)
    refused: int = 0
    repeated: int = 0

    @property
    def total(self) -> int:
        """How many facts were acknowledged."""
        return sum(len(ids) for ids in self.acknowledged.values())


class Client:
    """Acts on leads by chance (of a seed), and says the same thing again until it gets an answer."""

    def __init__(self, gateway: TemporalLeadGateway, tenant: UUID, memory: Memory, seed: int) -> None:
        self._gateway = gateway
        self._tenant = tenant
        self._memory = memory
        self._chance = Random(seed)
        self._seed = seed
        self._said = 0
        self._holds: dict[UUID, str] = {}

    async def act_until(self, stop: asyncio.Event, leads: Sequence[UUID]) -> None:
        """Goes on until told to stop; what was begun is brought to an answer."""
        while not stop.is_set():
            lead = self._chance.choice(leads)
            await self._say(lead, self._message(lead))
            await asyncio.sleep(0.05)

    def _message(self, lead: UUID) -> TellsFact:
        self._said += 1
        who: Who = {"by": "drill", "fact_id": f"c{self._seed}-{self._said}"}
        dice = self._chance.random()
        if lead in self._holds and dice < 0.5:
            return ReleaseHold(by="drill", fact_id=who["fact_id"], hold=self._holds.pop(lead))
        if dice < 0.6:
            kind = "QUALIFIED_CALL" if dice < 0.3 else "NOTE"
            return RecordActivity(kind=kind, occurred_at=None, **who)
        if dice < 0.85:
            self._holds[lead] = who["fact_id"]
            # A planned hold says when it begins: repeated after its end it would else have no length.
            start_at = datetime.now(UTC) if dice < 0.7 else None
            end_at = None if start_at is None else start_at + PLANNED_HOLD
            return PlaceHold(
                reason=HoldReason.CUSTOMER_BLOCKED,
                hold=who["fact_id"],
                start_at=start_at,
                end_at=end_at,
                **who,
            )
        if dice < 0.97:
            return GrantExtension(days=self._chance.randint(1, 30), **who)
        return Convert(by=who["by"], fact_id=who["fact_id"])

    async def _say(self, lead: UUID, message: TellsFact) -> None:
        while True:
            try:
                await self._gateway.tell(self._tenant, lead, message)
            except LeadsUnavailable:
                self._memory.repeated += 1
                await asyncio.sleep(0.2)
                continue
            except (Refused, NoRunningLead):
                self._memory.refused += 1
                return
            assert message.fact_id is not None
            self._memory.acknowledged.setdefault(lead, set()).add(message.fact_id)
            return
