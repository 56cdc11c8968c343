"""Commands that play ledgers: `clock replay` by the engine alone, `simulate` by the real workflow."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import App, Parameter
from temporalio.exceptions import TemporalError

from cli.console import DONE, NO_SENSE, NOT_DONE, UsageError, complain
from cli.importing.progress import ProgressView
from cli.moments import iso, now
from cli.numbers import WholeNumber
from cli.output import err, print_json
from cli.teaching import add
from protection.vectors import Vector, VectorError, play, read_vector
from workers.simulation import SimulationError, Simulator, skipping_environment

_STANDARD_INPUT: Final = Path("-")
_MOST_AT_ONCE: Final = 200
_OUTPUT: Final = 1
_ERROR: Final = 2

File = Annotated[Path, Parameter(name="FILE", allow_leading_hyphen=True)]


def register(app: App) -> None:
    """Add the commands to the application."""
    clock = App(name="clock", help="Play ledgers through the clock, without any server.")
    add(clock, replay)
    app.command(clock)
    add(app, simulate)


def replay(file: File, /) -> int:
    """Play ledgers through the pure engine and print what comes of them as JSON.

    FILE holds a list of ledgers: id, policy, registered_at, facts, until, and as_of, the instants to answer
    for. Each answer is {"id", "transitions", "rejected_facts", "snapshots"}. Reminders go out when due.

    Examples:
        `fristwerk clock replay ledgers.json > answers.json`

        `generate-ledgers | fristwerk clock replay -`

    Args:
        file: JSON file; - reads standard input.

    Returns:
        0 if all ledgers were played, 1 if some could not be, 2 if the file is none.
    """
    try:
        ledgers, troubles = _read(file)
    except UsageError as error:
        complain(str(error))
        return NO_SENSE
    answers: list[dict[str, Any]] = []
    for ledger in ledgers:
        try:
            answers.append(play(ledger))
        except (ValueError, OverflowError) as error:
            troubles.append(f"ledger {ledger.id}: {error}")
    return _finish(answers, troubles)


def simulate(file: File, /, *, concurrency: WholeNumber = 16) -> int:
    """Play ledgers through the real workflow on a Temporal server that skips time; print the same JSON.

    Starts a server of its own, needs nothing else, and touches no data. Answers agree with `clock replay`
    within 5 seconds. The ledgers must lie in the future, for a virtual clock cannot go back.

    Examples:
        `fristwerk simulate ledgers.json --concurrency 8 > answers.json`

    Args:
        file: JSON file as for `clock replay`; - reads standard input.
        concurrency: How many ledgers are under way at once.

    Returns:
        0 if all ledgers were played, 1 if some could not be, 2 if the file is none.
    """
    try:
        if not 1 <= concurrency <= _MOST_AT_ONCE:
            raise UsageError(f"--concurrency: must be a number from 1 to {_MOST_AT_ONCE}")
        ledgers, troubles = _read(file)
    except UsageError as error:
        complain(str(error))
        return NO_SENSE
    moment = now()
    future = [ledger for ledger in ledgers if ledger.registered_at > moment]
    troubles += [
        f"ledger {ledger.id}: registered_at {iso(ledger.registered_at)} lies in the past; "
        "a virtual clock only reaches the future"
        for ledger in ledgers
        if ledger.registered_at <= moment
    ]
    answers: list[dict[str, Any]] = []
    if future:
        try:
            with _quiet_standard_output():
                answers = asyncio.run(_simulate(future, concurrency))
        except (ValueError, RuntimeError, OSError, TemporalError, SimulationError) as error:
            troubles.append(f"The simulation could not be run: {error}")
    code = _finish(answers, troubles)
    sys.stdout.flush()
    sys.stderr.flush()
    # A process that ran a worker may crash while the interpreter finalizes; there is nothing left to do.
    os._exit(code)


@contextmanager
def _quiet_standard_output() -> Iterator[None]:
    """What child processes say goes to standard error: the server greets on the output it inherits."""
    sys.stdout.flush()
    ours = os.dup(_OUTPUT)
    os.dup2(_ERROR, _OUTPUT)
    try:
        yield
    finally:
        os.dup2(ours, _OUTPUT)
        os.close(ours)


async def _simulate(ledgers: Sequence[Vector], concurrency: int) -> list[dict[str, Any]]:
    with ProgressView(err()) as view:
        view.phase("Simulating", len(ledgers), "ledgers")
        async with skipping_environment() as environment:
            return await Simulator(environment).play_all(
                ledgers, at_once=concurrency, progress=lambda: view.advance(1)
            )


def _read(file: Path) -> tuple[list[Vector], list[str]]:
    """The ledgers of a file, and what is wrong with those that are none.

    Raises:
        UsageError: the file cannot be read, or holds no list.
    """
    try:
        text = sys.stdin.read() if file == _STANDARD_INPUT else file.read_text(encoding="utf-8")
        raw = json.loads(text)
    except OSError as error:
        raise UsageError(f"FILE: {file} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"FILE: {file} holds no JSON ({error})") from error
    if not isinstance(raw, list):
        raise UsageError(f"FILE: {file} must hold a list of ledgers")
    ledgers: list[Vector] = []
    troubles: list[str] = []
    for place, entry in enumerate(raw, start=1):
        try:
            ledgers.append(read_vector(entry))
        except VectorError as error:
            troubles.append(f"entry {place}: {error}")
    return ledgers, troubles


def _finish(answers: list[dict[str, Any]], troubles: list[str]) -> int:
    print_json(answers)
    for trouble in troubles:
        complain(trouble)
    return NOT_DONE if troubles else DONE
