"""What a long life no longer carries along: facts without bearing on any deadline, but for the newest."""

from __future__ import annotations

from dataclasses import replace

from protection.basis import bears_on_deadlines
from protection.facts import Corrected
from protection.state import LeadState

KEPT_WITHOUT_BEARING = 200


def set_aside(state: LeadState) -> LeadState:
    """Beyond the newest few hundred, facts without bearing on any deadline stay in the ledger only."""
    idle = len(state.facts) - KEPT_WITHOUT_BEARING
    if idle <= 0:
        return state
    # A correction may have made progress of an idle fact, so it stays with its correction.
    corrected = {fact.corrects for fact in state.facts if isinstance(fact, Corrected)}
    oldest = next(
        (
            n
            for n, fact in enumerate(state.facts[:idle])
            if not bears_on_deadlines(state.policy, fact) and fact.fact_id not in corrected
        ),
        None,
    )
    if oldest is None:
        return state
    kept = state.facts[:oldest] + state.facts[oldest + 1 :]
    return replace(state, facts=kept, set_aside=state.set_aside + 1)
