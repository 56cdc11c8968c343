"""Fixtures that every room's tests may name."""

from tests.e2e.browser.album import pytest_configure, pytest_terminal_summary
from tests.leftovers import (
    log_as_before,
    nothing_left_running,
    pytest_fixture_setup,
    pytest_runtest_teardown,
)
from tests.outsidefixtures import outside, outside_process
from tests.runs import (
    pytest_collection,
    pytest_collection_modifyitems,
    pytest_runtest_protocol,
    pytest_sessionstart,
    pytest_xdist_make_scheduler,
)
from tests.stackfixtures import (
    fresh_postgres_url,
    postgres_cluster,
    postgres_url,
    smtp_sink,
    smtp_sink_process,
    temporal_env,
)

__all__ = [
    "fresh_postgres_url",
    "log_as_before",
    "nothing_left_running",
    "outside",
    "outside_process",
    "postgres_cluster",
    "postgres_url",
    "pytest_collection",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_fixture_setup",
    "pytest_runtest_protocol",
    "pytest_runtest_teardown",
    "pytest_sessionstart",
    "pytest_terminal_summary",
    "pytest_xdist_make_scheduler",
    "smtp_sink",
    "smtp_sink_process",
    "temporal_env",
]
