"""What is known of one lead: the accepted facts and all that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from protection.clock import Anchors, Deadlines, deadlines, reservation
from protection.facts import EndReason, Fact
from protection.holds import Hold, Pauses, pause_at, union
from protection.policy import Policy
from protection.requests import Requests, awaited


class Status(StrEnum):
    """Where a lead stands (domain.md section 3, "States"). `paused` is a flag beside it."""

    PREREGISTERED = "PREREGISTERED"
    ACTIVE = "ACTIVE"
    GRACE = "GRACE"
    EXPIRED = "EXPIRED"
    CONVERTED = "CONVERTED"
    RELEASED = "RELEASED"
    ERASED = "ERASED"


ALIVE = frozenset({Status.ACTIVE, Status.GRACE})
# Where time still changes something.
OPEN = ALIVE | {Status.PREREGISTERED}
ENDED = frozenset({Status.EXPIRED, Status.CONVERTED, Status.RELEASED, Status.ERASED})


def ended_by(reason: EndReason) -> Status:
    """The status in which that end leaves a lead: what nobody pursued is deleted (clause i)."""
    return Status.ERASED if reason is EndReason.UNPURSUED else Status.EXPIRED


@dataclass(frozen=True, slots=True)
class Basis:
    """What the facts say as known now, whatever the order they were recorded in.

    Attributes:
        owner: id of the agent whose lead it is.
        base_anchor: start of the base period; None before registration.
        tenure_anchor: registration, start of the owner's tenure or reinstatement, the latest.
        last_progress: the latest qualifying activity, None if there was none.
        extension_days: days granted on the running base period.
        holds: in order of placing.
        pauses: their union.
        requests: what was asked for, in order of asking.
        noted_at: when the lead was pre-registered; None if it never was.
    """

    owner: str
    base_anchor: datetime | None = None
    tenure_anchor: datetime | None = None
    last_progress: datetime | None = None
    extension_days: int = 0
    holds: tuple[Hold, ...] = ()
    pauses: Pauses = ()
    requests: Requests = ()
    noted_at: datetime | None = None

    def hold(self, name: str) -> Hold | None:
        """The hold of that id."""
        return next((hold for hold in self.holds if hold.hold == name), None)

    @property
    def progress_anchor(self) -> datetime | None:
        """From when the progress period runs: the latest of tenure and last progress."""
        if self.tenure_anchor is None or self.last_progress is None:
            return self.tenure_anchor
        return max(self.tenure_anchor, self.last_progress)


def with_holds(holds: tuple[Hold, ...]) -> tuple[tuple[Hold, ...], Pauses]:
    """Holds and their union, kept together."""
    return holds, union(holds)


@dataclass(frozen=True, slots=True)
class LeadState:
    """One lead as its accepted facts leave it.

    Attributes:
        policy: the version the lead lives under.
        facts: accepted facts in order of recording; those without any bearing on a deadline may have
            been set aside (`set_aside` of them), so that a long life stays small.
        status: as of the last fact; a deadline that passed since then is told by `lifecycle.snapshot`.
        basis: what the facts say as known now.
        reminder: when the reminder that counts went out; None outside grace, kept by a lapse.
        cycle: number of the reminder cycle, from 1; one more whenever the progress anchor moves or a
            reminder becomes void, so that no two reminders share a key.
        ended_at: the instant protection ended; None while it lasts.
        reason: which period ended it, where a period did.
        problem: what an operator has to look at, a stable word; None if nothing.
        deadlines: what follows for a living or pre-registered lead; None after the end.
        first_policy: the version the lead was registered under; None where that is the present one.
    """

    policy: Policy
    facts: tuple[Fact, ...]
    status: Status
    basis: Basis
    reminder: datetime | None = None
    cycle: int = 1
    ended_at: datetime | None = None
    reason: EndReason | None = None
    problem: str | None = None
    set_aside: int = 0
    deadlines: Deadlines | None = None
    first_policy: Policy | None = None

    @property
    def opening_policy(self) -> Policy:
        """The version a replay of the facts begins with."""
        return self.first_policy or self.policy

    @property
    def revision(self) -> int:
        """How many facts the ledger holds."""
        return self.set_aside + len(self.facts)

    @property
    def recorded_at(self) -> datetime:
        """When the newest fact was recorded."""
        return self.facts[-1].recorded_at

    def fact(self, fact_id: str) -> Fact | None:
        """The accepted fact of that id, newest first."""
        return next((fact for fact in reversed(self.facts) if fact.fact_id == fact_id), None)

    def reminder_id(self, cycle: int) -> str:
        """The id of the fact that this cycle's reminder goes out; another one where the first came back."""
        usual = f"reminder/{cycle}"
        return usual if self.fact(usual) is None else f"{usual}/{self.revision + 1}"

    def paused_at(self, moment: datetime) -> bool:
        """Whether a hold stops the clock of a living lead at this instant."""
        return self.status in ALIVE and pause_at(self.basis.pauses, moment) is not None


def derive(policy: Policy, basis: Basis, reminder: datetime | None) -> Deadlines:
    """The deadlines of a registered or pre-registered lead."""
    base, progress = basis.base_anchor, basis.progress_anchor
    if base is not None and progress is not None:
        anchors = Anchors(
            base, progress, basis.extension_days, basis.pauses, reminder, awaited(basis.requests)
        )
        return deadlines(policy, anchors)
    if basis.noted_at is not None:
        return reservation(policy, basis.noted_at)
    raise ValueError("a lead without a registration has no deadlines")
