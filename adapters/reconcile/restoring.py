"""Puts back into the ledger what histories of workflows still know, after an older backup was restored.

Facts come back, gapless and audited, and with them every deadline. What never was in a history does not: who
the contact was, what was written, and, of leads that the backup does not know, company and place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from temporalio.client import Client

from activities.records import (
    LedgerConflict,
    RecordCommand,
    audit_row,
    fact_row,
    hold_rows,
    projection,
    request_rows,
)
from adapters.database import Pool, load_queries, transaction
from adapters.lead_entry import LeadEntry, company_row
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from adapters.ledger_store import PostgresLedgerStore
from adapters.normalise import lead_key
from adapters.notification_store import PostgresPeople
from adapters.reconcile.histories import Histories, KnownLife
from adapters.reconcile_store import RecordedLead, recorded_leads
from adapters.running_leads import runs
from protection.decide import next_change
from protection.facts import Fact
from protection.lifecycle import apply, begin, replay
from protection.policy import Policy, policy_from_json, policy_to_json
from protection.refusal import Refused
from protection.state import LeadState
from protection.wire import fact_from_json

_AT_ONCE: Final = 8
_PLACE_UNKNOWN: Final = "–"
_SQL: Final = load_queries("restore")
_LEADS: Final = load_queries("lead")


class Outcome(StrEnum):
    """What came of one lead. Wire names."""

    WHOLE = "whole"
    PUT_BACK = "put-back"
    CONTRADICTS = "contradicts"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Company:
    """What a lead is called, from elsewhere, such as a mail about it."""

    company: str
    city: str
    postcode: str | None = None
    industry: str | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """One lead that is not simply whole.

    Attributes:
        facts: how many were, or would be, put back.
        unknown: the backup did not know the lead.
        detail: why nothing can be done, in words.
    """

    lead: UUID
    outcome: Outcome
    facts: int = 0
    unknown: bool = False
    detail: str = ""


@dataclass(slots=True)
class Restoration:
    """What came of all of them.

    Attributes:
        looked_at: how many leads have a history.
        leads: those that are not simply whole.
        nameless: leads whose company nobody has told yet.
    """

    looked_at: int = 0
    leads: list[Restored] = field(default_factory=list)
    nameless: list[UUID] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        """How many came to that."""
        return sum(one.outcome is outcome for one in self.leads)

    @property
    def facts(self) -> int:
        """How many facts were, or would be, put back."""
        return sum(one.facts for one in self.leads)


@dataclass(frozen=True, slots=True)
class _Missing:
    """What a ledger lacks: the state it leaves, and the facts that come after."""

    policy: Policy
    before: LeadState | None
    facts: tuple[Fact, ...]


class Contradiction(Exception):
    """Ledger and history tell different lives; a person has to look."""


class Restorer:
    """Restores the ledgers of one tenant.

    Args:
        pool: connections as the worker role.
        client: where the workflows are.
        tenant: whose leads.
        companies: what leads are called that the backup does not know.
        told: called with how many more leads are done.
    """

    def __init__(
        self,
        pool: Pool,
        client: Client,
        tenant: UUID,
        *,
        companies: Mapping[UUID, Company],
        told: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._pool = pool
        self._client = client
        self._tenant = tenant
        self._companies = companies
        self._told = told
        self._gateway = TemporalLeadGateway(client, PostgresPeople(pool))
        self._histories = Histories(client, self._gateway, tenant)
        self._ledgers = PostgresLedgerStore(pool)

    async def leads(self) -> list[UUID]:
        """Leads whose workflows Temporal still keeps.

        Raises:
            RPCError: Temporal does not answer.
        """
        return await self._histories.leads()

    async def restore(self, leads: Sequence[UUID], *, by: str, dry_run: bool) -> Restoration:
        """Put back what these leads' histories know.

        Args:
            by: who does it, as told to the audit.
            dry_run: only look.

        Raises:
            RPCError: Temporal does not answer.
        """
        gate, done = asyncio.Semaphore(_AT_ONCE), Restoration(looked_at=len(leads))

        async def one(lead: UUID) -> None:
            async with gate:
                restored = await self._one(lead, by=by, dry_run=dry_run)
            if restored.outcome is not Outcome.WHOLE:
                done.leads.append(restored)
            self._told(1)

        await asyncio.gather(*(one(lead) for lead in leads))
        done.leads.sort(key=lambda restored: restored.lead)
        async with transaction(self._pool, self._tenant, by, at=datetime.now(UTC)) as connection:
            rows = [row["id"] async for row in _SQL.nameless(connection, tenant=self._tenant)]
            for lead in rows:
                known = self._companies.get(lead)
                if known is None or dry_run:
                    done.nameless.append(lead)
                else:
                    await _SQL.name_lead(
                        connection,
                        tenant=self._tenant,
                        lead=lead,
                        company=known.company,
                        city=known.city,
                        postcode=known.postcode,
                        industry=known.industry,
                        company_key=lead_key(known.company, known.city),
                    )
        return done

    async def _one(self, lead: UUID, *, by: str, dry_run: bool) -> Restored:
        try:
            life = await self._histories.life(lead)
            if life is None:
                return Restored(lead, Outcome.WHOLE)
            recorded = await self._recorded(lead)
            missing = await self._missing(lead, recorded, life)
            if not missing.facts:
                return Restored(lead, Outcome.WHOLE)
            unknown, states = recorded is None, _lived(missing)
            if not dry_run:
                await self._put_back(lead, missing, states, by=by, unknown=unknown)
                await self._have_workflow_agree(lead, life, missing)
        except (Contradiction, Refused, LedgerConflict) as error:
            return Restored(lead, Outcome.CONTRADICTS, detail=str(error))
        except LeadsUnavailable as error:
            return Restored(lead, Outcome.SILENT, detail=str(error))
        return Restored(lead, Outcome.PUT_BACK, facts=len(missing.facts), unknown=unknown)

    async def _recorded(self, lead: UUID) -> RecordedLead | None:
        async with transaction(self._pool, self._tenant, "restore", reading=True) as connection:
            found = await recorded_leads(connection, self._tenant, only=lead, most=1)
        return found[0] if found else None

    async def _missing(self, lead: UUID, recorded: RecordedLead | None, life: KnownLife) -> _Missing:
        if recorded is None or not recorded.facts:
            policy = await self._histories.policy(lead)
            if policy is None or life.revision != len(life.facts):
                raise Contradiction("its history no longer tells how it began")
            return _Missing(policy, None, life.facts)
        if recorded.policy is None:
            raise Contradiction("its row is missing, so its policy is not known")
        ledger = [fact_from_json(fact) for fact in recorded.facts]
        policy = policy_from_json(recorded.policy)
        before, known = replay(policy, ledger), {fact.fact_id: fact for fact in ledger}
        new = tuple(fact for fact in life.facts if fact.fact_id not in known)
        told = [fact for fact in life.facts if fact.fact_id in known]
        if any(known[fact.fact_id] != fact for fact in told):
            raise Contradiction("ledger and history hold different facts under one id")
        # A long life leaves out of its history what bears on nothing any more.
        whole = life.revision == len(life.facts)
        if new and whole and not known.keys() <= {fact.fact_id for fact in told}:
            raise Contradiction("the ledger holds facts that its history does not know")
        return _Missing(policy, before, new)

    async def _put_back(
        self, lead: UUID, missing: _Missing, states: Sequence[LeadState], *, by: str, unknown: bool
    ) -> None:
        last = states[-1]
        if unknown:
            await self._enter(lead, missing, last)
        at, first = last.recorded_at, 1 + (0 if missing.before is None else missing.before.revision)
        await self._ledgers.record(
            RecordCommand(
                tenant=str(self._tenant),
                lead=str(lead),
                facts=[fact_row(fact, first + number) for number, fact in enumerate(missing.facts)],
                projection=projection(str(self._tenant), str(lead), last, at, wake_at=next_change(last, at)),
                holds=hold_rows(last),
                requests=request_rows(last),
                audit=[
                    audit_row(fact, before, after)
                    for fact, before, after in zip(
                        missing.facts, (missing.before, *states[:-1]), states, strict=True
                    )
                ],
            )
        )
        now = datetime.now(UTC)
        after = {"facts": len(missing.facts), "from_revision": first, "unknown": unknown}
        async with transaction(self._pool, self._tenant, by, at=now) as connection:
            await _SQL.tell_audit(connection, lead=lead, after=after, at=now)

    async def _enter(self, lead: UUID, missing: _Missing, state: LeadState) -> None:
        """The lead itself, under the name somebody has told, or without one."""
        known = self._companies.get(lead)
        entry = LeadEntry(
            id=lead,
            external_id=None,
            company=f"Unbekannt / unknown {str(lead)[:8]}" if known is None else known.company,
            city=_PLACE_UNKNOWN if known is None else known.city,
            postcode=None if known is None else known.postcode,
            industry=None if known is None else known.industry,
            source=None,
            owner=state.basis.owner,
            company_key=f"unknown {lead}" if known is None else lead_key(known.company, known.city),
            created_at=missing.facts[0].recorded_at,
            contacts=(),
        )
        async with transaction(self._pool, self._tenant, "restore") as connection:
            await _SQL.add_policy(
                connection,
                tenant=self._tenant,
                version=missing.policy.version,
                policy=policy_to_json(missing.policy),
            )
            await _LEADS.register_leads(
                connection, tenant=self._tenant, entries=[company_row(entry)], refuse_duplicates=False
            )

    async def _have_workflow_agree(self, lead: UUID, life: KnownLife, missing: _Missing) -> None:
        """Have the running workflow write the row; one that counts otherwise begins anew from the ledger."""
        if not await runs(self._client, self._tenant, lead):
            return
        revision = len(missing.facts) + (0 if missing.before is None else missing.before.revision)
        try:
            if revision == life.revision:
                await self._gateway.record_again(self._tenant, lead)
            else:
                await self._gateway.restart(self._tenant, lead)
        except NoRunningLead:
            return


def _lived(missing: _Missing) -> list[LeadState]:
    """The state after each missing fact.

    Raises:
        Refused: the ledger cannot go on with them, such as one that is missing before others.
    """
    states: list[LeadState] = []
    state = missing.before
    for fact in missing.facts:
        state = begin(missing.policy, fact) if state is None else apply(state, fact)
        states.append(state)
    return states
