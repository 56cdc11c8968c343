"""The figures of a period as charts, and as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from babel.dates import format_date

from adapters.kpi_days import Unit
from api.pages.charts import Bar, Chart, Series, drawn
from api.pages.reader import Reader
from api.pages.texts import N_
from protection.facts import HoldReason
from protection.requests import RequestKind
from protection.state import Status
from services.kpi import Figures
from services.kpi_parts import Part

_DAY: Final = timedelta(days=1)
_SHORT: Final = {"de": "d.M.", "en": "d MMM"}
_MONTH: Final = {"de": "MMM yy", "en": "MMM yy"}
_LOCALE: Final = {"de": "de_DE", "en": "en_GB"}
_STATUSES: Final = (
    (Status.ACTIVE, "active"),
    (Status.GRACE, "grace"),
    (Status.PREREGISTERED, "preregistered"),
)
_HAPPENED: Final = (
    ("entered", N_("New leads")),
    ("won", N_("Became customers")),
    ("reactivated", N_("Saved in grace by progress")),
    ("lapsed", N_("Lapsed")),
)
_KINDS: Final = ((RequestKind.HOLD, N_("Holds")), (RequestKind.EXTENSION, N_("Extensions")))
_SMALL: Final = 100
_MAILS: Final = (("reminded", N_("Reminders sent")), ("bounced", N_("Reminders bounced")))

Say = Callable[[str], str]


def part_label(part: Part, unit: Unit, reader: Reader) -> str:
    """A part of a period in full: a day, from day to day, or a month."""
    if part.first == part.last:
        return reader.day(part.first)
    if unit is Unit.MONTH and _whole_month(part):
        return reader.month(part.first)
    return f"{reader.day(part.first)} – {reader.day(part.last)}"


def _whole_month(part: Part) -> bool:
    return part.first.day == 1 and (part.last + _DAY).day == 1


def _short(part: Part, unit: Unit, reader: Reader) -> str:
    pattern = (_MONTH if unit is Unit.MONTH else _SHORT)[reader.language]
    return format_date(part.first, pattern, locale=_LOCALE[reader.language])


def _median(part: Part, kind: RequestKind) -> float | None:
    found = part.decided.get(kind)
    return None if found is None else found.median / _DAY


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a chart shows: words in English, and the numbers of a part."""

    name: str
    title: str
    summary: str
    series: Callable[[Reader, Say], list[Series]]
    values: Callable[[Part], tuple[float | None, ...]]
    beside: bool = False


_PLANS: Final = (
    _Plan(
        "stood",
        N_("Leads over time"),
        N_("How many leads were protected, in grace and pre-registered at the end of each part."),
        lambda reader, _: [Series(tone, reader.word(status)) for status, tone in _STATUSES],
        lambda part: tuple(getattr(part.stood, tone) for _, tone in _STATUSES),
    ),
    _Plan(
        "happened",
        N_("What became of leads"),
        N_("How often each of these happened."),
        lambda _, say: [Series(name, say(text)) for name, text in _HAPPENED],
        lambda part: tuple(getattr(part, name) for name, _ in _HAPPENED),
        beside=True,
    ),
    _Plan(
        "mails",
        N_("Reminders"),
        N_("Reminders that went out, and those the mail server refused for good."),
        lambda _, say: [Series(name, say(text)) for name, text in _MAILS],
        lambda part: tuple(getattr(part, name) for name, _ in _MAILS),
        beside=True,
    ),
    _Plan(
        "held",
        N_("Days on hold, by reason"),
        N_("Each lead whose clock stood still for a day counts as one day; days that are over."),
        lambda reader, _: [
            Series(f"hold-{place}", reader.word(reason)) for place, reason in enumerate(HoldReason, start=1)
        ],
        lambda part: tuple(part.held.get(reason, 0.0) for reason in HoldReason),
    ),
    _Plan(
        "decided",
        N_("Days until a decision"),
        N_("How long half of those who asked waited at most, in days."),
        lambda _, say: [Series(f"asked-{kind.lower()}", say(text)) for kind, text in _KINDS],
        lambda part: tuple(_median(part, kind) for kind, _ in _KINDS),
        beside=True,
    ),
)


def about(value: float) -> float:
    """A number as exactly as people want it: small ones to a tenth."""
    return round(value, 1) if value < _SMALL else round(value)


def charts(figures: Figures, reader: Reader, say: Say) -> dict[str, Chart]:
    """All charts of a period, by name."""
    unit = figures.period.unit
    names = [(part_label(part, unit, reader), _short(part, unit, reader)) for part in figures.parts]
    return {
        plan.name: drawn(
            plan.name,
            say(plan.title),
            say(plan.summary),
            series=plan.series(reader, say),
            bars=[
                Bar(label, short, plan.values(part))
                for (label, short), part in zip(names, figures.parts, strict=True)
            ],
            spoken=lambda value: reader.number(about(value)),
            beside=plan.beside,
        )
        for plan in _PLANS
    }


def table(figures: Figures) -> Iterator[list[object]]:
    """The figures part by part, one line each below a header; for a spreadsheet."""
    statuses = list(Status)
    happened = ("entered", "activities", "reminded", "bounced", "reactivated", "lapsed", "won")
    kinds = list(RequestKind)
    yield [
        "first",
        "last",
        *(str(status) for status in statuses),
        *happened,
        *(f"holdDays.{reason}" for reason in HoldReason),
        *(f"{what}.{kind}" for kind in kinds for what in ("decided", "medianDays", "longestDays")),
    ]
    for part in figures.parts:
        yield [
            part.first,
            part.last,
            *(getattr(part.stood, status.lower()) for status in statuses),
            *(getattr(part, name) for name in happened),
            *(round(part.held.get(reason, 0.0), 3) for reason in HoldReason),
            *(cell for kind in kinds for cell in _decision(part, kind)),
        ]


def _decision(part: Part, kind: RequestKind) -> Iterable[object]:
    found = part.decided.get(kind)
    if found is None:
        return 0, "", ""
    return found.decided, round(found.median / _DAY, 3), round(found.longest / _DAY, 3)
