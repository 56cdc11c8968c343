"""What the page tells about a system outside, and what every system's module is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from activities.upstreams import Fault
from adapters.breaker import BreakerState, Standing
from adapters.upstream_standings import standings_of
from api.pages.texts import N_
from api.pages.view import View


class SystemState(StrEnum):
    """How a system stands. Wire names.

    Attributes:
        UP: it answers, or did its work when it was last needed.
        TROUBLED: it works, but somebody should look.
        DOWN: it does not answer.
        UNUSED: it was not needed yet, so nobody knows.
        ABSENT: it is not connected in this installation.
    """

    UP = "up"
    TROUBLED = "troubled"
    DOWN = "down"
    UNUSED = "unused"
    ABSENT = "absent"


STATES: Final = {
    SystemState.UP: ("good", N_("works")),
    SystemState.TROUBLED: ("warn", N_("needs a look")),
    SystemState.DOWN: ("bad", N_("does not answer")),
    SystemState.UNUSED: ("quiet", N_("not needed yet")),
    SystemState.ABSENT: ("quiet", N_("not connected")),
}

FAULTS: Final = {
    Fault.TIMEOUT: N_("no answer in time"),
    Fault.NO_CONNECTION: N_("nobody there"),
    Fault.CONNECTION_LOST: N_("the connection broke"),
    Fault.NOT_TRUSTED: N_("certificate not trusted"),
    Fault.TLS_FAILED: N_("no encrypted connection"),
    Fault.SERVER_ERROR: N_("it says that it is broken"),
    Fault.BUSY: N_("it asks for a pause"),
    Fault.WRONG_CREDENTIALS: N_("key or password not accepted"),
    Fault.REFUSED: N_("request refused"),
    Fault.MALFORMED: N_("answer not as documented"),
    Fault.HALF_ANSWER: N_("half an answer"),
    Fault.CIRCUIT_OPEN: N_("left alone for a while"),
}
ADVICE: Final = {
    Fault.TIMEOUT: N_("It is slow or away. It is asked again by itself; if it lasts, ask its operator."),
    Fault.NO_CONNECTION: N_("Correct its address, or wait: it is asked again by itself."),
    Fault.CONNECTION_LOST: N_("It is asked again by itself; if it lasts, ask its operator."),
    Fault.NOT_TRUSTED: N_(
        "Its certificate is not trusted. Check the address, or name its CA in OUTSIDE_CA_FILE."
    ),
    Fault.TLS_FAILED: N_("No encrypted connection came about. Check address and port."),
    Fault.SERVER_ERROR: N_("It is broken at its own end. It is asked again by itself."),
    Fault.BUSY: N_("It has had enough of us for now. It is asked again after the pause it asks for."),
    Fault.WRONG_CREDENTIALS: N_(
        "Correct the key or the password in the settings of this installation, and start again."
    ),
    Fault.REFUSED: N_("It refuses what we ask. Look at the log."),
    Fault.MALFORMED: N_("It answers otherwise than documented. Check its address and its version."),
    Fault.HALF_ANSWER: N_(
        "Its answers break off. It is asked again by itself; if it lasts, ask its operator."
    ),
    Fault.CIRCUIT_OPEN: N_("It failed too often just now and is left alone for half a minute."),
}
BREAKERS: Final = {
    BreakerState.CLOSED: N_("closed: it is asked"),
    BreakerState.OPEN: N_("open: it is left alone for a while"),
    BreakerState.PROBING: N_("one call finds out whether it is back"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something to know about a system: English wording, and a value, or an instant.

    Attributes:
        value: shown as it is; a text of the catalogue is shown in the reader's language.
    """

    text: str
    value: str | int | datetime


@dataclass(frozen=True, slots=True)
class Link:
    """Where more about a system is: a path of ours, and English wording."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How a system was found. UTC instants; None is not known.

    Attributes:
        worked: when it last did what it is for.
        failed: when it last did not.
        advice: what to do, in English; None where there is nothing.
    """

    state: SystemState
    worked: datetime | None = None
    failed: datetime | None = None
    lines: tuple[Line, ...] = ()
    links: tuple[Link, ...] = ()
    advice: str | None = None


ABSENT: Final = Found(state=SystemState.ABSENT)


@dataclass(frozen=True, slots=True)
class Integration:
    """A system outside.

    Attributes:
        name: wire name.
        title: English.
        purpose: what it is for, in English.
        probe: finds out how it stands; None where it is not connected.
    """

    name: str
    title: str
    purpose: str
    probe: Callable[[View], Awaitable[Found]] | None = None


def asked(view: View, name: str, *, up: bool, lines: tuple[Line, ...], advice: str) -> Found:
    """What a direct question came to, with what earlier ones came to."""
    seen = view.wiring.sightings.note(name, view.now(), up=up)
    return Found(
        state=SystemState.UP if up else SystemState.DOWN,
        worked=seen.up,
        failed=seen.down,
        lines=lines,
        advice=None if up else advice,
    )


async def by_standings(
    view: View, *systems: str, lines: tuple[Line, ...] = (), links: tuple[Link, ...] = ()
) -> Found:
    """How a system stands as the processes saw it that speak to it, with advice for what it last failed with.

    Args:
        systems: names of its breakers, for whoever has more than one.
    """
    async with view.looking() as connection:
        told = [one for name in systems for one in await standings_of(connection, view.caller.tenant, name)]
    seen = [one.standing for one in told]
    worked = max((one.answered for one in seen if one.answered), default=None)
    last = max((one for one in seen if one.failed), key=lambda one: one.failed or one.since, default=None)
    failing = last is not None and last.failed is not None and (worked is None or worked < last.failed)
    fault = None if last is None else last.fault
    shown = [
        Line(
            N_("Breaker"),
            (f"{one.standing.name}, " if len(systems) > 1 else "")
            + f"{one.process}: {view.text(BREAKERS[one.standing.state])}",
        )
        for one in told
    ]
    if fault is not None:
        shown.append(Line(N_("Why the last one failed"), FAULTS[fault]))
    return Found(
        state=_state(seen, failing=failing, worked=worked),
        worked=worked,
        failed=None if last is None else last.failed,
        lines=(*shown, *lines),
        links=links,
        advice=ADVICE[fault] if failing and fault is not None else None,
    )


def _state(seen: Sequence[Standing], *, failing: bool, worked: datetime | None) -> SystemState:
    open_ones = [one for one in seen if one.state is not BreakerState.CLOSED]
    if open_ones and (failing or len(open_ones) == len(seen)):
        return SystemState.DOWN
    if failing or open_ones:
        return SystemState.TROUBLED
    return SystemState.UNUSED if worked is None else SystemState.UP
