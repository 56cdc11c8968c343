"""Alert rules and dashboards as the real tools read them: what `make check` asks them.

    python -m tests.operations.watching

needs promtool and amtool; on Debian, as root, it installs them. A run without them is a failure: rules that
nobody has read are none.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import promql_parser
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from deploy.grafana.boards import BOARDS
from tests.e2e.browser.chromium import can_install, this_machine

PROJECT: Final = Path(__file__).resolve().parents[2]
PROMETHEUS: Final = PROJECT / "deploy/prometheus"
CHECKS: Final = (
    ("promtool", "check", "config", "--syntax-only", str(PROMETHEUS / "prometheus.yml")),
    ("promtool", "check", "config", "--syntax-only", str(PROMETHEUS / "embedded.yml")),
    ("promtool", "check", "rules", str(PROMETHEUS / "alerts.yml")),
    ("promtool", "test", "rules", str(PROMETHEUS / "alerts_test.yml")),
    ("amtool", "check-config", str(PROJECT / "deploy/alertmanager/alertmanager.yml")),
)
# The library's parser gives counters other names than Prometheus does.
_SAMPLE: Final = re.compile(r"^([A-Za-z_:][A-Za-z0-9_:]*)[{ ]", re.MULTILINE)
_PACKAGES: Final = {"promtool": "prometheus", "amtool": "prometheus-alertmanager"}
HOW: Final = (
    "Missing: {missing}. They read the alert rules. To get them: "
    "`apt install prometheus prometheus-alertmanager` (Debian, Ubuntu), "
    "`brew install prometheus alertmanager` (macOS), or the releases of prometheus.io."
)
# Told only once it has happened. Proven in tests/watch: the SDK's in test_sdk_metrics.py, the others in
# test_figures.py.
ONLY_LATER: Final = frozenset(
    {
        "fristwerk_ai_calls_last_day",
        "fristwerk_credit_p95_seconds",
        "fristwerk_divergences",
        "fristwerk_audit_chain_broken",
        "fristwerk_reconciliation_age_seconds",
        "fristwerk_reconciliation_leads",
        "temporal_workflow_task_execution_failed_total",
    }
)


class Rule(BaseModel):
    """An alert."""

    model_config = ConfigDict(extra="forbid")

    alert: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]


class Expected(BaseModel):
    """What a test says of an alert at an instant."""

    alertname: str
    exp_alerts: list[Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A query, and where it stands."""

    where: str
    text: str


def rules() -> list[Rule]:
    """Every alert."""
    told = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text(encoding="utf-8"))
    found = [
        {name: value for name, value in rule.items() if name != "for"}
        for group in told["groups"]
        for rule in group["rules"]
    ]
    return TypeAdapter(list[Rule]).validate_python(found)


def expectations() -> list[Expected]:
    """What the tests say of alerts."""
    told = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text(encoding="utf-8"))
    found = [check for test in told["tests"] for check in test["alert_rule_test"]]
    return TypeAdapter(list[Expected]).validate_python(found)


def scraped_jobs(configuration: str = "prometheus.yml") -> set[str]:
    """The jobs that rules and dashboards may name.

    Args:
        configuration: the name of Prometheus's file.
    """
    told = yaml.safe_load((PROMETHEUS / configuration).read_text(encoding="utf-8"))
    return {str(job["job_name"]) for job in told["scrape_configs"]}


def queries() -> Iterator[Query]:
    """All that rules and dashboards ask."""
    for rule in rules():
        yield Query(rule.alert, rule.expr)
    for board in BOARDS:
        for text in board.queries():
            yield Query(board.name, text)


def selectors(node: Any) -> Iterator[promql_parser.VectorSelector]:
    """The metrics that a parsed query looks at, with what it wants of their labels."""
    match node:
        case promql_parser.VectorSelector():
            yield node
        case promql_parser.MatrixSelector():
            yield node.vector_selector
        case promql_parser.BinaryExpr():
            yield from selectors(node.lhs)
            yield from selectors(node.rhs)
        case promql_parser.Call():
            for argument in node.args:
                yield from selectors(argument)
        case promql_parser.AggregateExpr() | promql_parser.ParenExpr():
            yield from selectors(node.expr)
        case promql_parser.NumberLiteral() | promql_parser.StringLiteral():
            return
        case _:
            raise AssertionError(f"a kind of query that is not looked into: {type(node).__name__}")


def named_metrics() -> dict[str, str]:
    """Every metric that a rule or a dashboard names, and where it first does; `up` is Prometheus's own."""
    found: dict[str, str] = {}
    for query in queries():
        for selector in selectors(promql_parser.parse(query.text)):
            found.setdefault(str(selector.name), query.where)
    found.pop("up")
    return found


def exported(*pages: str) -> set[str]:
    """The names of all samples on pages in the text format."""
    return {name for page in pages for name in _SAMPLE.findall(page)}


def _got() -> list[str]:
    missing = [tool for tool in _PACKAGES if shutil.which(tool) is None]
    if missing and can_install(this_machine()):
        packages = [_PACKAGES[tool] for tool in missing]
        print(f"installing {' and '.join(packages)} with apt …", flush=True)
        options = ["-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"]
        told = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", *options],
            ["apt-get", "install", "--yes", "--no-install-recommends", *options, *packages],
        ):
            done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                print(f"{' '.join(command)}\n{done.stdout}{done.stderr}", file=sys.stderr)
                break
        missing = [tool for tool in missing if shutil.which(tool) is None]
    return missing


def main() -> int:
    """Have everything read by the tools; the status is 1 where one is missing or refuses something."""
    missing = _got()
    if missing:
        print(HOW.format(missing=", ".join(missing)), file=sys.stderr)
        return 1
    for command in CHECKS:
        print(" ".join(command).replace(f"{PROJECT}/", ""), flush=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{done.stdout}{done.stderr}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
