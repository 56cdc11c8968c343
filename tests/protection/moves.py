"""What may happen in a generated ledger, and the fact each of it becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from protection.facts import (
    ActivityRecorded,
    Converted,
    Corrected,
    Erased,
    ExtensionGranted,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReason,
    HoldReleased,
    HoldRequested,
    PolicyAdopted,
    Registered,
    Reinstated,
    Released,
    ReminderBounced,
    ReminderSent,
    RequestDecided,
    RequestWithdrawn,
    Transferred,
)
from protection.policy import OTHER, QUALIFYING, Counting, Mode, Policy, policy_to_json

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC", "Australia/Lord_Howe")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
_KINDS = QUALIFYING + OTHER
_Said = tuple[type[Fact], dict[str, Any]]


class Act(StrEnum):
    """What may happen in a generated ledger after the registration."""

    ACTIVITY = "activity"
    HOLD = "hold"
    RELEASE_HOLD = "release-hold"
    EXTENSION = "extension"
    CONVERT = "convert"
    RELEASE = "release"
    TRANSFER = "transfer"
    REINSTATE = "reinstate"
    CORRECT = "correct"
    REMINDER = "reminder"
    BOUNCE = "bounce"
    REQUEST_HOLD = "request-hold"
    REQUEST_EXTENSION = "request-extension"
    DECIDE = "decide"
    WITHDRAW = "withdraw"
    ADOPT = "adopt"
    ERASE = "erase"
    REGISTER = "register"


# What the conformance vectors know of.
PLAIN = (Act.ACTIVITY, Act.HOLD, Act.RELEASE_HOLD, Act.EXTENSION)
# Everything people do, the plain acts more often; the reminders are left to the time.
PEOPLE = (*PLAIN, *PLAIN, *PLAIN, Act.CONVERT, Act.RELEASE, Act.TRANSFER, Act.REINSTATE, Act.CORRECT)
# And reminders that went out, or came back, at any time and for any cycle.
EVERYTHING = (*PEOPLE, Act.REMINDER, Act.BOUNCE)
# Requests and who decides them, corrections, other policies; some begin with a pre-registration.
_DESK = (Act.REQUEST_HOLD, Act.REQUEST_EXTENSION, Act.DECIDE, Act.DECIDE, Act.DECIDE, Act.WITHDRAW)
_SELDOM = (Act.ADOPT, Act.ADOPT, Act.TRANSFER, Act.REINSTATE, Act.RELEASE, Act.ERASE, Act.REGISTER)
OFFICE = (*PLAIN, *PLAIN, *_DESK, *_DESK, Act.CORRECT, Act.CORRECT, Act.CORRECT, *_SELDOM)
ALL_OF_IT = (*OFFICE, Act.CONVERT, Act.REMINDER, Act.REMINDER, Act.BOUNCE)


@dataclass(frozen=True, slots=True)
class Move:
    """The numbers drawn for one fact; what they mean depends on the act."""

    act: Act
    wait: timedelta
    shift: timedelta
    length: timedelta
    number: int


def _correction(move: Move, about: Fact) -> dict[str, Any] | None:
    """New values for a fact; None retracts it."""
    right: dict[str, Any] | None = {}
    if move.number % 3 == 0:
        right = None
    elif isinstance(about, ActivityRecorded):
        kind = (QUALIFYING + OTHER)[move.number % len(QUALIFYING + OTHER)]
        right = {"kind": kind, "occurred_at": (about.recorded_at - abs(move.shift)).isoformat()}
    elif isinstance(about, (HoldPlaced, HoldRequested)):
        start = about.start_at + move.shift
        end = None if move.number % 5 == 0 else (start + move.length).isoformat()
        right = {"start_at": start.isoformat(), "end_at": end}
    elif isinstance(about, ExtensionGranted) or (
        isinstance(about, RequestDecided) and about.days is not None
    ):
        right = {"days": 1 + move.number}
    elif isinstance(about, RequestDecided):
        right = {"end_at": (about.recorded_at + move.shift).isoformat()}
    elif isinstance(about, Registered):
        right = {"registered_at": (about.registered_at - abs(move.shift)).isoformat()}
    return right


def fact_of(move: Move, at: datetime, name: str, before: Sequence[Fact]) -> Fact:
    """One fact recorded at `at`, told by the numbers drawn for it."""
    kind, said = _OF[move.act](move, at, name, before)
    common: dict[str, Any] = {"fact_id": name, "recorded_at": at, "by": "someone"}
    return kind(**(common | said))


def _activity(move: Move, at: datetime, _: str, __: Sequence[Fact]) -> _Said:
    late = abs(move.shift) if move.number % 2 else timedelta()
    return ActivityRecorded, {"kind": _KINDS[move.number % len(_KINDS)], "occurred_at": at - late}


def _span(move: Move, at: datetime) -> dict[str, Any]:
    start = at + move.shift if move.number % 3 else at
    return {
        "reason": tuple(HoldReason)[move.number % len(HoldReason)],
        "start_at": start,
        "end_at": None if move.number % 5 == 0 else start + move.length,
    }


def _hold(move: Move, at: datetime, name: str, _: Sequence[Fact]) -> _Said:
    return HoldPlaced, {"hold": f"hold-{name}"} | _span(move, at)


def _release_hold(move: Move, at: datetime, _: str, before: Sequence[Fact]) -> _Said:
    holds = [fact.hold for fact in before if isinstance(fact, HoldPlaced)]
    holds += [fact.request for fact in before if isinstance(fact, HoldRequested)]
    said: dict[str, Any] = {"hold": holds[move.number % len(holds)] if holds else "no-hold"}
    return HoldReleased, said | ({"ended_at": at - abs(move.shift)} if move.number % 4 == 3 else {})


def _extension(move: Move, _: datetime, __: str, ___: Sequence[Fact]) -> _Said:
    return ExtensionGranted, {"days": 1 + move.number}


def _convert(move: Move, at: datetime, _: str, __: Sequence[Fact]) -> _Said:
    return Converted, {"customer_no": f"K{move.number}", "agreement_date": at.date()}


def _release(_: Move, __: datetime, ___: str, ____: Sequence[Fact]) -> _Said:
    return Released, {}


def _erase(_: Move, __: datetime, ___: str, ____: Sequence[Fact]) -> _Said:
    return Erased, {}


def _transfer(move: Move, _: datetime, __: str, ___: Sequence[Fact]) -> _Said:
    return Transferred, {"owner": f"agent-{move.number % 3}", "restart_base": move.number % 4 == 0}


def _reinstate(move: Move, _: datetime, __: str, ___: Sequence[Fact]) -> _Said:
    return Reinstated, {"restart_base": move.number % 4 != 0}


def _correct(move: Move, _: datetime, __: str, before: Sequence[Fact]) -> _Said:
    about = before[move.number % len(before)]
    return Corrected, {"corrects": about.fact_id, "replacement": _correction(move, about)}


def _reminder(move: Move, at: datetime, _: str, __: Sequence[Fact]) -> _Said:
    return ReminderSent, {"sent_at": at, "cycle": 1 + move.number % 4}


def _bounce(move: Move, _: datetime, __: str, ___: Sequence[Fact]) -> _Said:
    return ReminderBounced, {"cycle": 1 + move.number % 4, "code": "550"}


def _register(move: Move, at: datetime, _: str, __: Sequence[Fact]) -> _Said:
    late = abs(move.shift) if move.number % 3 == 0 else timedelta()
    return Registered, {"owner": "agent-0", "registered_at": at - late}


def _request_hold(move: Move, at: datetime, name: str, _: Sequence[Fact]) -> _Said:
    return HoldRequested, {"request": f"request-{name}"} | _span(move, at)


def _request_extension(move: Move, at: datetime, name: str, _: Sequence[Fact]) -> _Said:
    days = None if move.number % 4 == 0 else move.number
    return ExtensionRequested, {"request": f"request-{name}", "days": days, "next_step_at": at + move.length}


def _asked(move: Move, before: Sequence[Fact]) -> HoldRequested | ExtensionRequested | None:
    """One of the two latest requests."""
    asked = [fact for fact in before if isinstance(fact, (HoldRequested, ExtensionRequested))]
    return asked[-1 - move.number // 7 % min(2, len(asked))] if asked else None


def _decide(move: Move, at: datetime, name: str, before: Sequence[Fact]) -> _Said:
    """By somebody else than who asked, mostly; where nobody asked, somebody does."""
    about = _asked(move, before)
    if about is None:
        return _request_extension(move, at, name, before)
    said: dict[str, Any] = {
        "request": about.request,
        "approved": move.number % 4 != 0,
        "by": "someone" if move.number % 11 == 0 else "boss",
    }
    if isinstance(about, HoldRequested) and move.number % 3 == 0:
        start = about.start_at + move.shift
        said |= {"start_at": start, "end_at": start + move.length}
    if isinstance(about, ExtensionRequested) and move.number % 5:
        said |= {"days": 1 + move.number}
    return RequestDecided, said


def _withdraw(move: Move, _: datetime, __: str, before: Sequence[Fact]) -> _Said:
    about = _asked(move, before)
    return RequestWithdrawn, {"request": "no-request" if about is None else about.request}


def _adopt(move: Move, _: datetime, name: str, before: Sequence[Fact]) -> _Said:
    """Another policy; instead of the one before, or (now and then) of one that is long gone."""
    versions = [Policy().version, *(fact.version for fact in before if isinstance(fact, PolicyAdopted))]
    policy = Policy(
        version=f"version-{name}",
        timezone=ZONES[move.number % len(ZONES)],
        base_months=1 + move.number % 5,
        progress_days=7 + move.number,
        grace_days=1 + move.number % 20,
        mode=tuple(Mode)[move.number // 3 % 2],
        counting=tuple(Counting)[move.number // 5 % 2],
        qualifying_kinds=QUALIFYING[move.number % 2 :],
        other_kinds=OTHER + QUALIFYING[: move.number % 2],
    )
    told = policy_to_json(policy)
    if move.number % 4 == 0:
        # As it was written before these numbers existed.
        for younger in ("preregistration_days", "preregistration_delete_days", "extension_decision_days"):
            del told[younger]
    replaces = versions[0 if move.number % 9 == 0 else -1]
    return PolicyAdopted, {"version": policy.version, "replaces": replaces, "policy": told, "by": "boss"}


_OF: dict[Act, Callable[[Move, datetime, str, Sequence[Fact]], _Said]] = {
    Act.ACTIVITY: _activity,
    Act.HOLD: _hold,
    Act.RELEASE_HOLD: _release_hold,
    Act.EXTENSION: _extension,
    Act.CONVERT: _convert,
    Act.RELEASE: _release,
    Act.TRANSFER: _transfer,
    Act.REINSTATE: _reinstate,
    Act.CORRECT: _correct,
    Act.REMINDER: _reminder,
    Act.BOUNCE: _bounce,
    Act.REQUEST_HOLD: _request_hold,
    Act.REQUEST_EXTENSION: _request_extension,
    Act.DECIDE: _decide,
    Act.WITHDRAW: _withdraw,
    Act.ADOPT: _adopt,
    Act.ERASE: _erase,
    Act.REGISTER: _register,
}
