"""What was asked for and has to be decided by somebody else: holds and extensions (domain.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from protection.facts import ExtensionRequested, HoldReason, HoldRequested, RequestDecided, RequestWithdrawn
from protection.refusal import Code, Refused


class RequestKind(StrEnum):
    """What is asked for. Wire names."""

    HOLD = "HOLD"
    EXTENSION = "EXTENSION"


class RequestStatus(StrEnum):
    """Where a request stands. VOID: protection ended before anybody decided. Wire names."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    VOID = "VOID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as known now. UTC instants.

    Attributes:
        request: its id; an approved hold has the same.
        start_at: of the hold, as approved once it is.
        end_at: the same; None while open.
        days: of the extension, as granted once it is.
        next_step_at: when the next step with the customer is planned.
        decided_at: when it was decided, withdrawn or became void.
    """

    request: str
    kind: RequestKind
    requested_by: str
    requested_at: datetime
    status: RequestStatus = RequestStatus.PENDING
    reason: HoldReason | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    days: int | None = None
    next_step_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def pending(self) -> bool:
        """Whether somebody still has to decide."""
        return self.status is RequestStatus.PENDING


Requests = tuple[Request, ...]


def find(requests: Requests, name: str) -> Request | None:
    """The request of that id."""
    return next((request for request in requests if request.request == name), None)


def asked(requests: Requests, fact: HoldRequested | ExtensionRequested) -> Requests:
    """With one more request."""
    if isinstance(fact, HoldRequested):
        new = Request(
            request=fact.request,
            kind=RequestKind.HOLD,
            requested_by=fact.by,
            requested_at=fact.recorded_at,
            reason=fact.reason,
            start_at=fact.start_at,
            end_at=fact.end_at,
        )
    else:
        new = Request(
            request=fact.request,
            kind=RequestKind.EXTENSION,
            requested_by=fact.by,
            requested_at=fact.recorded_at,
            days=fact.days,
            next_step_at=fact.next_step_at,
        )
    return (*requests, new)


def closed(requests: Requests, fact: RequestDecided | RequestWithdrawn) -> Requests:
    """With a request decided or withdrawn; one that is not known (any more) is let pass."""
    return tuple(
        _closed(request, fact) if request.request == fact.request and request.pending else request
        for request in requests
    )


def _closed(request: Request, fact: RequestDecided | RequestWithdrawn) -> Request:
    done = replace(request, decided_by=fact.by, decided_at=fact.recorded_at)
    if isinstance(fact, RequestWithdrawn):
        return replace(done, status=RequestStatus.WITHDRAWN)
    if not fact.approved:
        return replace(done, status=RequestStatus.REJECTED)
    return replace(
        done,
        status=RequestStatus.APPROVED,
        start_at=fact.start_at or request.start_at,
        end_at=fact.end_at or request.end_at,
        days=fact.days if fact.days is not None else request.days,
    )


def voided(requests: Requests, at: datetime) -> Requests:
    """What is still pending when protection ends has nothing left to be decided about."""
    return tuple(
        replace(request, status=RequestStatus.VOID, decided_at=at) if request.pending else request
        for request in requests
    )


def awaited(requests: Requests) -> tuple[tuple[datetime, datetime | None], ...]:
    """From when to when extension requests waited for a decision; None is until now."""
    return tuple(
        (request.requested_at, request.decided_at)
        for request in requests
        if request.kind is RequestKind.EXTENSION and request.status is not RequestStatus.VOID
    )


def check_asked(requests: Requests, holds: Sequence[str], fact: HoldRequested | ExtensionRequested) -> None:
    """Refuses a taken id, and a second extension request while one is pending."""
    if find(requests, fact.request) is not None or fact.request in holds:
        raise Refused(
            Code.HOLD_EXISTS,
            "request",
            f"there is a hold or request {fact.request} already; choose another id",
        )
    if isinstance(fact, ExtensionRequested):
        pending = next((r for r in requests if r.kind is RequestKind.EXTENSION and r.pending), None)
        if pending is not None:
            raise Refused(
                Code.REQUEST_PENDING,
                "request",
                f"extension request {pending.request} is still to be decided; one at a time",
            )


def check_closed(requests: Requests, fact: RequestDecided | RequestWithdrawn) -> Request:
    """The pending request that is decided or withdrawn.

    Raises:
        Refused: there is none of that id, it is decided already, or it is the decider's own.
    """
    request = find(requests, fact.request)
    if request is None:
        raise Refused(Code.UNKNOWN_REQUEST, "request", f"there is no request {fact.request} on this lead")
    if not request.pending:
        raise Refused(Code.REQUEST_DECIDED, "request", f"request {fact.request} is {request.status} already")
    if isinstance(fact, RequestDecided):
        _check_decision(request, fact)
    return request


def _check_decision(request: Request, fact: RequestDecided) -> None:
    if fact.by == request.requested_by:
        raise Refused(Code.OWN_REQUEST, "by", "nobody decides a request of their own; ask another manager")
    if request.kind is RequestKind.HOLD:
        if fact.days is not None:
            raise Refused(Code.MALFORMED, "days", "days: a hold is not granted in days; say when it ends")
    elif fact.approved and fact.days is None:
        raise Refused(Code.MALFORMED, "days", "days: say by how many days the base period is extended")
    elif fact.start_at is not None or fact.end_at is not None:
        raise Refused(Code.MALFORMED, "end_at", "end_at: an extension is granted in days")
