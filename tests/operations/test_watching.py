"""Every alert has a page and is tried both ways; every query parses; dashboards are as they are written."""

from __future__ import annotations

import re

import promql_parser
import pytest

from cli.app import build
from deploy.grafana.boards import BOARDS, FOLDER
from tests.operations.watching import (
    ONLY_LATER,
    PROJECT,
    expectations,
    named_metrics,
    queries,
    rules,
    scraped_jobs,
    selectors,
)
from workers.embedded.stack import STANDARD_PORTS

PAGES = PROJECT / "docs/operations/alerts"


def test_every_alert_has_a_page_that_helps() -> None:
    wanted = {re.sub(r"(?<!^)(?=[A-Z])", "-", rule.alert).lower() for rule in rules()}
    assert {page.stem for page in PAGES.glob("*.md")} - {"index"} == wanted
    listed = (PAGES / "index.md").read_text(encoding="utf-8")
    for rule in rules():
        page = PROJECT / rule.annotations["runbook"]
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {rule.alert}\n"), page
        for part in ("## What it means", "## Find the cause", "## Repair"):
            assert f"\n{part}\n" in text, (page, part)
        assert f"({page.name})" in listed, page
        assert set(rule.annotations) == {"summary", "description", "runbook"}
        assert rule.labels["severity"] in {"warning", "critical"}


def test_every_command_of_the_pages_exists() -> None:
    known = set(build())
    for page in PAGES.glob("*.md"):
        for command in re.findall(r"`fristwerk ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert command in known, (page.name, command)


def test_every_alert_is_tried_firing_and_silent() -> None:
    told = expectations()
    fires = {one.alertname for one in told if one.exp_alerts}
    silent = {one.alertname for one in told if not one.exp_alerts}
    assert fires == silent == {rule.alert for rule in rules()}


def test_every_query_parses_and_names_a_job_that_is_scraped() -> None:
    jobs = scraped_jobs()
    for query in queries():
        for selector in selectors(promql_parser.parse(query.text)):
            for matcher in selector.matchers.matchers:
                assert matcher.name != "job" or matcher.value in jobs, query
    assert len(named_metrics()) > 40
    assert set(named_metrics()) >= ONLY_LATER
    with pytest.raises(ValueError, match="parenthesis"):
        promql_parser.parse("sum by (tenant (fristwerk_leads)")


def test_the_embedded_stack_is_scraped_on_its_usual_ports_for_the_same_jobs() -> None:
    told = (PROJECT / "deploy/prometheus/embedded.yml").read_text(encoding="utf-8")
    assert scraped_jobs("embedded.yml") == scraped_jobs()
    for name in ("api", "worker-ops", "worker-sdk-metrics", "temporal-metrics"):
        assert f'"127.0.0.1:{STANDARD_PORTS[name]}"' in told, name


def test_a_page_calls_compose_with_its_variables() -> None:
    """Compose refuses every command without them; `dc` is the name that has them."""
    for page in PAGES.glob("*.md"):
        assert "`docker compose " not in page.read_text(encoding="utf-8"), page.name


def test_dashboards_are_as_they_are_written() -> None:
    for board in BOARDS:
        kept = (FOLDER / f"{board.name}.json").read_text(encoding="utf-8")
        assert kept == board.json(), "write them anew: python -m deploy.grafana.boards"
    assert {file.stem for file in FOLDER.glob("*.json")} == {board.name for board in BOARDS}
