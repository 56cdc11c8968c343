"""Mails that came in: who may read them, and a manager who says whose one is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from adapters.inbox import listing
from adapters.inbox.listing import InboundMail, MailLead, MailPlace
from adapters.inbox.store import MailState
from protection.permission import Act, Role
from services.asking import Asking
from services.desk import Desk
from services.errors import Forbidden, NotFound, ServiceError

_DECIDERS: Final = frozenset({Role.MANAGER, Role.ADMIN})


class MailSettled(ServiceError):
    """It is settled whose a mail is, or the mail was erased; nothing has changed."""

    def __init__(self) -> None:
        super().__init__("it is settled whose the mail is")


@dataclass(frozen=True, slots=True)
class MailPage:
    """A page of mails, the newest first.

    Attributes:
        after: where the next page begins; None: this is the last one.
        counts: how many there are in each state, of those the caller may see.
    """

    mails: tuple[InboundMail, ...]
    after: MailPlace | None
    counts: dict[MailState, int]


@dataclass(frozen=True, slots=True)
class MailRead:
    """One mail, and whose it could be."""

    mail: InboundMail
    candidates: tuple[MailLead, ...]


def may_decide(asking: Asking) -> bool:
    """Whether the caller may say whose mails are."""
    roles = set(asking.caller.roles)
    return not roles.isdisjoint(_DECIDERS) and Role.AUDITOR not in roles


async def list_mails(
    desk: Desk,
    asking: Asking,
    *,
    states: Sequence[MailState],
    lead: UUID | None = None,
    after: MailPlace | None = None,
    most: int,
) -> MailPage:
    """Mails the caller may see, the newest first.

    Args:
        lead: of this lead alone.
        after: only those behind this one.
        most: how many at most.
    """
    async with desk.looking(asking) as connection:
        found = await listing.mails_listed(
            connection, desk.vault, asking.tenant, states=states, lead=lead, after=after, most=most + 1
        )
        counts = await listing.mails_counted(connection, asking.tenant)
    mails = found[:most]
    return MailPage(mails, mails[-1].place if len(found) > most else None, counts)


async def read_mail(desk: Desk, asking: Asking, mail: UUID) -> MailRead:
    """One mail.

    Raises:
        NotFound: there is no such one for this caller.
    """
    async with desk.looking(asking) as connection:
        found = await listing.mail_shown(connection, desk.vault, asking.tenant, mail)
        if found is None:
            raise NotFound
        candidates = await listing.leads_named(connection, asking.tenant, found.candidates)
    return MailRead(found, candidates)


async def assign(desk: Desk, asking: Asking, mail: UUID, lead: UUID) -> None:
    """Say whose mail it is; it is then proposed like any other of that lead.

    Raises:
        Forbidden: the caller may not.
        NotFound: there is no such mail, or no such lead.
        MailSettled: it is settled whose it is, or it was erased.
    """
    _require(asking)
    at = desk.now()
    async with desk.writing(asking) as connection:
        found = await listing.mail_shown(connection, desk.vault, asking.tenant, mail)
        if found is None or not await listing.leads_named(connection, asking.tenant, [lead]):
            raise NotFound
        done = await listing.assign_mail(connection, asking.tenant, mail, lead, by=asking.caller.user, at=at)
        if not done:
            raise MailSettled


async def dismiss(desk: Desk, asking: Asking, mail: UUID) -> None:
    """Say that a mail is nobody's.

    Raises:
        Forbidden: the caller may not.
        NotFound: there is no such mail.
        MailSettled: it is settled whose it is.
    """
    _require(asking)
    at = desk.now()
    async with desk.writing(asking) as connection:
        if await listing.mail_shown(connection, desk.vault, asking.tenant, mail) is None:
            raise NotFound
        if not await listing.dismiss_mail(connection, asking.tenant, mail, by=asking.caller.user, at=at):
            raise MailSettled


def _require(asking: Asking) -> None:
    if not may_decide(asking):
        raise Forbidden(Act.GOVERN)
