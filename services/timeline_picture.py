"""The timeline picture: a lead's story as places on a canvas. Pure geometry, no words and no colours.

`tell` (timeline_picture_story.py) says what there is in time; `draw` says where it lies. Everything drawn
belongs to an entry of the picture's table, which explains it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from protection.dates import zone
from services.timeline_picture_axis import Scale, Tick, ticks
from services.timeline_picture_parts import (
    DEADLINES,
    Bar,
    BarKind,
    Lane,
    Mark,
    MarkKind,
    Story,
    Told,
)

# What lies longer before the beginning than this is shown at the edge.
_BEFORE: Final = timedelta(days=45)
_AFTER_THE_END: Final = timedelta(days=45)
_ROOM: Final = 0.03
_FADE: Final = 0.15
_LEAST: Final = timedelta(days=14)
_LEAST_FADE: Final = timedelta(days=30)
# How many activities without bearing on a deadline the table names.
MOST_ACTIVITIES: Final = 50

_RANK: Final = {
    MarkKind.LAPSE: 0,
    MarkKind.BASE_END: 1,
    MarkKind.GRACE_END: 1,
    MarkKind.PROGRESS_DUE: 1,
    MarkKind.RESERVED_END: 1,
    MarkKind.REMINDER: 2,
    MarkKind.PROGRESS: 3,
    MarkKind.ACTIVITY: 9,
}
_PLAIN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Canvas:
    """How much room there is, in units of the picture.

    Attributes:
        left: where time begins; lanes are named to the left of it, or, without room there, above them.
        apart: how far labels of the axis have to be from each other.
        target: side of the square in which a pin can be pointed at; no two of a lane overlap.
    """

    width: float = 960
    left: float = 148
    right: float = 896
    top: float = 46
    lane: float = 28
    gap: float = 14
    heading: float = 0
    apart: float = 58
    target: float = 24


WIDE: Final = Canvas()
NARROW: Final = Canvas(width=360, left=12, right=308, gap=6, heading=20, apart=46)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table: what is drawn, from when to when, and why. `end` is None while unknown.

    Attributes:
        key: unique in the picture.
        to_come: it lies after now.
    """

    key: str
    kind: BarKind | MarkKind
    start: datetime
    end: datetime | None
    lasts: bool
    deadline: bool
    to_come: bool
    supposed: bool
    told: Told


# An entry and its place along the lane.
Placed: TypeAlias = tuple[float, Entry]


@dataclass(frozen=True, slots=True)
class Shape:
    """A bar; `fades` where its end is unknown."""

    key: str
    kind: BarKind
    lane: Lane
    x: float
    y: float
    width: float
    height: float
    fades: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """Something to point at: one mark, or several that lie too near to be told apart.

    Attributes:
        kind: of the weightiest.
        keys: entries, that one first.
    """

    kind: MarkKind | BarKind
    lane: Lane
    x: float
    y: float
    keys: tuple[str, ...]
    to_come: bool
    supposed: bool


@dataclass(frozen=True, slots=True)
class Whisker:
    """An activity at its very place."""

    x: float
    y: float
    height: float
    progress: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A lane: where its name stands and where its bars lie."""

    lane: Lane
    name_x: float
    name_y: float
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything to draw.

    Attributes:
        bottom: where the lanes end.
        today: None where it lies long after the end.
        entries: the same as a table, in order of time.
        left_out: how many activities the table does not name.
    """

    canvas: Canvas
    height: float
    bottom: float
    today: float | None
    rows: tuple[Row, ...]
    shapes: tuple[Shape, ...]
    pins: tuple[Pin, ...]
    whiskers: tuple[Whisker, ...]
    ticks: tuple[Tick, ...]
    entries: tuple[Entry, ...]
    left_out: int


def draw(story: Story, canvas: Canvas = WIDE) -> Picture:
    """The picture of a story on a canvas."""
    scale = _scale(story, canvas)
    rows = tuple(_rows(story, canvas))
    places = {row.lane: row for row in rows}
    entries, left_out = _entries(story)
    bars = {id(bar): entry for bar, entry in entries if isinstance(bar, Bar)}
    shapes = [_shape(bar, bars[id(bar)].key, scale, places[bar.lane]) for bar in story.bars]
    bottom = rows[-1].y + rows[-1].height + canvas.gap
    return Picture(
        canvas=canvas,
        height=bottom + 8,
        bottom=bottom,
        today=scale.x(story.now) if scale.shows(story.now) else None,
        rows=rows,
        shapes=tuple(shapes),
        pins=tuple(_pins(entries, scale, places, canvas.target)),
        whiskers=tuple(_whiskers(story, scale, places)),
        ticks=ticks(scale, zone(story.policy.timezone), canvas.apart),
        entries=tuple(entry for _, entry in entries),
        left_out=left_out,
    )


