"""Puts right what is safe: a workflow that is missing or behind its ledger, rows that were changed by hand.

Never touched is a ledger, and whatever hangs on one that is itself in doubt: facts that are missing, refused
by the engine, or that no audit row tells of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from activities.errors import UnknownLead
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from adapters.reconcile.asking import Heard, Survey
from adapters.reconcile.comparing import Check, Finding, compare, needs_workflow
from adapters.reconcile_store import RecordedLead
from protection.lifecycle import replay
from protection.policy import policy_from_json
from protection.wire import fact_from_json, fact_to_json
from workflows import names

REPAIRED: Final = frozenset(
    {
        Check.NO_PROJECTION,
        Check.PROJECTION_DIFFERS,
        Check.HOLDS_DIFFER,
        Check.REQUESTS_DIFFER,
        Check.NOT_RUNNING,
        Check.WORKFLOW_DIFFERS,
    }
)
# What makes the ledger itself doubtful.
_DOUBTFUL: Final = frozenset(
    {Check.NO_LEDGER, Check.GAP, Check.ENGINE_REFUSES, Check.NOT_AUDITED, Check.LEDGER_BEHIND}
)
_LOOK_AGAIN: Final = timedelta(milliseconds=300)


def repairable(findings: Iterable[Finding]) -> bool:
    """Whether something of this can be put right, and nothing speaks against it."""
    checks = {finding.check for finding in findings}
    return not checks.isdisjoint(REPAIRED) and checks.isdisjoint(_DOUBTFUL)


class Repairer:
    """Puts leads of one tenant right.

    Args:
        tenant: whose leads.
        survey: looks at them.
        gateway: their workflows.
        within: how long it may take until a repair shows.
    """

    def __init__(
        self,
        tenant: UUID,
        survey: Survey,
        gateway: TemporalLeadGateway,
        *,
        within: timedelta = timedelta(seconds=30),
    ) -> None:
        self._tenant = tenant
        self._survey = survey
        self._gateway = gateway
        self._within = within

    async def repair(self, lead: RecordedLead, findings: list[Finding]) -> list[Finding]:
        """Put right what is safe; answers what is left of the findings.

        Raises:
            RPCError: Temporal does not answer.
        """
        if not repairable(findings) or not await self._set_going(lead, findings):
            return findings
        left = findings
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                while left:
                    await asyncio.sleep(_LOOK_AGAIN.total_seconds())
                    left = await self._still(lead.id)
        except TimeoutError:
            return left
        return left

    async def _set_going(self, lead: RecordedLead, findings: list[Finding]) -> bool:
        """Have a workflow see to the lead; answers whether one does."""
        checks = {finding.check for finding in findings}
        try:
            if Check.WORKFLOW_DIFFERS in checks and not await self._only_rows_differ(lead):
                if not await self._behind(lead):
                    return False
                await self._gateway.restart(self._tenant, lead.id)
            elif Check.NOT_RUNNING in checks or (lead.projection is not None and not needs_workflow(lead)):
                # One that has ended goes through its end once more, and changes nothing but rows.
                await self._gateway.start(self._tenant, lead.id)
            else:
                await self._written_again(lead)
        except (LeadsUnavailable, UnknownLead):
            return False
        return True

    async def _written_again(self, lead: RecordedLead) -> None:
        try:
            await self._gateway.record_again(self._tenant, lead.id)
        except NoRunningLead:
            await self._gateway.start(self._tenant, lead.id)

    async def _workflows_facts(self, lead: RecordedLead) -> list[dict[str, Any]]:
        facts: list[dict[str, Any]] = await self._gateway.ask(self._tenant, lead.id, names.LEDGER)
        return facts

    async def _only_rows_differ(self, lead: RecordedLead) -> bool:
        """Whether workflow and ledger hold the same facts."""
        return await self._workflows_facts(lead) == _facts(lead)

    async def _behind(self, lead: RecordedLead) -> bool:
        """Whether the ledger holds everything the workflow knows, and more."""
        known, ledger = await self._workflows_facts(lead), _facts(lead)
        return len(known) < len(ledger) and known == ledger[: len(known)]

    async def _still(self, lead: UUID) -> list[Finding]:
        again = await self._survey.again(lead)
        if again is None:
            return []
        left = list(compare(self._tenant, again, datetime.now(UTC)))
        if needs_workflow(again):
            heard: Heard = await self._survey.ask(again)
            left += [] if heard.finding is None else [heard.finding]
        return left


def _facts(lead: RecordedLead) -> list[dict[str, Any]]:
    """The ledger's facts as a workflow that knows all of them answers."""
    if lead.policy is None:
        return []
    state = replay(policy_from_json(lead.policy), (fact_from_json(fact) for fact in lead.facts))
    return [fact_to_json(fact) for fact in state.facts]
