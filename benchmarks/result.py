"""A measured ratio: what it is called, what it is held to, and how people see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from rich.table import Table

_DIGITS: Final = 4  # significant ones; more would be noise


class Bound(StrEnum):
    """On which side of its aim a figure should lie."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


class Figure(StrEnum):
    """Which figure an aim is about."""

    OURS = "ours"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure should be."""

    figure: Figure
    bound: Bound
    value: float

    def __str__(self) -> str:
        return f"{self.figure} {self.bound} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Result:
    """One comparison.

    Attributes:
        name: kebab-case, stable.
        ours: what Fristwerk needed or achieved, in `unit`.
        bare: the same of the bare thing beside it.
        unit: of both.
        aim: what it should be; None for a figure that is only told.
    """

    name: str
    ours: float
    bare: float
    unit: str
    aim: Aim | None = None

    @property
    def ratio(self) -> float:
        """Ours by bare."""
        return self.ours / self.bare

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without one."""
        if self.aim is None:
            return None
        value = self.ours if self.aim.figure is Figure.OURS else self.ratio
        return value <= self.aim.value if self.aim.bound is Bound.AT_MOST else value >= self.aim.value

    def to_json(self) -> dict[str, Any]:
        """The line a program reads."""
        return {
            "name": self.name,
            "ours": significant(self.ours),
            "bare": significant(self.bare),
            "ratio": significant(self.ratio),
            "unit": self.unit,
            "aim": None if self.aim is None else str(self.aim),
            "met": self.met,
        }


def significant(value: float) -> float:
    """The value with as many digits as mean anything."""
    return float(f"{value:.{_DIGITS}g}")


def table(results: Sequence[Result]) -> Table:
    """The table a person reads."""
    made = Table(title="Fristwerk beside something bare", title_justify="left")
    made.add_column("what")
    for heading in ("ours", "bare", "ratio"):
        made.add_column(heading, justify="right")
    for heading in ("unit", "aim", "met"):
        made.add_column(heading)
    for result in results:
        made.add_row(
            result.name,
            f"{significant(result.ours):,g}",
            f"{significant(result.bare):,g}",
            f"{result.ratio:.2f}",
            result.unit,
            "" if result.aim is None else str(result.aim),
            {True: "yes", False: "NO", None: ""}[result.met],
        )
    return made