def _scale(story: Story, canvas: Canvas) -> Scale:
    known = [bar.end for bar in story.bars if bar.end is not None]
    known += [_start(part) for part in _parts(story)]
    begins = max(min([story.since, *known]), story.since - _BEFORE)
    ends = max([story.since, *known])
    # Long after the end, today would leave no room for the life.
    if story.ended_at is None or story.now - ends <= _AFTER_THE_END:
        ends = max(ends, story.now)
    span = max(ends - begins, _LEAST)
    unknown = any(bar.end is None for bar in story.bars)
    after = max(_FADE * span, _LEAST_FADE) if unknown else _ROOM * span
    return Scale(begins - _ROOM * span, begins + span + after, canvas.left, canvas.right)


def _parts(story: Story) -> list[Bar | Mark]:
    return [*story.bars, *story.marks]


def _start(part: Bar | Mark) -> datetime:
    return part.start if isinstance(part, Bar) else part.at


def _rows(story: Story, canvas: Canvas) -> Iterator[Row]:
    used = {part.lane for part in _parts(story)} | {Lane.STATUS}
    y = canvas.top
    for lane in Lane:
        if lane not in used:
            continue
        y += canvas.heading
        named = canvas.left if canvas.heading else 0.0
        name_y = y - 6 if canvas.heading else y + canvas.lane / 2 + 4
        yield Row(lane, named, name_y, y, canvas.lane)
        y += canvas.lane + canvas.gap


# -------------------------------------------------------------------------------- table


def _entries(story: Story) -> tuple[list[tuple[Bar | Mark, Entry]], int]:
    parts = sorted(_parts(story), key=_start)
    idle = [part for part in parts if isinstance(part, Mark) and part.kind is MarkKind.ACTIVITY]
    silent = {id(part) for part in idle[:-MOST_ACTIVITIES]}
    told = [part for part in parts if id(part) not in silent]
    return [(part, _entry(f"e{n}", part, story.now)) for n, part in enumerate(told, start=1)], len(silent)


def _entry(key: str, part: Bar | Mark, now: datetime) -> Entry:
    if isinstance(part, Bar):
        return Entry(key, part.kind, part.start, part.end, True, False, part.start > now, False, part.told)
    deadline = part.kind in DEADLINES
    return Entry(key, part.kind, part.at, part.at, False, deadline, part.at > now, part.supposed, part.told)


# -------------------------------------------------------------------------------- places


def _shape(bar: Bar, key: str, scale: Scale, row: Row) -> Shape:
    x = scale.x(bar.start)
    end = scale.right if bar.end is None else scale.x(bar.end)
    return Shape(key, bar.kind, bar.lane, x, row.y, round(end - x, 2), row.height, bar.end is None)


def _whiskers(story: Story, scale: Scale, places: dict[Lane, Row]) -> Iterator[Whisker]:
    seen: set[tuple[float, bool]] = set()
    for mark in story.marks:
        if mark.kind not in {MarkKind.PROGRESS, MarkKind.ACTIVITY}:
            continue
        place = (scale.x(mark.at), mark.kind is MarkKind.PROGRESS)
        if place not in seen:
            seen.add(place)
            row = places[mark.lane]
            yield Whisker(place[0], row.y, row.height, place[1])


def _pins(
    entries: Sequence[tuple[Bar | Mark, Entry]], scale: Scale, places: dict[Lane, Row], target: float
) -> Iterator[Pin]:
    """Marks, and pauses at their beginning; those too near to each other share a pin."""
    found: list[Pin] = []
    for lane in Lane:
        here = [
            (scale.x(_start(part)), entry)
            for part, entry in entries
            if part.lane is lane and (isinstance(part, Mark) or part.kind is BarKind.PAUSE)
        ]
        found += [_pin(group, lane, places[lane]) for group in _near(here, target)]
    yield from sorted(found, key=lambda pin: (pin.x, list(Lane).index(pin.lane)))


def _near(here: Sequence[Placed], target: float) -> Iterator[list[Placed]]:
    """Groups along the lane whose weightiest lie a target's width apart, or more."""
    groups: list[list[Placed]] = []
    for one in here:
        group = [one]
        while groups and _weightiest(group)[0] - _weightiest(groups[-1])[0] < target:
            group = groups.pop() + group
        groups.append(group)
    yield from groups


def _weightiest(group: Sequence[Placed]) -> Placed:
    def weight(one: Placed) -> int:
        kind = one[1].kind
        return _RANK.get(kind, _PLAIN) if isinstance(kind, MarkKind) else _PLAIN

    return min(group, key=weight)


def _pin(group: Sequence[Placed], lane: Lane, row: Row) -> Pin:
    first = _weightiest(group)
    keys = (first[1].key, *(entry.key for _, entry in group if entry is not first[1]))
    return Pin(
        kind=first[1].kind,
        lane=lane,
        x=first[0],
        y=row.y + row.height / 2,
        keys=keys,
        to_come=first[1].to_come,
        supposed=any(entry.supposed for _, entry in group),
    )
