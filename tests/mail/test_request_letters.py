"""What letters of requests and their decisions say, and when there is nothing to say."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.audience import Audience, audience
from activities.letters import LeadLedger, Occasion
from activities.orders import NotificationKind
from activities.ports import Language, Reader
from protection.facts import (
    ActivityRecorded,
    Converted,
    EndReason,
    Erased,
    Fact,
    HoldReleased,
    Lapsed,
    Released,
    RequestDecided,
    RequestWithdrawn,
    Transferred,
)
from protection.lifecycle import apply, lapse_by, replay, snapshot
from protection.permission import Act
from protection.policy import Mode, Policy
from protection.requests import RequestKind, RequestStatus
from protection.state import Status
from tests.mail.asking import (
    ASKED,
    CONTRACT,
    DECIDED,
    LEAD,
    LONG,
    MADE,
    RESERVED,
    WRITER,
    decision,
    hold_wanted,
    letter,
    more_days_wanted,
    needed,
    said,
)
from tests.mail.world import later, life


def told(kind: NotificationKind, *facts: Fact, cycle: str = "q") -> Audience:
    return audience(Occasion(kind, LEAD, cycle, ASKED), LeadLedger("Firma", "Ulm", CONTRACT, facts))


def test_a_hold_asked_for_is_told_with_who_why_and_what_would_follow() -> None:
    end_at = later(ASKED, days=20)
    found = needed(letter(MADE, ASKED, *life(hold_wanted(by="otto", end_at=end_at))))
    request = found.request
    assert request is not None
    assert (request.kind, request.status, request.requested_by) == (RequestKind.HOLD, "PENDING", "otto")
    approved = replay(CONTRACT, life(hold_wanted(by="otto", end_at=end_at), decision(approved=True)))
    assert found.if_granted == snapshot(approved, approved.recorded_at).valid_until
    assert found.if_granted == later(needed(found).valid_until or ASKED, days=20)
    text = said(found).text
    assert "Otto Helfer beantragt eine Hemmung für Firma in Ulm: verspätete Muster des Unternehmens" in text
    assert "Hemmung bis: Montag, 24. Februar 2031, 11:15 Uhr (Europe/Berlin, UTC+01:00)" in text
    assert "Bei Genehmigung wie beantragt geschützt bis: Sonntag, 4. Mai 2031, 11:15 Uhr" in text
    assert "den eigenen Antrag entscheidet niemand selbst" in text


def test_an_open_hold_asked_for_leaves_the_end_unknown() -> None:
    found = needed(letter(MADE, ASKED, *life(hold_wanted())))
    assert found.if_granted is None
    text = said(found, Language.EN).text
    assert "Hold until: open, until it is released" in text
    assert "If approved as asked for, protected until: not yet known, because a hold has no end yet" in text


@settings(max_examples=50, deadline=None)
@given(days=st.integers(1, 730), mode=st.sampled_from(Mode))
def test_the_base_period_promised_for_an_approval_is_the_one_the_engine_makes(days: int, mode: Mode) -> None:
    policy = Policy(mode=mode)
    facts = life(more_days_wanted(days=days))
    found = needed(letter(MADE, ASKED, *facts, policy=policy))
    granted = replay(policy, (*facts, decision(approved=True, days=days)))
    assert found.if_granted == snapshot(granted, granted.recorded_at).base_until
    assert found.base_until == snapshot(replay(policy, facts), ASKED).base_until


def test_an_extension_asked_for_says_days_next_step_and_that_the_end_waits() -> None:
    step = later(ASKED, days=40)
    found = letter(MADE, ASKED, *life(more_days_wanted(step=step)))
    text = said(found).text
    assert "Erika Müller beantragt, den Grundschutz für Firma in Ulm um 30 Tage zu verlängern" in text
    assert "Nächster Schritt geplant am: Sonntag, 16. März 2031, 11:15 Uhr" in text
    assert "wartet dieses Ende auf die Entscheidung, höchstens 14 Tage." in text
    assert said(found).subject == "Firma, Ulm: bitte über eine Verlängerung entscheiden"
    unsaid = letter(MADE, ASKED, *life(more_days_wanted(days=None)))
    assert needed(unsaid).if_granted is None
    assert "um wie viele Tage, bestimmen Sie" in said(unsaid).text
    assert "Bei Genehmigung" not in said(unsaid).text


@pytest.mark.parametrize("policy", [Policy(mode=Mode.GREATEST), Policy(extension_decision_days=0)])
def test_where_no_end_waits_none_is_promised(policy: Policy) -> None:
    assert (
        "wartet dieses Ende" not in said(letter(MADE, ASKED, *life(more_days_wanted()), policy=policy)).text
    )


def kept_busy() -> tuple[Fact, ...]:
    """Progress until shortly before the end of the base period, then a request for more of it."""
    at = datetime.fromisoformat("2031-03-25T10:00:00+00:00")
    calls = tuple(
        ActivityRecorded(
            fact_id=f"c{days}",
            recorded_at=later(at, days=days),
            by="erika",
            kind="QUALIFIED_CALL",
            occurred_at=later(at, days=days),
        )
        for days in (0, 40, 80)
    )
    return life(*calls, more_days_wanted(at=later(at, days=90)))


def test_a_request_open_at_the_end_of_the_base_period_is_still_to_be_decided() -> None:
    base_until = snapshot(replay(CONTRACT, kept_busy()), kept_busy()[-1].recorded_at).base_until
    assert base_until is not None
    found = needed(letter(MADE, later(base_until, days=1), *kept_busy()))
    assert (found.status, found.base_until) == (Status.ACTIVE, base_until)
    assert found.valid_until == later(base_until, days=14)
    assert letter(MADE, later(base_until, days=14), *kept_busy()) is None


@pytest.mark.parametrize(
    "fact",
    [
        decision(approved=True, days=30),
        decision(approved=False),
        RequestWithdrawn(fact_id="w", recorded_at=later(ASKED, hours=1), by="erika", request="q"),
        Converted(fact_id="k", recorded_at=later(ASKED, hours=1), by="max"),
        Released(fact_id="g", recorded_at=later(ASKED, hours=1), by="erika"),
        Erased(fact_id="e", recorded_at=later(ASKED, hours=1), by="max"),
    ],
)
def test_what_is_decided_withdrawn_or_void_is_not_asked_again(fact: Fact) -> None:
    assert letter(MADE, later(ASKED, hours=2), *life(more_days_wanted(), fact)) is None


@pytest.mark.parametrize("kind", [MADE, DECIDED, LONG])
def test_what_nobody_knows_is_not_told(kind: NotificationKind) -> None:
    assert letter(kind, ASKED, *life(more_days_wanted()), cycle="other") is None


def test_a_request_is_told_to_staff_but_not_to_who_made_it() -> None:
    assert told(MADE, *life(hold_wanted(by="max"))) == Audience("erika", staff=Act.DECIDE, without="max")


def test_a_decision_is_told_to_the_owner_of_now_and_to_who_asked() -> None:
    wanted = hold_wanted(by="otto")
    assert told(DECIDED, *life(wanted)).users == ("erika", "otto")
    moved = Transferred(fact_id="t", recorded_at=later(ASKED, hours=3), by="max", owner="anna")
    assert told(DECIDED, *life(wanted, decision(approved=True), moved)).users == ("anna", "otto")
    assert told(DECIDED, *life(), cycle="unknown") == Audience("erika", ("erika",))
    assert told(LONG, *life(), cycle="b") == Audience("erika", ("erika",), staff=Act.READ_LEAD)
    assert told(RESERVED, *life()) == Audience("erika", ("erika",))


def test_nothing_is_told_of_a_decision_before_it_is_made() -> None:
    assert letter(DECIDED, ASKED, *life(hold_wanted())) is None
    gone = RequestWithdrawn(fact_id="w", recorded_at=later(ASKED, hours=1), by="erika", request="q")
    assert letter(DECIDED, later(ASKED, hours=2), *life(hold_wanted(), gone)) is None


def test_an_approved_hold_is_told_as_it_was_approved() -> None:
    end_at = later(ASKED, days=5)
    found = letter(
        DECIDED, later(ASKED, hours=2), *life(hold_wanted(), decision(approved=True, end_at=end_at))
    )
    assert needed(found).hold is not None
    text = said(found).text
    assert said(found).subject == "Firma, Ulm: Hemmung genehmigt"
    assert "bis Sonntag, 9. Februar 2031, 11:15 Uhr (Europe/Berlin, UTC+01:00) läuft keine Frist" in text
    assert "Entschieden von: Max Boss" in text
    assert "Beantragt von: Erika Müller" in text
    endless = said(letter(DECIDED, later(ASKED, hours=2), *life(hold_wanted(), decision(approved=True))))
    assert (
        "Von Dienstag, 4. Februar 2031, 11:15 Uhr (Europe/Berlin, UTC+01:00) an läuft keine Frist"
        in endless.text
    )


def test_a_hold_released_meanwhile_is_told_with_its_end() -> None:
    let_go = later(ASKED, days=2)
    released = HoldReleased(fact_id="x", recorded_at=let_go, by="max", hold="q")
    found = needed(
        letter(DECIDED, later(let_go, hours=1), *life(hold_wanted(), decision(approved=True), released))
    )
    assert found.hold is not None
    assert found.hold.end_at == let_go


@pytest.mark.parametrize(
    ("wanted", "answer", "subject", "sentence"),
    [
        (hold_wanted(), decision(approved=False), "hold rejected", "all periods run on as before"),
        (
            more_days_wanted(),
            decision(approved=True, days=45),
            "extension approved",
            "the base period of Firma in Ulm was extended by 45 days (clause e).",
        ),
        (
            more_days_wanted(),
            decision(approved=False),
            "extension rejected",
            "was rejected. The base period stays as it was.",
        ),
    ],
)
def test_every_decision_has_its_words(wanted: Fact, answer: Fact, subject: str, sentence: str) -> None:
    found = letter(DECIDED, later(ASKED, hours=2), *life(wanted, answer))
    written = said(found, Language.EN)
    assert written.subject == f"Firma, Ulm: {subject}"
    assert sentence in written.text
    assert sentence in written.html
    assert ("Ask again if something is new" in written.text) is subject.endswith("rejected")


def test_a_refusal_that_ends_protection_says_so() -> None:
    facts = kept_busy()
    base_until = snapshot(replay(CONTRACT, facts), facts[-1].recorded_at).base_until
    assert base_until is not None
    refused = RequestDecided(
        fact_id="d", recorded_at=later(base_until, days=3), by="max", request="q", approved=False
    )
    state = apply(replay(CONTRACT, facts), refused)
    assert lapse_by(state, refused.recorded_at) == (refused.recorded_at, EndReason.BASE_PERIOD)
    lapsed = Lapsed(
        fact_id="l", recorded_at=refused.recorded_at, by="clock", at=refused.recorded_at,
        reason=EndReason.BASE_PERIOD,
    )  # fmt: skip
    for known in ((*facts, refused), (*facts, refused, lapsed)):
        found = letter(DECIDED, later(refused.recorded_at, minutes=1), *known)
        assert needed(found).status is Status.EXPIRED
        text = said(found).text
        assert "Der Schutz ist beendet: Sonntag, 13. Juli 2031, 10:00 Uhr" in text
        assert "Der Grundschutz war abgelaufen" in text
        assert "ein erloschener Lead kann mit Begründung wieder eingesetzt werden" in text


@pytest.mark.parametrize(
    "end",
    [
        Converted(fact_id="k", recorded_at=later(ASKED, hours=2), by="max"),
        Released(fact_id="g", recorded_at=later(ASKED, hours=2), by="erika"),
        Erased(fact_id="e", recorded_at=later(ASKED, hours=2), by="max"),
    ],
)
def test_a_decision_about_a_lead_that_is_gone_is_not_told(end: Fact) -> None:
    facts = life(hold_wanted(), decision(approved=True), end)
    assert letter(DECIDED, later(ASKED, hours=3), *facts) is None


def test_a_letter_names_everybody_it_speaks_of() -> None:
    found = needed(
        letter(DECIDED, later(ASKED, hours=2), *life(hold_wanted(by="otto"), decision(approved=True)))
    )
    assert found.people == {"erika", "otto", "max"}
    assert found.request is not None
    assert found.request.status is RequestStatus.APPROVED
    nameless = WRITER.write(
        replace(found, names={}), Reader("erika", None, "Erika", Language.EN, "Europe/Berlin")
    )
    assert "Asked for by: otto\n" in nameless.text
