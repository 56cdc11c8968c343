"""What a dashboard is made of, and how Grafana reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.builders import dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import BigValueColorMode
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

_SOURCE: Final = DataSourceRef(type_val="prometheus", uid="fristwerk-prometheus")
SECONDS: Final = "s"
BYTES: Final = "bytes"
PER_SECOND: Final = "reqps"
SHARE: Final = "percentunit"
EUR: Final = "currencyEUR"


@dataclass(frozen=True, slots=True)
class Curve:
    """A query and what its curves are called."""

    query: str
    name: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Curves over time.

    Attributes:
        says: what they tell, for whoever does not know.
        unit: Grafana's id of a unit.
    """

    title: str
    says: str
    curves: tuple[Curve, ...]
    unit: str = "short"


@dataclass(frozen=True, slots=True)
class Number:
    """A single number, red from a limit on; with `below`, red as long as it is below."""

    title: str
    says: str
    query: str
    limit: float
    unit: str = "short"
    below: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard.

    Attributes:
        name: of its file, and in its address.
    """

    name: str
    title: str
    parts: tuple[Number | Graph, ...]

    def queries(self) -> Iterator[str]:
        """All that it asks."""
        for part in self.parts:
            if isinstance(part, Number):
                yield part.query
            else:
                yield from (curve.query for curve in part.curves)

    def json(self) -> str:
        """What Grafana reads."""
        made = (
            dashboard.Dashboard(self.title)
            .uid(f"fristwerk-{self.name}")
            .tags(["fristwerk"])
            .refresh("30s")
            .time("now-24h", "now")
            .timezone("browser")
            .readonly()
        )
        for part in self.parts:
            made.with_panel(_number(part) if isinstance(part, Number) else _graph(part))
        return JSONEncoder(sort_keys=True, indent=1).encode(made.build()) + "\n"


def _number(part: Number) -> stat.Panel:
    first, then = ("red", "green") if part.below else ("green", "red")
    steps = [Threshold(color=first, value=None), Threshold(color=then, value=part.limit)]
    return (
        stat.Panel()
        .title(part.title)
        .description(part.says)
        .unit(part.unit)
        .datasource(_SOURCE)
        .thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
        .color_mode(BigValueColorMode.BACKGROUND)
        .height(5)
        .span(4)
        .with_target(prometheus.Dataquery().ref_id("A").expr(part.query))
    )


def _graph(part: Graph) -> timeseries.Panel:
    panel = (
        timeseries.Panel()
        .title(part.title)
        .description(part.says)
        .unit(part.unit)
        .datasource(_SOURCE)
        .min(0)
        .height(8)
        .span(12)
    )
    for letter, curve in zip("ABCDEF", part.curves, strict=False):
        panel.with_target(prometheus.Dataquery().ref_id(letter).expr(curve.query).legend_format(curve.name))
    return panel


def graph(title: str, says: str, *curves: tuple[str, str], unit: str = "short") -> Graph:
    """Curves over time, each a query and its name."""
    return Graph(title, says, tuple(Curve(query, name) for query, name in curves), unit)


def p95(metric: str, by: str = "", only: str = "") -> str:
    """A query: how long 95 of 100 took at most, within five minutes.

    Args:
        metric: a histogram, without its suffix.
        by: labels to tell apart, beside the histogram's own.
        only: what of it, as in a selector.
    """
    return f"histogram_quantile(0.95, sum by (le{by and ', '}{by}) (rate({metric}_bucket{only}[5m])))"


def whose(metric: str) -> str:
    """A query: a figure by tenant, however many workers tell it."""
    return f"max by (tenant) ({metric})"
