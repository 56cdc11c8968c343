"""One hold over many leads at the shell: shown first, then placed, looked at and ended."""

from __future__ import annotations

from uuid import uuid4

from tests.cli.house import House

WHY = ("--why", "The price list is late this year")


def test_a_campaign_is_shown_placed_and_ended(house: House) -> None:
    city = f"Ort {uuid4().hex[:8]}"
    leads = []
    for number in range(2):
        words = ("register", f"Gasthof {uuid4()}", city, "--owner", "anna", "--contact-name", "E. Muster")
        leads.append(str(house.done(*words, "--fact-id", f"test-{uuid4()}-{number}")["lead"]))
    call = ("hold-campaign", "ffz-price-approval", "--city", city, "--by", "maria")
    said = house.run(*call)
    assert (said.code, "Nothing has happened" in said.out) == (0, True)
    planned = house.done(*call)
    assert {one["lead"] for one in planned["effects"]} == set(leads)
    assert all(one["then_valid_until"] is None for one in planned["effects"])
    go = ("--go", planned["plan"], *WHY, "--fact-id", f"test-{uuid4()}")
    first = house.done(*call, *go)
    assert house.done(*call, *go)["id"] == first["id"]

    def state() -> str:
        return str(house.done("show-hold-campaign", first["id"])["state"])

    house.eventually(lambda: state() == "placed", "the campaign is placed")
    assert house.done("lead", leads[0])["paused"]
    assert house.run("end-hold-campaign", first["id"], *WHY, "--by", "anna").code == 1
    said = house.run("end-hold-campaign", first["id"], *WHY, "--by", "maria")
    assert (said.code, "ended" in said.out or "ending" in said.out) == (0, True)
    house.eventually(lambda: state() == "ended", "the campaign is ended")
    told = [what for what in house.audited("maria") if what.startswith("hold-campaign")]
    assert told == ["hold-campaign-asked", "hold-campaign-end-asked"]
    assert house.done("show-hold-campaign", first["id"])["counts"]["ended"] == 2


def test_what_makes_no_sense_is_told_by_its_option(house: House) -> None:
    call = ("hold-campaign", "OTHER", "--by", "maria")
    for words, told in (
        (("hold-campaign", "PARTY"), "REASON"),
        ((*call, "--go", "0" * 32), "--why"),
        ((*call, "--ends-before", "soon"), "--ends-before"),
        ((*call, "--text", "%%"), "--text"),
        ((*call, "--from", "2026-12-02T00:00Z", "--until", "2026-12-01T00:00Z"), "--until"),
        ((*call, "--status", "EXPIRED"), "--status"),
    ):
        said = house.run(*words)
        assert said.code in {1, 2}, said
        assert told in said.err, said
    assert "other-leads" in house.run(*call, "--go", "0" * 32, *WHY).err
    assert "may not" in house.run("hold-campaign", "OTHER", "--by", "anna").err
    assert "no such campaign" in house.run("show-hold-campaign", str(uuid4()), "--by", "maria").err
