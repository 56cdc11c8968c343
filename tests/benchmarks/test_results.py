"""What a result says of itself, and how rounds are played. Machinery only; no figure is judged here."""

from __future__ import annotations

import asyncio
import io
import json

import pytest
from rich.console import Console

from benchmarks.__main__ import BENCHMARKS, NAMES, machine, measure
from benchmarks.result import Aim, Bound, Figure, Result, table
from benchmarks.rounds import Stuck, alternate, at_once, until


@pytest.mark.parametrize(
    ("aim", "met"),
    [
        (Aim(Figure.RATIO, Bound.AT_MOST, 2), True),
        (Aim(Figure.RATIO, Bound.AT_MOST, 1.9), False),
        (Aim(Figure.RATIO, Bound.AT_LEAST, 2), True),
        (Aim(Figure.OURS, Bound.AT_LEAST, 10.1), False),
        (None, None),
    ],
)
def test_a_result_knows_whether_its_aim_is_met(aim: Aim | None, met: bool | None) -> None:
    assert Result("x", 10, 5, "things", aim).met is met


def test_a_result_is_one_line_of_json_and_one_row_of_the_table() -> None:
    result = Result("facts", 123.456, 2, "facts/s", Aim(Figure.RATIO, Bound.AT_LEAST, 0.5))
    assert json.loads(json.dumps(result.to_json())) == {
        "name": "facts",
        "ours": 123.5,
        "bare": 2.0,
        "ratio": 61.73,
        "unit": "facts/s",
        "aim": "ratio at least 0.5",
        "met": True,
    }
    shown = io.StringIO()
    Console(file=shown, width=120).print(table([result]))
    assert "123.5" in shown.getvalue()
    assert "61.73" in shown.getvalue()


async def test_rounds_alternate_and_take_turns_at_beginning() -> None:
    order: list[str] = []

    async def one(name: str, figure: float) -> float:
        order.append(name)
        return figure

    rounds = await alternate(3, lambda n: one("ours", n), lambda n: one("bare", n * 10))
    assert order == ["ours", "bare", "bare", "ours", "ours", "bare"]
    assert rounds.medians() == (1, 10)


async def test_no_further_round_begins_when_the_time_is_over() -> None:
    async def one(n: int) -> float:
        return n

    rounds = await alternate(5, one, one, within=0)
    assert rounds.ours == [0]


async def test_so_many_clients_at_once_and_every_item_once() -> None:
    running, most, seen = 0, 0, []

    async def work(item: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        seen.append(item)
        running -= 1

    await at_once(range(20), work, 4)
    assert sorted(seen) == list(range(20))
    assert most == 4


async def test_waiting_ends_at_the_goal_and_complains_where_nothing_moves() -> None:
    counted = iter(range(10))

    async def more() -> int:
        return next(counted)

    async def never() -> int:
        return 3

    await until(more, 3, "things")
    with pytest.raises(Stuck, match="things: 3 of 4"):
        await until(never, 4, "things", patience=0)


def test_every_name_belongs_to_one_benchmark() -> None:
    assert len(NAMES) == len(set(NAMES)) == sum(len(benchmark.names) for benchmark in BENCHMARKS)
    assert set(machine()) == {"cores", "architecture", "system", "python"}


async def test_the_engine_is_measured_on_every_living_state_of_the_vectors() -> None:
    told: list[Result] = []
    names = frozenset({"engine-evaluations", "ledger-replays"})
    results = await measure(names, quick=True, done=told.append)
    assert [result.name for result in results] == ["engine-evaluations", "ledger-replays"]
    assert told == results
    assert all(result.ours > 0 and result.bare > 0 for result in results)
