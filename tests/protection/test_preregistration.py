"""A pre-registration keeps others away for ten days and is deleted after sixty (clauses h and i)."""

from __future__ import annotations

from dataclasses import replace

from protection.decide import Decision, EndProtection, Notice, SendNotice, decide, next_change
from protection.explain import explain
from protection.explain_texts import explanation_text
from protection.facts import EndReason
from protection.lifecycle import apply, snapshot
from protection.refusal import Code
from protection.simulator import settle
from protection.state import Status
from tests.protection.told import (
    TICK,
    UTC_POLICY,
    A,
    day,
    erased,
    lapse_of,
    life,
    preregistered,
    progress,
    refusal,
    registered,
    reinstated,
    released,
)

WARNING = SendNotice(Notice.PREREGISTRATION, day(10))


def test_it_says_until_when_it_keeps_others_away() -> None:
    answer = snapshot(life(preregistered()), day(5))
    assert (answer.status, answer.valid_until, answer.base_until) == (Status.PREREGISTERED, day(10), None)


def test_the_owner_is_warned_three_days_before() -> None:
    state = life(preregistered())
    assert decide(state, A, {}) == Decision((), day(7))
    assert decide(state, day(7), {}) == Decision((WARNING,), day(60))
    assert decide(state, day(8), {WARNING.key: day(10)}) == Decision((), day(60))
    assert decide(state, day(10), {}) == Decision((), day(60))
    assert next_change(state, A) == day(60)


def test_what_nobody_pursued_for_sixty_days_is_deleted() -> None:
    state = life(preregistered())
    assert decide(state, day(60), {}) == Decision((EndProtection(day(60), EndReason.UNPURSUED),), None)
    assert snapshot(state, day(60) - TICK).status is Status.PREREGISTERED
    assert snapshot(state, day(60)).status is Status.ERASED
    gone = apply(state, lapse_of(state))
    assert (gone.status, gone.ended_at, gone.reason) == (Status.ERASED, day(60), EndReason.UNPURSUED)
    assert settle(state, day(61)).status is Status.ERASED
    assert "ERASED" in refusal(state, registered(day(60)), Code.PROTECTION_ENDED, "")
    refusal(gone, reinstated(day(61)), Code.NOT_ENDED, "")


def test_it_can_still_be_registered_after_the_ten_days() -> None:
    state = life(preregistered(), registered(day(20)))
    assert snapshot(state, day(20)).status is Status.ACTIVE
    assert snapshot(state, day(20)).progress_until == day(80)


def test_it_can_be_given_up_or_erased() -> None:
    assert life(preregistered(), released(day(1))).status is Status.RELEASED
    assert life(preregistered(), erased(day(1))).status is Status.ERASED
    refusal(life(erased(day(1))), erased(day(2)), Code.PROTECTION_ENDED, "")
    refusal(life(preregistered()), progress(day(1)), Code.NOT_REGISTERED, "")


def test_versions_without_these_numbers_have_no_such_clock() -> None:
    bare = replace(
        UTC_POLICY, preregistration_days=0, preregistration_notice_days=0, preregistration_delete_days=0
    )
    state = life(preregistered(), policy=bare)
    assert snapshot(state, day(99)).valid_until is None
    assert decide(state, day(999), {}) == Decision((), None)
    assert "Kept for its owner until: not yet known" in explanation_text(explain(state, A), "en")


def test_it_is_explained_with_its_clauses() -> None:
    text = explanation_text(explain(life(preregistered()), A), "de")
    assert "Vorgemerkt am 07.01.2030" in text
    assert "[Buchstabe h]" in text
    assert "nach 60 Tagen gelöscht" in text
    gone = explanation_text(explain(life(preregistered()), day(60)), "en")
    assert "pre-registered and not pursued. [clause i]" in gone
