"""Messages about requests that somebody else decides, about policies and about erasure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, Strict
from pydantic.dataclasses import dataclass

from protection.checks import check_hold
from protection.facts import (
    Erased,
    ExtensionRequested,
    Fact,
    HoldReason,
    HoldRequested,
    PolicyAdopted,
    RequestDecided,
    RequestWithdrawn,
)
from workflows.message import STRICT, Flag, Id, Instant, Message, utc


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class RequestHold(Message):
    """Ask for a hold, from now or `start_at`; approved it has the request's id."""

    reason: HoldReason
    request: Id | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        start_at, end_at = utc(self.start_at) or now, utc(self.end_at)
        check_hold(start_at, end_at)
        return HoldRequested(
            fact_id=fact_id,
            recorded_at=now,
            by=self.by,
            request=self.request or fact_id,
            reason=self.reason,
            start_at=start_at,
            end_at=end_at,
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class DecideHold(Message):
    """Approve a requested hold, as asked for or with another start or end; or reject it."""

    request: Id
    approve: Flag
    start_at: Instant | None = None
    end_at: Instant | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        start_at, end_at = utc(self.start_at), utc(self.end_at)
        if start_at is not None:
            check_hold(start_at, end_at)
        return RequestDecided(
            fact_id=fact_id,
            recorded_at=now,
            by=self.by,
            request=self.request,
            approved=self.approve,
            start_at=start_at,
            end_at=end_at,
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class RequestExtension(Message):
    """Ask for more days of base period; `next_step_at` is when the next step with the customer is due."""

    request: Id | None = None
    days: Annotated[int, Strict()] | None = None
    next_step_at: Instant | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return ExtensionRequested(
            fact_id=fact_id,
            recorded_at=now,
            by=self.by,
            request=self.request or fact_id,
            days=self.days,
            next_step_at=utc(self.next_step_at),
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class DecideExtension(Message):
    """Grant a requested extension, of so many days; or reject it."""

    request: Id
    approve: Flag
    days: Annotated[int, Strict()] | None = None

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return RequestDecided(
            fact_id=fact_id,
            recorded_at=now,
            by=self.by,
            request=self.request,
            approved=self.approve,
            days=self.days,
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class WithdrawRequest(Message):
    """Ask no longer."""

    request: Id

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return RequestWithdrawn(fact_id=fact_id, recorded_at=now, by=self.by, request=self.request)


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class AdoptPolicy(Message):
    """Have the lead live under another policy version from now on.

    Attributes:
        version: of the policy.
        replaces: the version the lead lives under now.
        policy: as `protection.policy.policy_to_json` writes it.
    """

    version: Id
    replaces: Id
    policy: dict[str, Any] = Field(default_factory=dict)

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return PolicyAdopted(
            fact_id=fact_id,
            recorded_at=now,
            by=self.by,
            version=self.version,
            replaces=self.replaces,
            policy=self.policy,
        )


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class Erase(Message):
    """Personal data are to be erased; protection ends."""

    def fact(self, fact_id: str, now: datetime) -> Fact:
        """See `TellsFact.fact`."""
        return Erased(fact_id=fact_id, recorded_at=now, by=self.by)
