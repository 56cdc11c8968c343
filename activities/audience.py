"""Who is told what: from the kind of a notification and the ledger it is about. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from activities.letters import LeadLedger, Occasion
from activities.orders import NotificationKind
from protection.lifecycle import replay
from protection.requests import find


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a notification goes to.

    Attributes:
        users: ids of those it concerns in person, the most concerned first.
        staff: whether it goes to those of the company as well who decide about leads.
        without: id of a user who is left out, because the news are of their own making.
    """

    users: tuple[str, ...] = ()
    staff: bool = False
    without: str | None = None


def audience(occasion: Occasion, ledger: LeadLedger) -> Audience:
    """Who is told."""
    basis = replay(ledger.policy, ledger.facts).basis
    request = find(basis.requests, occasion.cycle)
    asked_by = None if request is None else request.requested_by
    match occasion.kind:
        case NotificationKind.LAPSE | NotificationKind.NOTICE_HOLD:
            return Audience((basis.owner,), staff=True)
        case NotificationKind.REQUEST_MADE:
            return Audience(staff=True, without=asked_by)
        case NotificationKind.REQUEST_DECIDED if asked_by is not None:
            return Audience((basis.owner, asked_by))
        case _:
            return Audience((basis.owner,))
