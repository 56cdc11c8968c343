"""What the workflow `lead-classify` has done: a model is asked, and its answer waits for a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.ai.asking import AiMalformed, AiUnavailable, Asker, BudgetSpent, NotConfigured
from activities.ai.cases.leads import CONTACT_ROLE_DETECT, LEAD_CLASSIFY, ContactQuestion, LeadQuestion
from activities.ai.classify_orders import (
    CLASSIFY_LEAD,
    DETECT_CONTACT_ROLE,
    Classified,
    ClassifyOrder,
    ClassifySeen,
)
from activities.ai.router import Router
from activities.courier import as_uuid
from activities.proposal_facts import ContactRoleFound, LeadClass, ProposalFacts
from activities.sample_orders import ContactRole

ASKER: Final = "lead-classify"
# Below this nobody is troubled with it.
_SURE_ENOUGH: Final = 0.5


@dataclass(frozen=True, slots=True)
class ContactTold:
    """A contact, as far as it may be asked about.

    Attributes:
        contact: id of the contact.
        question: None where nothing is known that says what he does.
    """

    contact: UUID
    question: ContactQuestion | None


class LeadTexts(Protocol):
    """What is known of a new lead, and where an answer goes."""

    async def lead(self, tenant: UUID, lead: UUID) -> LeadQuestion | None:
        """The company; None where there is no such lead."""
        ...

    async def contact(self, tenant: UUID, lead: UUID) -> ContactTold | None:
        """Its contact; None where it has none."""
        ...

    async def propose(
        self, tenant: UUID, lead: UUID, facts: ProposalFacts, *, subject: UUID, confidence: float
    ) -> bool:
        """Puts an answer before a person; False if it was before, or protection is over."""
        ...


class ClassifyActivities:
    """The steps of the workflow `lead-classify`. Repeated, they propose nothing twice."""

    def __init__(self, router: Router, texts: LeadTexts) -> None:
        self._router = router
        self._texts = texts

    @property
    def steps(self) -> tuple[Callable[..., Awaitable[Any]], ...]:
        """All of them."""
        return (self.classify_lead, self.detect_contact_role)

    @activity.defn(name=CLASSIFY_LEAD)
    async def classify_lead(self, order: ClassifyOrder) -> ClassifySeen:
        """Asks what sort of customer a lead would be."""
        tenant, lead = as_uuid("tenant", order.tenant), as_uuid("lead", order.lead)

        async def ask() -> Classified:
            question = await self._texts.lead(tenant, lead)
            if question is None:
                return Classified.NOTHING_TO_ASK
            answered = await self._router.ask(LEAD_CLASSIFY, question, asker=_asker(tenant, lead))
            told = answered.answer
            facts = LeadClass(segment=told.segment, potential=told.potential)
            return await self._propose(tenant, lead, facts, lead, answered.confidence)

        return await _seen(ask)

    @activity.defn(name=DETECT_CONTACT_ROLE)
    async def detect_contact_role(self, order: ClassifyOrder) -> ClassifySeen:
        """Asks what a lead's contact does there."""
        tenant, lead = as_uuid("tenant", order.tenant), as_uuid("lead", order.lead)

        async def ask() -> Classified:
            told = await self._texts.contact(tenant, lead)
            if told is None or told.question is None:
                return Classified.NOTHING_TO_ASK
            asker = _asker(tenant, lead)
            answered = await self._router.ask(CONTACT_ROLE_DETECT, told.question, asker=asker)
            role = answered.answer.role
            if role is ContactRole.OTHER:
                return Classified.UNSURE
            facts = ContactRoleFound(contact=told.contact, role=role)
            return await self._propose(tenant, lead, facts, told.contact, answered.confidence)

        return await _seen(ask)

    async def _propose(
        self, tenant: UUID, lead: UUID, facts: ProposalFacts, subject: UUID, confidence: float
    ) -> Classified:
        if confidence < _SURE_ENOUGH:
            return Classified.UNSURE
        new = await self._texts.propose(tenant, lead, facts, subject=subject, confidence=confidence)
        return Classified.PROPOSED if new else Classified.KNOWN


def _asker(tenant: UUID, lead: UUID) -> Asker:
    return Asker(tenant=tenant, user=ASKER, lead=lead)


async def _seen(ask: Callable[[], Awaitable[Classified]]) -> ClassifySeen:
    """What came of asking; whoever cannot be asked now is asked later."""
    try:
        return ClassifySeen(await ask())
    except NotConfigured:
        return ClassifySeen(Classified.NOT_CONFIGURED)
    except BudgetSpent:
        return ClassifySeen(Classified.BUDGET_SPENT)
    except AiMalformed:
        return ClassifySeen(Classified.MALFORMED)
    except AiUnavailable as error:
        raise ApplicationError(
            "no AI provider is of use at the moment",
            type="AiUnavailable",
            next_retry_delay=error.retry_after,
        ) from None
