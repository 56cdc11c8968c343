"""What people ask models about a lead: gathered with their own eyes, asked on their own account.

What is told is what the caller may read; personal data are taken out on the way, see
`activities.ai.ports.Scrubber`. Answers change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from activities.ai.asking import Answered, Asker
from activities.ai.case import UseCase
from activities.ai.cases.deals import (
    HELP_DRAFT,
    NEGOTIATION_SUPPORT,
    RISK_ASSESS,
    Article,
    HelpAnswer,
    HelpQuestion,
    NegotiationAnswer,
    NegotiationQuestion,
    RiskAnswer,
    RiskQuestion,
)
from activities.ai.cases.forms import MOST_WORDS, Happened, ProductOffered
from activities.ai.cases.leads import ACTIVITY_SUMMARIZE, HistoryAnswer, HistoryQuestion
from activities.ai.cases.samples import (
    MOST_PRODUCTS,
    PRODUCT_MATCH,
    ROI_RECOMMEND,
    SAMPLE_STRATEGY,
    MatchAnswer,
    MatchQuestion,
    RoiAnswer,
    RoiQuestion,
    StrategyAnswer,
    StrategyQuestion,
    Tried,
)
from activities.ai.router import Router
from activities.ports import Language
from activities.proposal_facts import LeadClass, Potential, Segment
from adapters import sample_store
from adapters.ai.uses import products_of
from adapters.credit.records import CreditCheck
from adapters.database import Connection
from adapters.lead_entry import ContactEntry
from adapters.note_store import note_entry
from adapters.proposal_store import class_of
from adapters.read_model import Lead, find_lead, protection_of
from protection.facts import ActivityRecorded, Fact
from protection.permission import Act
from services.ai_rights import RIGHTS
from services.asking import Asking
from services.clock_reading import whole_ledger
from services.credit import checks_of
from services.desk import Desk
from services.door import relation, stand
from services.errors import Forbidden, Missing, NotFound
from services.history import PARTS

_MOST_HAPPENED: Final = 40
_MOST_TRIED: Final = 40
HELP_SPACES: Final = ("help.space.enduser", "help.space.salesops")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of a lead, as its caller may know it."""

    lead: Lead
    known: LeadClass | None
    status: str

    @property
    def segment(self) -> Segment | None:
        """What sort of customer it would be, as somebody has confirmed."""
        return None if self.known is None else self.known.segment

    @property
    def potential(self) -> Potential | None:
        """How much it would buy, as somebody has confirmed."""
        return None if self.known is None else self.known.potential


async def allowed(connection: Connection, asking: Asking, lead: UUID) -> frozenset[UseCase]:
    """What the caller may ask about a lead.

    Raises:
        NotFound: there is no such lead for this caller.
    """
    whose = relation(await stand(connection, asking, lead))
    return frozenset(case for case, acts in RIGHTS.items() if any(asking.may(act, whose) for act in acts))


