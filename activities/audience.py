"""Who is told what, and where: from the kind of a notification and the ledger it is about. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from activities.letters import LeadLedger, Occasion
from activities.orders import NotificationKind
from activities.ports import Channel
from protection.lifecycle import replay
from protection.permission import Act
from protection.requests import find

# What asks its reader to do something; the rest is news.
_TASKS: Final = frozenset(
    {
        NotificationKind.REMINDER,
        NotificationKind.NOTICE_PROGRESS,
        NotificationKind.NOTICE_BASE,
        NotificationKind.NOTICE_PREREGISTRATION,
        NotificationKind.NOTICE_HOLD,
        NotificationKind.REQUEST_MADE,
    }
)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a notification goes to.

    Attributes:
        users: ids of those it concerns in person, the most concerned first.
        owner: whose lead it is, by id.
        staff: what those of the company must be allowed to do with the lead to be told as well, where
            settings name their role; None if it is none of theirs.
        without: id of a user who is left out, because the news are of their own making.
    """

    owner: str
    users: tuple[str, ...] = ()
    staff: Act | None = None
    without: str | None = None


def audience(occasion: Occasion, ledger: LeadLedger) -> Audience:
    """Who is told."""
    basis = replay(ledger.policy, ledger.facts).basis
    owner, request = basis.owner, find(basis.requests, occasion.cycle)
    asked_by = None if request is None else request.requested_by
    match occasion.kind:
        case NotificationKind.LAPSE | NotificationKind.NOTICE_HOLD:
            return Audience(owner, (owner,), staff=Act.READ_LEAD)
        case NotificationKind.REQUEST_MADE:
            return Audience(owner, staff=Act.DECIDE, without=asked_by)
        case NotificationKind.REQUEST_DECIDED if asked_by is not None:
            return Audience(owner, (owner, asked_by))
        case _:
            return Audience(owner, (owner,))


def shown_on(kind: NotificationKind) -> frozenset[Channel]:
    """Where, beside the mail, a notification of this kind makes sense: a task is something to do."""
    return frozenset({Channel.INAPP, Channel.TASK} if kind in _TASKS else {Channel.INAPP})
