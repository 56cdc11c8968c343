"""Corrections that came too late: what a lapsed lead would have been kept to, had they been known in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from protection.facts import Fact, Lapsed
from protection.lifecycle import apply, lapse_by, replay
from protection.policy import Policy
from protection.refusal import Refused


@dataclass(frozen=True, slots=True)
class Kept:
    """A lapse that would not have been.

    Attributes:
        ended_at: UTC instant of the lapse.
        until: UTC instant protection would have lasted to if nothing else had happened; None is unknown.
    """

    ended_at: datetime
    until: datetime | None


def kept_by(policy: Policy, facts: Sequence[Fact], *told: Fact) -> Kept | None:
    """Whether a lapsed lead would still have been protected at its lapse, had this been known before.

    Nothing is revived: domain.md section 5 has such leads listed, and a manager reinstates them.

    Args:
        policy: the version the ledger began under.
        facts: the whole ledger, in order of recording.
        told: what came late: a correction, or a delay that nobody had told of.

    Returns:
        None if the ledger did not end by a lapse, or it would have ended so all the same.
    """
    lapse = facts[-1]
    if not isinstance(lapse, Lapsed):
        return None
    after = replay(policy, facts[:-1])
    try:
        for fact in told:
            after = apply(after, replace(fact, recorded_at=after.recorded_at))
    except Refused:
        return None
    if after.deadlines is None or lapse_by(after, lapse.at) is not None:
        return None
    return Kept(lapse.at, after.deadlines.valid_until)
