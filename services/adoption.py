"""Living leads go over to another policy version: each is told by itself, and its ledger keeps it.

Interrupted, it goes on where it was: leads that are under the version already are left out, and a lead
that was told without answering knows the same fact again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from adapters.policy_store import Choice, OtherLead, leads_to_adopt
from protection.policy import Policy, policy_to_json
from protection.refusal import Refused
from services.rehearsal import Looking
from workflows.messages import parse
from workflows.request_messages import AdoptPolicy

AT_ONCE: Final = 8
_PAUSES: Final = (1.0, 3.0)  # seconds before a lead that did not answer is told again


class Fate(StrEnum):
    """What became of a lead. Wire names.

    Attributes:
        ADOPTED: it lives under the version now.
        REFUSED: it may not, because protection would have ended, or it has changed in between.
        NOT_RUNNING: it has no workflow; see `fristwerk verify`.
        SILENT: nobody answered; run it again.
    """

    ADOPTED = "adopted"
    REFUSED = "refused"
    NOT_RUNNING = "not-running"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What became of one lead.

    Attributes:
        version: the one it was under.
        why: of a refusal, in words.
    """

    lead: UUID
    external_id: str | None
    version: str
    fate: Fate
    why: str | None = None


class NobodyAnswers(Exception):
    """A whole group of leads was silent: it makes no sense to go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Who is to adopt what.

    Attributes:
        tenant: whose leads.
        policy: the version; one of the tenant's.
        choice: which living leads.
        by: id of who has it done.
        per_second: leads told a second, at most.
    """

    tenant: UUID
    policy: Policy
    choice: Choice
    by: str
    per_second: int


async def adopt(
    looking: Looking, gateway: TemporalLeadGateway, campaign: Campaign
) -> AsyncGenerator[Adoption, None]:
    """Tell every chosen lead, group by group.

    Args:
        looking: opens a transaction that may read the leads.

    Raises:
        NobodyAnswers: no lead of a whole group did; run it again later.
    """
    told, after = policy_to_json(campaign.policy), None
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        async with looking() as connection:
            group = await leads_to_adopt(
                connection,
                campaign.tenant,
                campaign.policy.version,
                campaign.choice,
                after=after,
                most=AT_ONCE,
            )
        if not group:
            return
        fates = await asyncio.gather(*(_tell(gateway, campaign, told, lead) for lead in group))
        for fate in fates:
            yield fate
        if all(fate.fate is Fate.SILENT for fate in fates):
            raise NobodyAnswers
        after = group[-1].lead
        await asyncio.sleep(max(began + len(group) / campaign.per_second - loop.time(), 0))


async def _tell(
    gateway: TemporalLeadGateway, campaign: Campaign, policy: Mapping[str, Any], lead: OtherLead
) -> Adoption:
    def became(fate: Fate, why: str | None = None) -> Adoption:
        return Adoption(lead.lead, lead.external_id, lead.version, fate, why)

    try:
        message = parse(
            AdoptPolicy,
            {
                "by": campaign.by,
                # The same try is the same fact; a later adoption of this version is another one.
                "fact_id": f"adopt:{campaign.policy.version}:{lead.revision}",
                "version": campaign.policy.version,
                "replaces": lead.version,
                "policy": dict(policy),
            },
        )
        for pause in (*_PAUSES, None):
            try:
                await gateway.tell(campaign.tenant, lead.lead, message)
            except LeadsUnavailable:
                if pause is None:
                    return became(Fate.SILENT)
                await asyncio.sleep(pause)
            else:
                return became(Fate.ADOPTED)
    except NoRunningLead:
        return became(Fate.NOT_RUNNING)
    except Refused as refused:
        return became(Fate.REFUSED, refused.message)
    return became(Fate.SILENT)
