"""Asks a model what a mail is about. Runs on the queue `ai`, whose pace the providers allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from temporalio import activity

from activities.ai.asking import AiMalformed, AiUnavailable, Asker, BudgetSpent, NotConfigured
from activities.ai.cases.mails import EMAIL_CATEGORIZE, MailAnswer, MailQuestion
from activities.ai.router import Router
from activities.courier import as_uuid
from activities.errors import ErrorType, retryable
from activities.inbox_orders import CATEGORISE_MAIL, MailOrder, Sorted

_ASKS: Final = "inbound-mail"


@dataclass(frozen=True, slots=True)
class AskedAbout:
    """What a model is to be asked about a mail, and whose lead it is about."""

    lead: UUID
    question: MailQuestion


class MailQuestions(Protocol):
    """Where mails are on record."""

    async def question(self, tenant: UUID, mail: UUID) -> AskedAbout | None:
        """What a model is to be asked; None where there is nothing to ask any more."""
        ...

    async def categorised(self, tenant: UUID, mail: UUID, answer: MailAnswer) -> None:
        """Notes what the mail is about."""
        ...


class MailCategoriser:
    """The step of the workflow `inbound-mail` that asks a model."""

    def __init__(self, mails: MailQuestions, router: Router) -> None:
        self._mails = mails
        self._router = router

    @activity.defn(name=CATEGORISE_MAIL)
    async def categorise(self, order: MailOrder) -> Sorted:
        """Has a model say what the mail is about; without an answer the mail stays without a category."""
        tenant, mail = as_uuid("tenant", order.tenant), as_uuid("mail", order.mail)
        asked = await self._mails.question(tenant, mail)
        if asked is None:
            return Sorted(outcome="nothing-to-ask")
        try:
            answered = await self._router.ask(
                EMAIL_CATEGORIZE, asked.question, asker=Asker(tenant=tenant, user=_ASKS, lead=asked.lead)
            )
        except NotConfigured:
            return Sorted(outcome="not-configured")
        except BudgetSpent:
            return Sorted(outcome="budget-spent")
        except AiMalformed:
            return Sorted(outcome="malformed-answer")
        except AiUnavailable as error:
            raise retryable(
                ErrorType.AI_UNAVAILABLE, "no AI provider is of use", after=error.retry_after
            ) from None
        await self._mails.categorised(tenant, mail, answered.answer)
        return Sorted(outcome="categorised")
