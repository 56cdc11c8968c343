"""What is done about a mail that came in, by its workflow or without one. A repeated step changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from temporalio import activity

from activities.courier import as_uuid
from activities.errors import ErrorType, retryable
from activities.inbox_orders import PROPOSE_REACTION, SORT_MAIL, TELL_BOUNCE, MailOrder, Sorted

_SOON: Final = timedelta(seconds=2)
# A mail that is deferred is tried for hours.
_LATER: Final = timedelta(seconds=30)


class NotYet(Exception):
    """The lead's clock, or a mail, is not as far as what is told of it, or nobody answers; try again."""


class MailDesk(Protocol):
    """Where mails are on record. Each method is one transaction."""

    async def sort(self, tenant: UUID, mail: UUID) -> Sorted:
        """Finds out whose it is, and what is left to do.

        Raises:
            NotYet: it tells of a mail that is still being sent.
        """
        ...

    async def propose(self, tenant: UUID, mail: UUID) -> Sorted:
        """Proposes it as a reaction of the customer, once."""
        ...


class BounceTeller(Protocol):
    """Tells leads' clocks of reminders that came back."""

    async def tell(self, tenant: UUID, mail: UUID) -> str:
        """Tells of it, once; answers what came of it, as a code.

        Raises:
            NotYet: nobody answered, or the clock there is behind.
        """
        ...


class InboxActivities:
    """The steps of the workflow `inbound-mail` that need nobody outside."""

    def __init__(self, desk: MailDesk, teller: BounceTeller) -> None:
        self._desk = desk
        self._teller = teller

    @property
    def steps(self) -> list[Callable[..., Any]]:
        """All of them, for a worker."""
        return [self.sort, self.propose, self.tell_bounce]

    @activity.defn(name=SORT_MAIL)
    async def sort(self, order: MailOrder) -> Sorted:
        """Finds out whose mail it is."""
        try:
            return await self._desk.sort(*_ids(order))
        except NotYet as error:
            raise retryable(ErrorType.MAIL_BUSY, str(error), after=_LATER) from None

    @activity.defn(name=PROPOSE_REACTION)
    async def propose(self, order: MailOrder) -> Sorted:
        """Proposes the mail as a reaction of the customer."""
        return await self._desk.propose(*_ids(order))

    @activity.defn(name=TELL_BOUNCE)
    async def tell_bounce(self, order: MailOrder) -> Sorted:
        """Tells the lead's clock that its reminder came back."""
        try:
            return Sorted(outcome=await self._teller.tell(*_ids(order)))
        except NotYet as error:
            raise retryable(ErrorType.LEAD_NOT_REACHED, str(error), after=_SOON) from None


def _ids(order: MailOrder) -> tuple[UUID, UUID]:
    return as_uuid("tenant", order.tenant), as_uuid("mail", order.mail)
