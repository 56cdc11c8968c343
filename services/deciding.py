"""What waits for a decision, as somebody has to see it who decides in seconds: who asks, why, since when, and
what a yes would do to the dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.database import Connection
from adapters.lead_reading import names_of
from adapters.read_model import find_lead, protection_of
from adapters.request_inbox import InboxPlace, PendingRequest, pending_requests
from adapters.request_store import request_of
from adapters.vault import Vault
from protection.permission import Act
from protection.refusal import Code
from protection.requests import Request, RequestKind
from protection.state import Status
from services.asking import Asking
from services.effects import Effect, effect_of
from services.errors import Missing, NotFound
from services.history import requests
from workflows.request_messages import DecideExtension, DecideHold

# Whoever waits longer for an answer has been waiting too long.
PATIENCE: Final = timedelta(days=3)
# Protection that ends before long makes a decision urgent.
SOON: Final = timedelta(days=14)
# What is proposed where nobody said how many days.
USUAL_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms a request would be approved; None: as asked for. UTC instants."""

    start_at: datetime | None = None
    end_at: datetime | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request with all that its decision needs.

    Attributes:
        valid_until: a UTC instant, None while unknown.
        words: what was written with the request, by part: `note`, `reason`, `next-step`.
        decision_words: the same with its decision.
        effect: what approving it would do; None once it is decided.
        own: the caller asked for it himself, so somebody else decides.
        late: it has waited too long, or protection ends before long.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    status: Status
    valid_until: datetime | None
    request: Request
    words: Mapping[str, str]
    decision_words: Mapping[str, str]
    effect: Effect | None
    own: bool
    late: bool

    @property
    def days(self) -> int:
        """How many days an extension is proposed by."""
        return self.request.days or USUAL_DAYS


@dataclass(frozen=True, slots=True)
class CasePage:
    """Some of what waits, the oldest first; and where the rest begins, None at the end.

    Attributes:
        names: what people are called, by id.
    """

    cases: tuple[Case, ...]
    after: InboxPlace | None
    names: Mapping[str, str]


async def waiting(
    connection: Connection,
    vault: Vault,
    asking: Asking,
    *,
    kind: RequestKind | None = None,
    after: InboxPlace | None = None,
    most: int,
    now: datetime,
) -> CasePage:
    """A page of what nobody has decided.

    Args:
        after: where the page before ended.
        now: UTC instant as of which the dates are.

    Raises:
        Forbidden: the caller decides nothing.
    """
    asking.require(Act.DECIDE)
    found = await pending_requests(connection, asking.tenant, kind=kind, after=after, most=most + 1)
    listed = found[:most]
    cases = tuple([await _of(connection, vault, asking, one, now=now) for one in listed])
    people = {one.request.requested_by for one in cases} | {one.owner for one in cases}
    return CasePage(
        cases,
        listed[-1].place if len(found) > most else None,
        await names_of(connection, asking.tenant, people),
    )


async def case_of(
    connection: Connection,
    vault: Vault,
    asking: Asking,
    lead: UUID,
    request: str,
    *,
    terms: Terms | None = None,
    now: datetime,
) -> Case:
    """One request, decided or not.

    Args:
        terms: what approving it on these would do.
        now: UTC instant as of which the dates are.

    Raises:
        Forbidden: the caller decides nothing.
        NotFound: there is no such request for him.
        Refused: the terms make no sense.
    """
    asking.require(Act.DECIDE)
    described = await find_lead(connection, asking.tenant, str(lead))
    standing = await protection_of(connection, asking.tenant, lead)
    found = await request_of(connection, asking.tenant, lead, request)
    if described is None or standing is None or found is None:
        raise NotFound(Missing.REQUEST)
    pending = PendingRequest(
        request=found,
        lead=lead,
        company=described.company,
        city=described.city,
        owner=standing.owner,
        status=standing.status,
        valid_until=standing.valid_until,
        revision=standing.revision,
    )
    return await _of(connection, vault, asking, pending, terms=terms, now=now)


async def _of(
    connection: Connection,
    vault: Vault,
    asking: Asking,
    one: PendingRequest,
    *,
    terms: Terms | None = None,
    now: datetime,
) -> Case:
    request = one.request
    effect = None
    if request.pending:
        message = _approval(asking, request, terms or Terms())
        effect = await effect_of(connection, asking.caller, one.lead, message, now=now)
    asked = await requests(connection, vault, asking.caller, one.lead)
    told = next((each for each in asked if each.row.request == request.request), None)
    return Case(
        lead=one.lead,
        company=one.company,
        city=one.city,
        owner=one.owner,
        status=one.status,
        valid_until=one.valid_until,
        request=request,
        words={} if told is None else told.words,
        decision_words={} if told is None else told.decision_words,
        effect=effect,
        own=request.requested_by == asking.caller.user
        or (effect is not None and effect.refused is Code.OWN_REQUEST),
        late=now - request.requested_at > PATIENCE
        or (one.valid_until is not None and one.valid_until - now < SOON),
    )


def _approval(asking: Asking, request: Request, terms: Terms) -> DecideHold | DecideExtension:
    if request.kind is RequestKind.HOLD:
        return asking.message(
            DecideHold,
            request=request.request,
            approve=True,
            start_at=terms.start_at,
            end_at=terms.end_at,
        )
    return asking.message(
        DecideExtension,
        request=request.request,
        approve=True,
        days=terms.days or request.days or USUAL_DAYS,
    )
