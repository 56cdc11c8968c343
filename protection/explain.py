"""Why a deadline is what it is: the steps that made it, each with its clause and its facts.

The same object serves API, pages, mails and the command line; `explain_texts` puts it into words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from protection.basis import at_once, effective
from protection.clock import decided_first, grace_end, period_end
from protection.dates import format_instant, local, zone
from protection.facts import (
    ActivityRecorded,
    Corrected,
    ExtensionGranted,
    ExtensionRequested,
    Fact,
    HoldPlaced,
    HoldReleased,
    HoldRequested,
    PolicyAdopted,
    Registered,
    Reinstated,
    ReminderSent,
    RequestDecided,
    Transferred,
)
from protection.lifecycle import Snapshot, snapshot
from protection.policy import Counting, Mode
from protection.requests import awaited
from protection.state import LeadState, Status
from protection.steps import Reckoning, Rule, Step, Subject

_HOLD_FACTS: tuple[type[Fact], ...] = (HoldPlaced, HoldReleased, HoldRequested, RequestDecided)


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said about a lead's protection at an instant."""

    timezone: str
    policy_version: str
    answer: Snapshot
    reckonings: tuple[Reckoning, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; instants as ISO 8601 with a Z, time stood still in whole seconds."""
        return {
            "as_of": format_instant(self.answer.as_of),
            "status": str(self.answer.status),
            "paused": self.answer.paused,
            "timezone": self.timezone,
            "policy_version": self.policy_version,
            "deadlines": [
                {
                    "subject": str(each.subject),
                    "at": _instant(each.at),
                    "steps": [_step(step) for step in each.steps],
                }
                for each in self.reckonings
            ],
        }


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(moment)


def _step(step: Step) -> dict[str, Any]:
    return {
        "rule": str(step.rule),
        "clause": step.clause,
        "fact_ids": list(step.fact_ids),
        "from_at": _instant(step.from_at),
        "to_at": _instant(step.to_at),
        "count": step.count,
        "stood_still_seconds": int(step.stood_still.total_seconds()),
        "word": step.word,
    }


def explain(state: LeadState, as_of: datetime) -> Explanation:
    """The steps behind every deadline of a lead at an instant not before its newest fact."""
    answer = snapshot(state, as_of)
    reckonings: list[Reckoning] = []
    if state.basis.base_anchor is not None and state.status is not Status.PREREGISTERED:
        base, progress = base_reckoning(state), progress_reckoning(state)
        grace = _grace(state)
        reckonings += [base, progress, *([grace] if grace else [])]
        if state.deadlines is not None:
            reckonings.append(_valid(state, base, progress))
    elif answer.status is Status.PREREGISTERED:
        reckonings.append(_reserved(state))
    if answer.status not in {Status.PREREGISTERED, Status.ACTIVE, Status.GRACE}:
        ended = Step(Rule.ENDED, from_at=answer.valid_until, word=str(answer.reason or answer.status))
        reckonings.append(Reckoning(Subject.ENDED, answer.valid_until, (ended,)))
    return Explanation(state.policy.timezone, state.policy.version, answer, tuple(reckonings))


def base_reckoning(state: LeadState) -> Reckoning:
    """The end of a registered lead's base period, and the steps to it."""
    policy, basis, facts = state.policy, state.basis, effective(state.facts)
    anchor = basis.base_anchor
    assert anchor is not None  # noqa: S101 - `explain` asks only for registered leads
    start, granted = _base_start(state, facts)
    steps = [start]
    reached = period_end(policy, anchor, policy.base_months, 0, (), rolls=False)
    steps.append(Step(Rule.BASE_PERIOD, start.fact_ids, anchor, reached, policy.base_months))
    days = 0
    for fact_ids, more in granted:
        days += more
        further = period_end(policy, anchor, policy.base_months, days, (), rolls=False)
        steps.append(Step(Rule.EXTENSION, fact_ids, reached, further, more))
        reached = further
    at = period_end(policy, anchor, policy.base_months, days, basis.pauses, rolls=False)
    steps += _hold_steps(state, anchor, policy.base_months, days, rolls=False)
    steps += _correction_steps(state, (Registered, ExtensionGranted, *_HOLD_FACTS))
    steps += _policy_steps(state)
    return Reckoning(Subject.BASE_UNTIL, at, tuple(steps))


def _base_start(state: LeadState, facts: list[Fact]) -> tuple[Step, list[tuple[tuple[str, ...], int]]]:
    """The step the base period starts with, and the extensions granted since: fact ids and days."""
    anchor = state.basis.base_anchor
    start = Step(Rule.REGISTERED, from_at=anchor)
    granted: list[tuple[tuple[str, ...], int]] = []
    asked = {fact.request: fact.fact_id for fact in facts if isinstance(fact, ExtensionRequested)}
    for fact in facts:
        if isinstance(fact, Registered):
            start = Step(
                Rule.REGISTERED if at_once(fact) else Rule.BACKDATED, (fact.fact_id,), fact.registered_at
            )
        elif isinstance(fact, (Transferred, Reinstated)) and fact.restart_base:
            rule = Rule.TENURE if isinstance(fact, Transferred) else Rule.REINSTATED
            start, granted = Step(rule, (fact.fact_id,), fact.recorded_at), []
        elif isinstance(fact, ExtensionGranted):
            granted.append(((fact.fact_id,), fact.days))
        elif isinstance(fact, RequestDecided) and fact.approved and fact.request in asked:
            granted.append(((asked[fact.request], fact.fact_id), fact.days or 0))
    return start, granted


def progress_reckoning(state: LeadState) -> Reckoning:
    """When progress is owed by a registered lead, and the steps to it."""
    policy, basis = state.policy, state.basis
    anchor = basis.progress_anchor
    assert anchor is not None  # noqa: S101 - `explain` asks only for registered leads
    start = _progress_start(state, anchor)
    reached = period_end(policy, anchor, 0, policy.progress_days, (), rolls=False)
    at = period_end(policy, anchor, 0, policy.progress_days, basis.pauses, rolls=True)
    steps = [start, Step(Rule.PROGRESS_PERIOD, start.fact_ids, anchor, reached, policy.progress_days)]
    steps += _hold_steps(state, anchor, 0, policy.progress_days, rolls=True)
    steps += _correction_steps(state, (ActivityRecorded, *_HOLD_FACTS))
    steps += _policy_steps(state)
    return Reckoning(Subject.PROGRESS_UNTIL, at, tuple(steps))


def _progress_start(state: LeadState, anchor: datetime) -> Step:
    rules: dict[type[Fact], Rule] = {
        Registered: Rule.REGISTERED,
        Transferred: Rule.TENURE,
        Reinstated: Rule.REINSTATED,
    }
    start = Step(Rule.REGISTERED, from_at=anchor)
    for fact in effective(state.facts):
        if isinstance(fact, ActivityRecorded):
            if fact.kind in state.policy.qualifying_kinds and fact.occurred_at == anchor:
                start = Step(Rule.PROGRESS, (fact.fact_id,), anchor, word=fact.kind)
        elif type(fact) in rules and anchor in {fact.recorded_at, getattr(fact, "registered_at", None)}:
            start = Step(rules[type(fact)], (fact.fact_id,), anchor)
    return start


def _hold_steps(state: LeadState, anchor: datetime, months: int, days: int, *, rolls: bool) -> list[Step]:
    """What holds and the working-day roll add to a period, pause by pause, in order."""
    policy, pauses = state.policy, state.basis.pauses
    tz = zone(policy.timezone)
    reached = period_end(policy, anchor, months, days, (), rolls=False)
    steps: list[Step] = []
    for number, (pause_from, pause_to) in enumerate(pauses, start=1):
        if pause_to is not None and pause_to <= anchor:
            continue
        if reached is None or pause_from >= reached:
            break
        further = period_end(policy, anchor, months, days, pauses[:number], rolls=False)
        ids, words = _within(state, pause_from, pause_to)
        since = max(pause_from, anchor)
        if pause_to is None or further is None:
            steps.append(Step(Rule.OPEN_HOLD, ids, since, None, word=words))
        elif policy.counting is Counting.EXACT:
            steps.append(Step(Rule.HOLD, ids, since, pause_to, stood_still=further - reached, word=words))
        elif further > reached:
            added = (local(further, tz).date() - local(reached, tz).date()).days
            steps.append(Step(Rule.HOLD_DAYS, ids, since, pause_to, added, word=words))
        reached = further
    at = period_end(policy, anchor, months, days, pauses, rolls=rolls)
    if reached is not None and at != reached:
        steps.append(Step(Rule.ROLL, (), reached, at))
    return steps


def _within(state: LeadState, pause_from: datetime, pause_to: datetime | None) -> tuple[tuple[str, ...], str]:
    """The facts and the reasons of the holds that make up a pause."""
    inside = [
        hold
        for hold in state.basis.holds
        if hold.end_at != hold.start_at
        and hold.start_at >= pause_from
        and (pause_to is None or hold.start_at < pause_to)
    ]
    words = ", ".join(dict.fromkeys(str(hold.reason) for hold in inside))
    return tuple(hold.fact_id for hold in inside), words


def _correction_steps(state: LeadState, about: tuple[type[Fact], ...]) -> list[Step]:
    kinds = {fact.fact_id: fact for fact in state.facts}
    return [
        Step(Rule.CORRECTION, (fact.fact_id, fact.corrects), fact.recorded_at, word=kinds[fact.corrects].type)
        for fact in state.facts
        if isinstance(fact, Corrected) and isinstance(kinds[fact.corrects], about)
    ]


def _policy_steps(state: LeadState) -> list[Step]:
    return [
        Step(Rule.POLICY, (fact.fact_id,), fact.recorded_at, word=fact.version)
        for fact in state.facts
        if isinstance(fact, PolicyAdopted)
    ]


def _reserved(state: LeadState) -> Reckoning:
    policy, now, noted_at = state.policy, state.deadlines, state.basis.noted_at
    at = None if now is None else now.valid_until
    steps = [Step(Rule.RESERVED, (state.facts[0].fact_id,), noted_at, at, policy.preregistration_days)]
    if now is not None and now.end is not None:
        steps.append(Step(Rule.UNPURSUED, (), noted_at, now.end, policy.preregistration_delete_days))
    return Reckoning(Subject.RESERVED_UNTIL, at, tuple(steps))


def _decided_first(state: LeadState) -> list[Step]:
    """What an extension request does that is open when the base period ends."""
    now = state.deadlines
    if state.policy.mode is not Mode.LEAST or now is None or now.base_until is None:
        return []
    latest = decided_first(state.policy, now.base_until, awaited(state.basis.requests))
    if latest == now.base_until:
        return []
    asked = [
        fact
        for fact in effective(state.facts)
        if isinstance(fact, ExtensionRequested) and fact.recorded_at < now.base_until
    ]
    days = state.policy.extension_decision_days
    return [Step(Rule.DECIDED_FIRST, (asked[-1].fact_id,), now.base_until, latest, days)]


def _grace(state: LeadState) -> Reckoning | None:
    sent = state.reminder
    if sent is None:
        return None
    reminder = next(
        (fact for fact in reversed(state.facts) if isinstance(fact, ReminderSent) and fact.sent_at == sent),
        None,
    )
    ids = () if reminder is None else (reminder.fact_id,)
    at = grace_end(state.policy, sent, state.basis.pauses)
    reached = period_end(state.policy, sent, 0, state.policy.grace_days, (), rolls=False)
    steps = [
        Step(Rule.REMINDER, ids, sent),
        Step(Rule.GRACE_PERIOD, ids, sent, reached, state.policy.grace_days),
    ]
    return Reckoning(
        Subject.GRACE_UNTIL,
        at,
        tuple(steps + _hold_steps(state, sent, 0, state.policy.grace_days, rolls=True)),
    )


def _valid(state: LeadState, base: Reckoning, progress: Reckoning) -> Reckoning:
    now = state.deadlines
    assert now is not None  # noqa: S101 - `explain` asks only for living leads
    steps: list[Step] = []
    if state.policy.mode is Mode.GREATEST:
        steps.append(Step(Rule.GREATEST, from_at=base.at, to_at=progress.at))
    if state.problem is not None:
        steps.append(Step(Rule.REMINDER_BOUNCED, from_at=now.reminder_due_at))
    elif now.reminder_due_at is not None:
        planned = grace_end(state.policy, now.reminder_due_at, state.basis.pauses)
        steps.append(
            Step(Rule.REMINDER_DUE, from_at=now.reminder_due_at, to_at=planned, count=state.policy.grace_days)
        )
    elif now.grace_until is not None:
        steps.append(
            Step(
                Rule.GRACE_PERIOD,
                from_at=state.reminder,
                to_at=now.grace_until,
                count=state.policy.grace_days,
            )
        )
    if state.policy.mode is Mode.LEAST and now.valid_until is not None and now.valid_until == now.base_until:
        steps.append(Step(Rule.ENDS_FIRST, from_at=now.base_until))
    steps += _decided_first(state)
    if now.valid_until is None:
        open_from = next((start for start, end in state.basis.pauses if end is None), None)
        steps.append(Step(Rule.OPEN_HOLD, (), open_from, None))
    return Reckoning(Subject.VALID_UNTIL, now.valid_until, tuple(steps))
