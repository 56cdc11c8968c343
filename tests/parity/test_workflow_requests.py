"""The real workflow, on skipped time, agrees with the engine and with SQL on requests and other policies."""

from __future__ import annotations

from typing import Any

import pytest

from protection.dates import parse_instant
from protection.policy import Policy, policy_to_json
from protection.vectors import VectorError, play, read_vector
from tests.parity.test_workflow_vectors import differences
from tests.sql.twin import connect, replay, snapshot_of
from workers.simulation import Simulator, skipping_environment

SHORT: dict[str, Any] = policy_to_json(Policy(base_months=1, timezone="UTC"))
QUICKER: dict[str, Any] = policy_to_json(Policy(version="contract-2", progress_days=20, timezone="UTC"))


def at(day: int) -> str:
    """So many days after the registration."""
    month, date = divmod(day, 28)
    return f"2031-{month + 2:02}-{date + 1:02}T09:00:00Z"


def ask(day: int, request: str, **more: Any) -> dict[str, Any]:
    return {"at": at(day), "type": "extension_requested", "request": request} | more


def ask_hold(day: int, request: str, **more: Any) -> dict[str, Any]:
    fact = {"at": at(day), "type": "hold_requested", "request": request, "reason": "OTHER"}
    return fact | more


def decide(day: int, request: str, *, approved: bool, **more: Any) -> dict[str, Any]:
    fact = {"at": at(day), "type": "request_decided", "request": request, "approved": approved}
    return fact | more


LEDGERS: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "a hold approved with another end, and released": (
        {},
        [
            ask_hold(10, "h1", end_at=at(50)),
            decide(12, "h1", approved=True, end_at=at(60)),
            {"at": at(40), "type": "hold_released", "hold": "h1"},
        ],
    ),
    "an extension decided while the base period's end waits for it": (
        SHORT,
        [ask(20, "x1", days=30), decide(35, "x1", approved=True, days=60)],
    ),
    "an extension refused after the base period": (
        SHORT,
        [ask(20, "x1", days=30), decide(35, "x1", approved=False)],
    ),
    "an extension nobody decides": (SHORT, [ask(20, "x1", days=30)]),
    "what is refused of requests": (
        {},
        [
            ask(10, "x1"),
            ask(11, "x2"),
            ask_hold(12, "x1"),
            decide(13, "x1", approved=True, days=10, by="vector"),
            decide(14, "x1", approved=True),
            decide(15, "x1", approved=True, end_at=at(50)),
            decide(16, "nobody", approved=False),
            {"at": at(17), "type": "request_withdrawn", "request": "x1"},
            decide(18, "x1", approved=True, days=10),
            ask_hold(19, "h1"),
            decide(20, "h1", approved=True, days=10),
            decide(21, "h1", approved=True),
        ],
    ),
    "another policy, then one that is long gone": (
        {"timezone": "UTC"},
        [
            {
                "at": at(5),
                "type": "policy_adopted",
                "version": "contract-2",
                "replaces": "contract-1",
                "policy": QUICKER,
            },
            {
                "at": at(6),
                "type": "policy_adopted",
                "version": "contract-2",
                "replaces": "contract-1",
                "policy": QUICKER,
            },
        ],
    ),
    "erased while something waits": (
        {},
        [ask_hold(10, "h1"), {"at": at(11), "type": "erased"}, ask(12, "x1")],
    ),
}
VECTORS: list[dict[str, Any]] = [
    {
        "id": name,
        "policy": policy,
        "registered_at": at(0),
        "facts": facts,
        "until": "2031-12-01T00:00:00Z",
        "as_of": [at(13), at(30), at(36), at(80)],
    }
    for name, (policy, facts) in LEDGERS.items()
]


@pytest.mark.timeout(600)
async def test_workflow_engine_and_sql_agree_on_requests(postgres_url: str) -> None:
    vectors = [read_vector(raw) for raw in VECTORS]
    async with skipping_environment() as environment:
        played = await Simulator(environment).play_all(vectors)
    twin = await connect(postgres_url)
    for vector, raw, answer in zip(vectors, VECTORS, played, strict=True):
        expected = play(vector)
        assert differences(expected, answer) == [], vector.id

        async def told(moment: str, raw: dict[str, Any] = raw) -> dict[str, Any]:
            facts = read_vector(raw).facts
            return await replay(twin, raw["policy"], parse_instant(at(0)), facts, parse_instant(moment))

        last = await told(raw["until"])
        assert last["transitions"] == expected["transitions"], vector.id
        assert last["rejected_facts"] == expected["rejected_facts"], vector.id
        assert [snapshot_of(await told(moment)) for moment in raw["as_of"]] == expected["snapshots"], (
            vector.id
        )
    await twin.close()


def test_these_ledgers_have_what_they_are_about() -> None:
    answers = {raw["id"]: play(read_vector(raw)) for raw in VECTORS}
    assert answers["what is refused of requests"]["rejected_facts"] == [1, 2, 3, 4, 5, 6, 8, 10]
    assert answers["another policy, then one that is long gone"]["rejected_facts"] == [1]
    assert answers["erased while something waits"]["transitions"][-1]["to"] == "ERASED"
    ends = {name: answer["transitions"][-1]["at"] for name, answer in answers.items()}
    assert ends["an extension refused after the base period"] == at(35)
    assert ends["an extension nobody decides"] == at(28 + 14)


def test_garbage_in_a_request_names_the_field() -> None:
    for field, value in (("days", "many"), ("approved", 1), ("end_at", "later"), ("colour", "red")):
        raw = VECTORS[0] | {"facts": [decide(1, "h1", approved=True) | {field: value}]}
        with pytest.raises(VectorError, match=field):
            read_vector(raw)
