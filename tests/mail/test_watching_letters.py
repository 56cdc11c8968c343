"""What letters of reservations and of holds that last too long say, and when there is nothing to say."""

from datetime import datetime, timedelta

import pytest

from protection.facts import (
    Converted,
    Fact,
    HoldPlaced,
    HoldReason,
    HoldReleased,
    PolicyAdopted,
    Preregistered,
    Registered,
    Released,
)
from protection.policy import Policy, policy_to_json
from tests.mail.asking import ASKED, CONTRACT, LONG, RESERVED, decision, hold_wanted, letter, needed, said
from tests.mail.world import REGISTERED, later, life

NOTED = Preregistered(fact_id="p", recorded_at=REGISTERED, by="erika", owner="erika")
KEPT = later(REGISTERED, days=10)


@pytest.mark.parametrize(("days", "written"), [(-3, True), (-0.01, True), (0, False), (1, False)])
def test_a_reservation_is_announced_while_it_lasts(days: float, written: bool) -> None:
    found = letter(RESERVED, later(KEPT, days=days), NOTED, about=KEPT)
    assert (found is not None) is written
    if found is not None:
        assert (found.valid_until, found.deleted_at) == (KEPT, later(REGISTERED, days=60))
        text = said(found).text
        assert "Reserviert bis: Montag, 20. Januar 2031, 10:00 Uhr (Europe/Berlin, UTC+01:00)" in text
        assert "Löschung am: Dienstag, 11. März 2031, 10:00 Uhr" in text
        assert "damit beginnt der Schutz, er dauert 6 Monate (Buchstabe a)" in text


def test_a_reservation_that_is_never_deleted_says_nothing_of_it() -> None:
    found = letter(
        RESERVED, later(KEPT, days=-1), NOTED, about=KEPT, policy=Policy(preregistration_delete_days=0)
    )
    assert needed(found).deleted_at is None
    assert "gelöscht" not in said(found).text


def test_a_reservation_registered_or_given_up_meanwhile_is_not_announced() -> None:
    at = later(KEPT, days=-4)
    registered = Registered(fact_id="r", recorded_at=at, by="erika", owner="erika", registered_at=at)
    released = Released(fact_id="g", recorded_at=at, by="erika")
    for fact in (registered, released):
        assert letter(RESERVED, later(KEPT, days=-3), NOTED, fact, about=KEPT) is None
    assert letter(RESERVED, later(KEPT, days=-3), NOTED, about=later(KEPT, hours=1)) is None


def placed(end_at: datetime | None = None, start_at: datetime = ASKED) -> HoldPlaced:
    return HoldPlaced(
        fact_id="b", recorded_at=ASKED, by="max", hold="b", reason=HoldReason.FFZ_SUPPLY_ISSUE,
        start_at=start_at, end_at=end_at,
    )  # fmt: skip


# The sixtieth day lies behind the change to summer time, which whole days do not feel.
LIMIT = later(ASKED, days=60, hours=-1)


@pytest.mark.parametrize(
    ("at", "fact", "written"),
    [
        (LIMIT, placed(), True),
        (later(LIMIT, days=200), placed(), True),
        (later(LIMIT, seconds=-1), placed(), False),
        (LIMIT, placed(end_at=later(LIMIT, days=1)), True),
        (LIMIT, placed(end_at=LIMIT), False),
        (LIMIT, placed(start_at=later(ASKED, days=1)), False),
    ],
)
def test_a_hold_is_complained_of_while_it_lasts_too_long(
    at: datetime, fact: HoldPlaced, written: bool
) -> None:
    assert (letter(LONG, at, *life(fact), cycle="b") is not None) is written


def test_a_long_hold_is_told_with_who_placed_it() -> None:
    found = letter(LONG, LIMIT, *life(placed()), cycle="b")
    assert needed(found).held_by == "max"
    text = said(found).text
    assert "dauert schon 60 Tage: Lieferproblem des Unternehmens" in text
    assert "Eingetragen oder genehmigt von: Max Boss" in text
    assert "Handelsvertreter: Erika Müller" in text
    assert "Sie endet nicht von selbst" in text
    ends = said(letter(LONG, LIMIT, *life(placed(end_at=later(LIMIT, days=1))), cycle="b")).text
    assert "Bis zu ihrem Ende am Sonntag, 6. April 2031, 11:15 Uhr" in ends
    approved = letter(LONG, LIMIT, *life(hold_wanted(), decision(approved=True)), cycle="q")
    assert needed(approved).held_by == "max"


@pytest.mark.parametrize(
    "fact",
    [
        HoldReleased(fact_id="x", recorded_at=later(ASKED, days=5), by="max", hold="b"),
        Converted(fact_id="k", recorded_at=later(ASKED, days=5), by="max"),
        Released(fact_id="g", recorded_at=later(ASKED, days=5), by="erika"),
    ],
)
def test_a_hold_that_is_over_is_not_complained_of(fact: Fact) -> None:
    assert letter(LONG, LIMIT, *life(placed(), fact), cycle="b") is None


def test_a_policy_without_a_longest_hold_complains_of_none() -> None:
    assert letter(LONG, LIMIT, *life(placed()), cycle="b", policy=Policy(max_hold_days=0)) is None


def test_a_letter_speaks_of_the_policy_the_lead_went_over_to() -> None:
    tighter = Policy(version="contract-2", max_hold_days=30)
    adopted = PolicyAdopted(
        fact_id="a", recorded_at=later(ASKED, hours=2), by="max", version="contract-2",
        replaces=CONTRACT.version, policy=policy_to_json(tighter),
    )  # fmt: skip
    found = needed(letter(LONG, ASKED + timedelta(days=31), *life(placed(), adopted), cycle="b"))
    assert found.policy == tighter
    assert "dauert schon 30 Tage" in said(found).text
