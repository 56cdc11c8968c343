"""Credit checks at the shell, with the bureau of the sandbox."""

from __future__ import annotations

from uuid import uuid4

from tests.cli.house import House
from tests.outsidefixtures import Outside


def test_a_company_is_checked_once_and_listed(house: House, outside: Outside) -> None:
    bureau = {
        "CREDIT_URL": outside.credit_url,
        "CREDIT_TOKEN_URL": outside.credit_token_url,
        "CREDIT_CLIENT_ID": outside.accounts.credit_client,
        "CREDIT_CLIENT_SECRET": outside.accounts.credit_secret,
    }
    named = ("register", f"Insolvenz {uuid4().hex}", "Erfurt", "--owner", "anna")
    words = (*named, "--contact-name", "E. Muster", "--fact-id", f"test-{uuid4()}")
    lead = str(house.done(*words)["lead"])
    call = ("credit", "check", lead, "2500", "--purpose", "first-order", "--by", "anna")
    without = house.run(*call)
    assert (without.code, "No credit bureau is connected" in without.err) == (1, True)
    assert "Nobody has asked" in house.run("credit", "list", lead).out
    first = house.done(*call, **bureau)
    assert (first["status"], first["grade"], first["amount"], first["cached"]) == (
        "declined", "D", "2500.00", False,
    )  # fmt: skip
    assert house.audited("anna", lead)[-1:] == ["credit-check-asked"]
    again = house.done(*call, **bureau)
    assert again == {**first, "cached": True}
    (listed,) = house.done("credit", "list", lead, "--by", "anna")
    assert listed == first
    assert "declined" in house.run("credit", "list", lead).out
    assert house.run("credit", "list", lead, "--by", "ben").code == 1
    for wrong, told in (
        (("credit", "check", lead, "viel"), "AMOUNT"),
        (("credit", "check", lead, "0"), "AMOUNT"),
        ((*call[:4], "--purpose", "party"), "--purpose"),
        ((*call[:4], "--currency", "euro"), "--currency"),
        ((*call[:4], "--vat", "12"), "--vat"),
    ):
        said = house.run(*wrong, **bureau)
        assert said.code != 0
        assert told in said.err, said
