"""Tells leads' clocks of the company's own delays, as they are known now. See `adapters.hold_truth`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from activities.letters import LeadLedger
from activities.ports import LedgerReader
from activities.sample_orders import DelayHold
from activities.samples import RECORDED, NotYet
from adapters import log
from adapters.database import Caller, Pool, transaction
from adapters.hold_truth import Delay, Subject, facts_of, owed
from adapters.late_store import list_late
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from protection.facts import Corrected, Fact, HoldPlaced
from protection.late import kept_by
from protection.lifecycle import replay
from protection.refusal import Code, Refused
from protection.state import ALIVE, ENDED, Status
from protection.wire import fact_to_json
from workflows.messages import TellsFact

# Outcomes besides `recorded` and the codes of refusals.
NOTHING: Final = "nothing-to-tell"
CAME_LATE: Final = "came-late"
# Somebody else has told of the same delay, or of something else, since the ledger was read.
_MEANWHILE: Final = frozenset({Code.REVISION_CONFLICT, Code.FACT_ID_REUSED})
# How often a ledger is looked at again that somebody else has added to meanwhile.
_LOOKS: Final = 5

_log = log.get(__name__)


class DelayTeller:
    """Makes holds say what is true.

    Args:
        pool: connections as the worker role.
        leads: the workflows of leads.
        ledgers: what they have been told.
    """

    def __init__(self, pool: Pool, leads: TemporalLeadGateway, ledgers: LedgerReader) -> None:
        self._pool = pool
        self._leads = leads
        self._ledgers = ledgers

    async def tell(
        self, tenant: UUID, lead: UUID, subject: Subject, delay: Delay | None, *, at: datetime
    ) -> str:
        """Tell what is owed; answers `recorded`, `nothing-to-tell`, or why it could not be.

        A lapsed lead is told nothing. Where it would have been kept it stands among the late corrections.

        Raises:
            NotYet: nobody answered, or the clock there is behind.
            UnknownLead: there is no such lead.
        """
        for _ in range(_LOOKS):
            ledger = await self._ledgers.ledger(tenant, lead)
            state = replay(ledger.policy, ledger.facts)
            if state.status in ENDED:
                if state.status is not Status.EXPIRED:
                    return Code.PROTECTION_ENDED
                return await self._too_late(tenant, lead, ledger, subject, delay, at=at)
            if state.status not in ALIVE:
                return Code.NOT_REGISTERED
            told = owed(state, ledger.facts, subject, delay, at)
            try:
                await self._send(tenant, lead, told.messages, state.revision)
            except Refused as refused:
                if refused.code in _MEANWHILE:
                    continue
                if refused.code == Code.FUTURE_PROGRESS:
                    raise NotYet("the lead's clock is behind") from refused
                _log.warning("delay refused", lead=str(lead), hold=subject.name, code=str(refused.code))
                return refused.code
            if told.withheld:
                return Code.WOULD_HAVE_ENDED
            return RECORDED if told.messages else NOTHING
        raise NotYet("the lead's ledger changes all the time")

    async def _send(self, tenant: UUID, lead: UUID, messages: tuple[TellsFact, ...], revision: int) -> None:
        """One after the other; each only if nobody else has told anything meanwhile."""
        for message in messages:
            try:
                told = await self._leads.tell(tenant, lead, replace(message, if_revision=revision))  # type: ignore[type-var]
            except LeadsUnavailable as error:
                raise NotYet("nobody answered for the lead") from error
            except NoRunningLead as error:
                # It has ended since its ledger was read, or nobody keeps its clock.
                raise NotYet("nobody keeps the lead's clock") from error
            revision = revision + 1 if told.revision is None else told.revision

    async def _too_late(
        self,
        tenant: UUID,
        lead: UUID,
        ledger: LeadLedger,
        subject: Subject,
        delay: Delay | None,
        *,
        at: datetime,
    ) -> str:
        before = replay(ledger.policy, ledger.facts[:-1])
        if subject.mode is DelayHold.PROPOSED:
            # Whether it would have kept the lead is asked as if a manager had confirmed it.
            subject = replace(subject, mode=DelayHold.PLACED)
        messages = owed(before, ledger.facts[:-1], subject, delay, before.recorded_at).messages
        facts = facts_of(messages, before.recorded_at)
        kept = kept_by(ledger.policy, ledger.facts, *facts) if facts else None
        if kept is None:
            return Code.PROTECTION_ENDED
        corrects, replacement = _listed(facts)
        caller = Caller(tenant, subject.by)
        async with transaction(self._pool, tenant, subject.by, at=at) as connection:
            await list_late(connection, caller, lead, corrects, replacement, kept=kept, at=at)
        return CAME_LATE


def _listed(facts: list[Fact]) -> tuple[str, dict[str, object] | None]:
    """What is listed of facts that came late: the fact they correct, or the hold that was never placed."""
    fact = facts[-1]
    if isinstance(fact, Corrected):
        # A release that never was and another one in its place are one correction of what the ledger knows.
        made = {one.fact_id for one in facts}
        known = [one.corrects for one in facts if isinstance(one, Corrected) and one.corrects not in made]
        return known[-1] if known else fact.corrects, fact.replacement
    said = fact_to_json(fact)
    if isinstance(fact, HoldPlaced):
        return fact.hold, {name: said.get(name) for name in ("reason", "start_at", "end_at")}
    return fact.fact_id, said
