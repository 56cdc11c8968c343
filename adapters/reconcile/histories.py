"""What the histories of leads' workflows still know, running or ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from adapters.health import TEMPORAL_AWAY
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from adapters.running_leads import came_to_work
from protection.facts import Fact
from protection.policy import Policy, PolicyError, policy_from_json
from protection.wire import fact_from_json
from workflows import names

_PAGE: Final = 1000
_WITHIN: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class KnownLife:
    """A lead as its workflow knows it.

    Attributes:
        facts: in order of recording, without those that bear on nothing any more.
        revision: how many facts there are with those.
    """

    facts: tuple[Fact, ...]
    revision: int


class Histories:
    """The workflows of a tenant's leads, as far as Temporal keeps them.

    Args:
        client: where they are.
        gateway: the same, for questions.
        tenant: whose leads.
    """

    def __init__(self, client: Client, gateway: TemporalLeadGateway, tenant: UUID) -> None:
        self._client = client
        self._gateway = gateway
        self._tenant = tenant

    async def leads(self) -> list[UUID]:
        """Leads with a workflow, running or ended and still kept; the list may lag by seconds.

        Raises:
            RPCError: Temporal does not answer.
        """
        beginning = names.workflow_id(self._tenant, "")
        query = f"WorkflowType = '{names.LEAD_PROTECTION}'"
        found: set[UUID] = set()
        async for execution in self._client.list_workflows(query, page_size=_PAGE):
            if execution.id.startswith(beginning):
                found.add(UUID(execution.id.removeprefix(beginning)))
        return sorted(found)

    async def life(self, lead: UUID) -> KnownLife | None:
        """What a lead's newest workflow knows; None where there is none, or it never knew anything.

        Raises:
            LeadsUnavailable: no worker answered in time.
        """
        if not await came_to_work(self._client, self._tenant, lead):
            return None
        try:
            told: list[dict[str, Any]] = await self._gateway.ask(self._tenant, lead, names.LEDGER)
            view: dict[str, Any] = await self._gateway.ask(self._tenant, lead, names.PROTECTION)
        except NoRunningLead:
            return None
        if not told:
            return None
        facts = tuple(fact_from_json(fact) for fact in told)
        return KnownLife(facts, int(view["revision"]))

    async def policy(self, lead: UUID) -> Policy | None:
        """The policy under which a lead's ledger begins; None where its history no longer tells.

        Raises:
            LeadsUnavailable: Temporal did not answer in time.
        """
        handle = self._client.get_workflow_handle(names.workflow_id(self._tenant, lead))
        try:
            async with asyncio.timeout(_WITHIN.total_seconds()):
                async for event in handle.fetch_history_events(page_size=1):
                    if event.event_type != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
                        return None
                    payloads = event.workflow_execution_started_event_attributes.input.payloads
                    values = await self._client.data_converter.decode(payloads, [dict])
                    return policy_from_json(values[0].get("policy", {}))
        except PolicyError:
            return None
        except TEMPORAL_AWAY as error:
            raise LeadsUnavailable("Temporal did not answer in time") from error
        return None
