"""Charts as plain geometry: bars on top of or beside each other; `parts/chart.html.j2` draws them as SVG.

Colours are classes, every bar says in words what it shows, and the same numbers follow as a table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 560
HEIGHT: Final = 230
_LEFT: Final = 62
_RIGHT: Final = 8
_TOP: Final = 12
_BOTTOM: Final = 30
_MOST_LABELS: Final = 8
_LINES: Final = 4
_FILLED: Final = 0.74  # of the room a bar has
_WIDEST: Final = 46.0


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of number.

    Attributes:
        key: names its colour: class `tone-<key>`.
        label: what it is, in the reader's language.
    """

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The numbers of one part, one for each series.

    Attributes:
        label: which part, in full.
        short: the same below the axis.
        values: None is unknown, and drawn as nothing.
    """

    label: str
    short: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A drawn rectangle: class of its colour, and what it says when pointed at."""

    tone: str
    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at a place along an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """The same numbers as a line of a table, in words."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart ready to be drawn, and to be read out.

    Attributes:
        name: of the elements of the page that belong to it.
        summary: what it shows, in a sentence.
        nothing: whether all numbers are zero or unknown.
    """

    name: str
    title: str
    summary: str
    series: tuple[Series, ...]
    blocks: tuple[Block, ...]
    lines: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    rows: tuple[Row, ...]
    nothing: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    floor: int = HEIGHT - _BOTTOM


def drawn(
    name: str,
    title: str,
    summary: str,
    *,
    series: Sequence[Series],
    bars: Sequence[Bar],
    spoken: Callable[[float], str],
    beside: bool = False,
) -> Chart:
    """A chart of these bars.

    Args:
        spoken: a number in the reader's language.
        beside: whether the series stand beside each other instead of on top.
    """
    heights = [
        max(known, default=0.0) if beside else sum(known)
        for known in ([value for value in bar.values if value] for bar in bars)
    ]
    top = nice_top(max(heights, default=0.0))
    room = (WIDTH - _LEFT - _RIGHT) / max(len(bars), 1)
    floor = HEIGHT - _BOTTOM
    scale = (floor - _TOP) / top
    plane = _Plane(room, scale, spoken, beside)
    blocks = tuple(block for place, bar in enumerate(bars) for block in plane.blocks(place, bar, series))
    every = math.ceil(len(bars) / _MOST_LABELS) if bars else 1
    return Chart(
        name=name,
        title=title,
        summary=summary,
        series=tuple(series),
        blocks=blocks,
        lines=tuple(
            Mark(round(floor - scale * top * step / _LINES, 2), spoken(top * step / _LINES))
            for step in range(_LINES + 1)
        ),
        labels=tuple(
            Mark(round(_LEFT + (place + 0.5) * room, 2), bar.short)
            for place, bar in enumerate(bars)
            if place % every == 0
        ),
        rows=tuple(
            Row(bar.label, tuple("–" if value is None else spoken(value) for value in bar.values))
            for bar in bars
        ),
        nothing=not any(heights),
    )


def nice_top(highest: float) -> float:
    """The end of an axis: the least of 4, 8, 10, 20, 40, 80, 100 … that holds the highest number."""
    if highest <= 0:
        return float(_LINES)
    if highest <= 1:
        return 1.0
    size = 10.0 ** math.floor(math.log10(highest))
    return next(size * step for step in (1, 2, 4, 8, 10) if size * step >= max(highest, _LINES) - 1e-9)


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where bars stand: room for each, height of one unit, and how numbers are told."""

    room: float
    scale: float
    spoken: Callable[[float], str]
    beside: bool

    def blocks(self, place: int, bar: Bar, series: Sequence[Series]) -> Iterator[Block]:
        """The blocks of the bar at this place, from the left."""
        width = min(self.room * _FILLED, _WIDEST)
        left = _LEFT + place * self.room + (self.room - width) / 2
        each = width / len(series) if self.beside else width
        base = float(HEIGHT - _BOTTOM)
        for number, (one, value) in enumerate(zip(series, bar.values, strict=True)):
            if not value:
                continue
            height = value * self.scale
            yield Block(
                tone=one.key,
                x=round(left + (number * each if self.beside else 0), 2),
                y=round(base - height, 2),
                width=round(max(each - (1 if self.beside else 0), 0.5), 2),
                height=round(height, 2),
                says=f"{bar.label} · {one.label}: {self.spoken(value)}",
            )
            if not self.beside:
                base -= height
