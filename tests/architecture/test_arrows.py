"""Arrows point inward: who may import whom. The second witness beside import-linter."""

import sys
from pathlib import Path

import pytest

import workflows
from tests.architecture.sources import PROJECT, ROOMS, files, imports, name

ALLOWED = {
    "protection": set[str](),
    "activities": {"protection"},
    "workflows": {"protection", "activities"},
    "adapters": {"protection", "activities"},
    "workers": {"protection", "activities", "workflows", "adapters"},
    "services": {"protection", "activities", "adapters"},
    "api": {"protection", "activities", "adapters", "services"},
    "client": set[str](),
    "cli": {"protection", "activities", "workflows", "adapters", "workers", "services", "api", "sandbox"},
    "sandbox": set[str](),
}
# A workflow's published contract: what may be sent to it, and what everything is called.
CONTRACT = {
    "workflows.messages",
    "workflows.request_messages",
    "workflows.erasure_start",
    "workflows.campaign_start",
    "workflows.sample_start",
    "workflows.credit_start",
    "workflows.ai_start",
    "workflows.erp_start",
    "workflows.inbox_start",
    "workflows.mail_messages",
    "workflows.mail_start",
    "workflows.reconciliation_start",
    "workflows.webhook_start",
    "workflows.names",
}
NOT_IN_WORKFLOWS = {
    "zoneinfo",
    "holidays",
    "whenever",
    "pendulum",
    "random",
    "asyncpg",
    "time",
    "os",
    "socket",
}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_lies_further_in(room: str) -> None:
    wrong = []
    for file in files(room):
        for module, line in imports(file):
            other = module.split(".")[0]
            outward = other in ROOMS and other != room and other not in ALLOWED[room]
            if outward and not (room in {"adapters", "services"} and module in CONTRACT):
                wrong.append(f"{name(file)}:{line} imports {module}")
    assert wrong == []


def test_the_core_needs_nothing_but_the_standard_library() -> None:
    wrong = [
        f"{name(file)}:{line} imports {module}"
        for file in files("protection")
        for module, line in imports(file)
        if module.split(".")[0] not in sys.stdlib_module_names | {"protection"}
    ]
    assert wrong == []


def test_no_workflow_file_makes_a_time_zone_or_reaches_outside() -> None:
    wrong = [
        f"{name(file)}:{line} imports {module}"
        for file in files("workflows")
        for module, line in imports(file)
        if module.split(".")[0] in NOT_IN_WORKFLOWS
    ]
    assert wrong == []


def test_workflows_is_our_package_and_no_namesake() -> None:
    assert workflows.__file__ is not None
    assert Path(workflows.__file__).is_relative_to(PROJECT)
