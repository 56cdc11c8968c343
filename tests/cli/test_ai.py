"""AI at the shell, with the sandbox's models."""

from __future__ import annotations

from uuid import uuid4

from tests.cli.house import House
from tests.outsidefixtures import Outside


def test_a_use_case_is_asked_and_counted(house: House, outside: Outside) -> None:
    models = {"OPENAI_API_KEY": outside.accounts.openai, "OPENAI_BASE_URL": outside.openai_url}
    given = f'{{"company": "Hotel {uuid4().hex}", "city": "Weimar"}}'
    call = ("ai", "ask", "LEAD_CLASSIFY", "--input", given, "--by", "anna")
    without = house.run(*call)
    assert (without.code, "No AI provider is connected" in without.err) == (1, True)
    first = house.done(*call, **models)
    assert (first["provider"], first["decision"] in {"small", "escalated"}) == ("openai", True)
    again = house.done(*call, **models)
    assert (again["decision"], again["costEur"], again["answer"]) == ("cached", "0", first["answer"])
    garbled = house.run("ai", "ask", "LEAD_CLASSIFY", "--input", '{"company": 1}', "--by", "anna", **models)
    assert (garbled.code, "input.company" in garbled.err) == (1, True)
    assert "--input: is no JSON" in house.run("ai", "ask", "LEAD_CLASSIFY", "--input", "{").err
    usage = house.done("ai", "usage")
    assert usage["calls"] >= 2
    assert usage["budgets"][0]["cap"] == "1000"
    assert "Small models:" in house.run("ai", "usage").out
    assert house.run("ai", "usage", "--month", "2026-13").code == 1