@dataclass(frozen=True, slots=True)
class Assistant:
    """Somebody who asks about one lead.

    Attributes:
        language: in which he reads the answers.
    """

    router: Router
    desk: Desk
    asking: Asking
    lead: UUID
    language: Language

    async def summarize(self) -> Answered[HistoryAnswer]:
        """What happened to a lead in a few sentences, and what to do next.

        Raises:
            NotFound: there is no such lead for this caller.
            AiError: there is no answer.
        """
        async with self.desk.looking(self.asking) as connection:
            found = await self._gathered(connection, UseCase.ACTIVITY_SUMMARIZE)
            protection = await protection_of(connection, self.asking.tenant, self.lead)
            happened = await _happened(connection, self.desk, self.asking, self.lead)
        question = HistoryQuestion(
            language=self.language,
            company=found.lead.company,
            status=found.status,
            progress_until=_day(None if protection is None else protection.progress_until),
            valid_until=_day(None if protection is None else protection.valid_until),
            happened=happened,
        )
        return await self.router.ask(ACTIVITY_SUMMARIZE, question, asker=_asker(self.asking, self.lead))

    async def negotiate(self, situation: str) -> Answered[NegotiationAnswer]:
        """How to lead a talk.

        Raises:
            Forbidden: the caller does not negotiate there.
            See besides `summarize`.
        """
        async with self.desk.looking(self.asking) as connection:
            found = await self._gathered(connection, UseCase.NEGOTIATION_SUPPORT)
            happened = await _happened(connection, self.desk, self.asking, self.lead)
        question = NegotiationQuestion(
            language=self.language,
            company=found.lead.company,
            segment=found.segment,
            potential=found.potential,
            situation=situation,
            happened=happened,
        )
        return await self.router.ask(NEGOTIATION_SUPPORT, question, asker=_asker(self.asking, self.lead))

    async def match_products(self, wishes: str | None) -> Answered[MatchAnswer]:
        """Which products fit a company; none that does not exist.

        Raises:
            NotFound: there is no such lead for this caller, or nothing to be sent.
            See besides `negotiate`.
        """
        async with self.desk.looking(self.asking) as connection:
            found = await self._gathered(connection, UseCase.PRODUCT_MATCH)
            products = await _products(connection, self.asking)
        question = MatchQuestion(
            language=self.language,
            company=found.lead.company,
            industry=found.lead.industry,
            segment=found.segment,
            wishes=wishes,
            products=products,
        )
        return await self.router.ask(PRODUCT_MATCH, question, asker=_asker(self.asking, self.lead))

    async def suggest_box(self, wishes: str | None) -> Answered[StrategyAnswer]:
        """What to send to a company, and how it should be tried.

        Raises:
            See `match_products`.
        """
        async with self.desk.looking(self.asking) as connection:
            found = await self._gathered(connection, UseCase.SAMPLE_STRATEGY)
            products = await _products(connection, self.asking)
            tried = await _tried(connection, self.desk, self.asking, self.lead)
        question = StrategyQuestion(
            language=self.language,
            company=found.lead.company,
            industry=found.lead.industry,
            segment=found.segment,
            potential=found.potential,
            wishes=wishes,
            tried=tried,
            products=products,
        )
        return await self.router.ask(SAMPLE_STRATEGY, question, asker=_asker(self.asking, self.lead))

    async def recommend(self) -> Answered[RoiAnswer]:
        """What the results of its tests say about a customer's money.

        Raises:
            NotFound: there is no such lead for this caller, or no result.
            See besides `negotiate`.
        """
        async with self.desk.looking(self.asking) as connection:
            found = await self._gathered(connection, UseCase.ROI_RECOMMEND)
            tried = await _tried(connection, self.desk, self.asking, self.lead)
        if not tried:
            raise NotFound(Missing.TEST_PHASE)
        question = RoiQuestion(
            language=self.language,
            company=found.lead.company,
            segment=found.segment,
            tried=tried,
        )
        return await self.router.ask(ROI_RECOMMEND, question, asker=_asker(self.asking, self.lead))

    async def assess_risk(self) -> Answered[RiskAnswer]:
        """What the newest answer of the credit bureau means for deliveries on account.

        Raises:
            NotFound: there is no such lead for this caller, or no credit check.
            See besides `negotiate`.
        """
        async with self.desk.looking(self.asking) as connection:
            found = await self._gathered(connection, UseCase.RISK_ASSESS)
        check = await newest_check(self.desk, self.asking, self.lead)
        if check is None:
            raise NotFound(Missing.CREDIT_CHECK)
        question = RiskQuestion(
            language=self.language,
            company=found.lead.company,
            segment=found.segment,
            decision=check.status,
            grade=None if check.grade is None else check.grade.value,
            limit=check.limit,
            amount=check.subject.amount,
            currency=check.subject.currency,
            purpose=check.purpose,
        )
        return await self.router.ask(RISK_ASSESS, question, asker=_asker(self.asking, self.lead))

    async def _gathered(self, connection: Connection, case: UseCase) -> Gathered:
        standing = await stand(connection, self.asking, self.lead)
        acts, whose = RIGHTS[case], relation(standing)
        if not any(self.asking.may(act, whose) for act in acts):
            raise Forbidden(acts[0])
        found = await find_lead(connection, self.asking.tenant, str(self.lead))
        if found is None:
            raise NotFound
        known = await class_of(connection, self.asking.tenant, self.lead)
        return Gathered(found, known, str(standing.status))


async def newest_check(desk: Desk, asking: Asking, lead: UUID) -> CreditCheck | None:
    """The newest credit check of a lead; None where there is none."""
    return next(iter(await checks_of(desk, asking, lead)), None)


async def help_with(
    router: Router, asking: Asking, question: str, articles: Sequence[Article], language: Language
) -> Answered[HelpAnswer]:
    """A draft of an answer to a question about the program or the house's rules.

    Raises:
        AiError: there is no answer.
    """
    asked = HelpQuestion(language=language, question=question, articles=list(articles))
    asking.require(Act.EXPORT_OWN)
    return await router.ask(HELP_DRAFT, asked, asker=_asker(asking, None))


# -------------------------------------------------------------------------------- what is told


def _asker(asking: Asking, lead: UUID | None) -> Asker:
    caller = asking.caller
    return Asker(tenant=caller.tenant, user=caller.user, org=caller.org, lead=lead)


async def _happened(connection: Connection, desk: Desk, asking: Asking, lead: UUID) -> list[Happened]:
    ledger = await whole_ledger(connection, asking.caller, lead)
    entries = await desk.vault.open_contacts(connection, asking.tenant, lead)
    notes = _notes(entries)
    return [_told(lead, fact, notes) for fact in ledger.facts[-_MOST_HAPPENED:]]


def _notes(entries: Sequence[ContactEntry]) -> dict[UUID, str]:
    return {entry.id: entry.note for entry in entries if entry.note}


def _told(lead: UUID, fact: Fact, notes: Mapping[UUID, str]) -> Happened:
    when = fact.occurred_at if isinstance(fact, ActivityRecorded) else fact.recorded_at
    written = (notes.get(note_entry(lead, fact.fact_id, "", part=part).id) for part in PARTS)
    note = "\n".join(filter(None, written))
    return Happened(
        on=when.date().isoformat(),
        kind=fact.kind if isinstance(fact, ActivityRecorded) else fact.type,
        note=note[:MOST_WORDS] or None,
    )


async def _products(connection: Connection, asking: Asking) -> list[ProductOffered]:
    found = await products_of(connection, asking.tenant, most=MOST_PRODUCTS)
    if not found:
        raise NotFound(Missing.PRODUCT)
    return list(found)


async def _tried(connection: Connection, desk: Desk, asking: Asking, lead: UUID) -> list[Tried]:
    boxes = await sample_store.boxes_of(connection, desk.vault, asking.tenant, lead)
    results = [result for box in boxes for phase in box.phases for result in phase.results]
    return [
        Tried(
            sku=result.sku,
            outcome=result.outcome,
            sell_through=result.sell_through,
            waste_change=result.waste_change,
        )
        for result in results[:_MOST_TRIED]
    ]


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
