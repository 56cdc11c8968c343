"""What is due for a box of samples, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from activities.sample_orders import DelayHold, SampleSeen
from protection.dates import parse_instant


class Step(StrEnum):
    """What can be due, in the order in which it is done. Wire names."""

    SETTLE = "settle"
    OPEN_DELAY = "open-delay"
    END_DELAY = "end-delay"
    ISSUE = "issue"
    INVITE = "invite"
    REMIND = "remind"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a box now.

    Attributes:
        step: the next thing that is due; None: nothing. After it, look again.
        wake_at: when the time alone will make something due, a UTC instant.
        over: whether there is nothing left to wait for.
        waits_for: in words, for people.
    """

    step: Step | None = None
    wake_at: datetime | None = None
    over: bool = False
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class _Due:
    """A step, and from when on; None: at once."""

    step: Step
    at: datetime | None = None


def plan(seen: SampleSeen, now: datetime, done: Collection[Step] = ()) -> Plan:
    """The next thing to do about a box.

    Args:
        seen: what is on record.
        now: a UTC instant.
        done: what was done before; nothing but settling is done twice.
    """
    dues = [due for due in _dues(seen) if due.step is Step.SETTLE or due.step not in done]
    for due in dues:
        if due.at is None or due.at <= now:
            return Plan(due.step)
    wake_at = min((due.at for due in dues if due.at is not None), default=None)
    waits_for = _waits_for(seen)
    return Plan(wake_at=wake_at, waits_for=waits_for, over=waits_for == "")


def _dues(seen: SampleSeen) -> Iterator[_Due]:
    """Everything that is due some time, what comes first before the rest."""
    if seen.unsettled:
        yield _Due(Step.SETTLE)
    arrived = seen.delivered_at or seen.cancelled_at
    if seen.delay_lasts and arrived:
        yield _Due(Step.END_DELAY)
    if seen.wanted and not arrived and not seen.delay_known and _late(seen):
        yield _Due(Step.OPEN_DELAY, _instant(seen.promised_at))
    if seen.invitation is None:
        if _to_be_asked(seen):
            yield _Due(Step.ISSUE, _invite_at(seen))
    elif seen.closed_at is None:
        yield _Due(Step.CLOSE, None if seen.cancelled_at else _instant(seen.expires_at))
        if not seen.rated and not seen.cancelled_at:
            yield _Due(Step.INVITE)
            if seen.remind_days is not None and (issued_at := _instant(seen.issued_at)) is not None:
                yield _Due(Step.REMIND, issued_at + timedelta(days=seen.remind_days))


def _late(seen: SampleSeen) -> bool:
    """Whether the shipment is late, or will be unless something happens."""
    promised_at, shipped_at = _instant(seen.promised_at), _instant(seen.shipped_at)
    if promised_at is None or seen.delay_mode == DelayHold.OFF:
        return False
    return shipped_at is None or shipped_at > promised_at


def _to_be_asked(seen: SampleSeen) -> bool:
    return seen.wanted and seen.delivered_at is not None and not seen.cancelled_at and not seen.rated


def _invite_at(seen: SampleSeen) -> datetime | None:
    """When feedback is asked for: some days after the delivery, or when the test is over."""
    delivered_at, phases_end_at = _instant(seen.delivered_at), _instant(seen.phases_end_at)
    if delivered_at is None:
        return None
    invite_at = delivered_at + timedelta(days=seen.invite_days)
    return invite_at if phases_end_at is None else max(invite_at, phases_end_at)


def _waits_for(seen: SampleSeen) -> str:
    """What a box waits for, in words; empty where nothing is left."""
    if seen.invitation is not None:
        return "feedback" if seen.closed_at is None else ""
    if seen.cancelled_at or not seen.wanted:
        return ""
    if seen.shipped_at is None:
        return "the shipment"
    if seen.delivered_at is None:
        return "the delivery"
    return "the day on which feedback is asked for" if not seen.rated else ""


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)
