"""What one asks for and another decides, at the shell; and with whom leads are shared."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.cli.house import House

STEP = ("--reason", "The chef is new", "--next-step", "Tasting", "--next-step-at", "2027-01-12T10:00+01:00")


def test_a_hold_is_asked_for_by_one_and_approved_by_another(house: House, lead: str) -> None:
    asked = house.done("request-hold", lead, "FFZ_SAMPLE_DELAY", "--note", "Samples in May", "--by", "anna")
    assert (asked["effect"], asked["paused"]) == ("REQUESTED", False)
    name = asked["id"]
    waiting = {one["request"]: one for one in house.done("requests", "--by", "maria", "--kind", "HOLD")}
    assert (waiting[name]["lead"], waiting[name]["requested_by"]) == (lead, "anna")
    assert name in house.run("requests").out
    own = house.run("approve", lead, name, "--by", "anna")
    assert own.code == 1
    assert "may not" in own.err
    tried = house.done("approve", lead, name, "--by", "maria", "--dry-run")
    assert tried["after"]["paused"]
    done = house.done("approve", lead, name, "--by", "maria", "--note", "Agreed")
    assert (done["state"], done["paused"]) == ("APPROVED", True)
    late = house.run("reject", lead, name, "--reason", "Too late", "--by", "adam")
    assert late.code == 1
    assert "request-decided" in late.err
    assert sorted(map(str, house.notes(lead))) == ["Agreed", "Samples in May"]


def test_where_approval_is_demanded_an_agents_hold_is_a_request(house: House, lead: str) -> None:
    said = house.run("hold", lead, "OTHER", "--by", "anna")
    assert said.code == 0
    assert "somebody else decides" in said.out
    assert house.done("hold", lead, "OTHER", "--by", "maria")["effect"] == "PLACED"


def test_an_extension_is_asked_for_rejected_withdrawn_and_granted(house: House, lead: str) -> None:
    first = house.done("request-extension", lead, *STEP, "--days", "20", "--by", "anna")["id"]
    assert "20 days" in house.run("requests", "--kind", "EXTENSION").out
    twice = house.run("request-extension", lead, *STEP, "--by", "anna")
    assert twice.code == 1
    assert "request-pending" in twice.err
    assert house.done("reject", lead, first, "--reason", "Not yet", "--by", "maria")["state"] == "REJECTED"
    second = house.done("request-extension", lead, *STEP, "--by", "anna")["id"]
    assert house.run("withdraw", lead, second, "--by", "ben").code == 1
    assert house.done("withdraw", lead, second, "--by", "anna")["state"] == "WITHDRAWN"
    third = house.done("request-extension", lead, *STEP, "--by", "anna")["id"]
    without = house.run("approve", lead, third, "--by", "maria")
    assert without.code == 1
    assert "--days" in without.err
    done = house.done("approve", lead, third, "--days", "30", "--by", "maria")
    assert done["after"]["base_until"] > done["before"]["base_until"]


def test_a_lead_is_shared_and_no_longer(house: House, lead: str) -> None:
    stranger = house.run("log", lead, "QUALIFIED_CALL", "--by", "ben")
    assert stranger.code == 1
    assert "no such lead" in stranger.err
    shared = house.done("share", lead, "Ben@agents.example", "ASSIST", "--by", "anna")
    assert (shared["user"], shared["role"], shared["added_by"]) == ("ben", "ASSIST", "anna")
    assert house.done("log", lead, "QUALIFIED_CALL", "--by", "ben")["revision"] == 2
    assert house.run("share", lead, "ben", "NEGOTIATE", "--by", "ben").code == 1
    assert house.run("share", lead, "anna", "VIEW", "--by", "maria").code == 1
    assert "no longer" in house.run("unshare", lead, "ben", "--by", "anna").out
    assert house.run("unshare", lead, "ben", "--by", "anna").code == 1
    assert house.run("share", lead, "nobody", "VIEW").code == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("request-hold", "OTHER", "--from", "2026-11-22T10:00"), 2, "--from"),
        (("request-hold", "OTHER"), 1, "may not"),
        (("request-extension", *STEP[:4], "--next-step-at", "soon"), 2, "--next-step-at"),
        (("request-extension", "--reason", "x", *STEP[2:], "--by", "anna"), 2, "--reason"),
        (("approve", "none"), 1, "no such request"),
        (("reject", "none", "--reason", "Not there"), 1, "no such request"),
        (("withdraw", "none"), 1, "no such request"),
        (("share", "ben", "OWNER"), 2, "ROLE"),
    ],
)
def test_bad_values_are_named(house: House, lead: str, words: tuple[str, ...], code: int, told: str) -> None:
    said = house.run(words[0], lead, *words[1:])
    assert said.code == code, said
    assert told in said.err, said
    assert "Traceback" not in said.err


def test_somebody_acts_with_the_roles_that_are_his(house: House, lead: str) -> None:
    for words in (
        ("extend", lead, "10"),
        ("convert", lead),
        ("transfer", lead, "ben", "--reason", "mine no more"),
        ("correct", lead, "registration", "--retract", "--reason", "never was"),
    ):
        said = house.run(*words, "--by", "anna")
        assert said.code == 1, words
        assert "may not" in said.err
        assert house.run(*words, "--by", "anna", "--dry-run").code == 1
    word = uuid4().hex
    first = ("register", f"Haus {word}", "Jena", "--owner", "ben", "--contact-name", "Jo")
    assert house.run(*first, "--by", "anna").code == 1
    assert house.done(*first, "--by", "ben")["status"] == "ACTIVE"


def test_similar_leads_are_named_until_somebody_says_why(house: House) -> None:
    word = uuid4().hex
    ours = ("--owner", "anna", "--contact-name", "Jo", "--by", "anna")
    house.done("register", f"Gasthof zur Linde {word}", "Jena", *ours)
    like = ("register", f"Gasthof zur Linden {word} GmbH", "Jena", *ours)
    said = house.run(*like)
    assert said.code == 1
    assert "zur Linde" in said.err
    assert house.done(*like, "--confirm-similar", "Another house")["status"] == "ACTIVE"
