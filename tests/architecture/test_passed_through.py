"""What the sandbox does not watch touches the world only through Temporal's workflow API."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import PROJECT, files, name, parsed
from tests.architecture.test_purity import FORBIDDEN_ATTRIBUTES, FORBIDDEN_MODULES, FORBIDDEN_NAMES
from workers.registry import PASSED_THROUGH

# Of asyncio only what Temporal's own event loop carries out.
ASYNCIO = {"create_task", "Task"}
# The type of an id; what makes ids is forbidden by name.
MODULES = FORBIDDEN_MODULES - {"asyncio", "uuid"}


def _passed_through() -> list[Path]:
    found: list[Path] = []
    for module in PASSED_THROUGH:
        path = PROJECT.joinpath(*module.split("."))
        if path.is_dir():
            found += files(module)
        elif path.with_suffix(".py").exists():
            found.append(path.with_suffix(".py"))
    return found


def _by_workflow(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "workflow"


@pytest.mark.parametrize("file", _passed_through(), ids=name)
def test_no_clock_no_chance_no_outside_but_by_the_workflow_api(file: Path) -> None:
    wrong = []
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "asyncio":
                if node.attr not in ASYNCIO:
                    wrong.append(f"{name(file)}:{node.lineno} uses asyncio.{node.attr}")
            elif node.attr in FORBIDDEN_ATTRIBUTES and not _by_workflow(node):
                wrong.append(f"{name(file)}:{node.lineno} uses .{node.attr}")
        elif isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
            wrong.append(f"{name(file)}:{node.lineno} uses {node.id}")
        elif isinstance(node, ast.Global | ast.Nonlocal):
            wrong.append(f"{name(file)}:{node.lineno} changes an outer variable")
        elif isinstance(node, ast.Import):
            wrong += [
                f"{name(file)}:{node.lineno} imports {alias.name}"
                for alias in node.names
                if alias.name.split(".")[0] in MODULES
            ]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES | {"asyncio"}:
            wrong.append(f"{name(file)}:{node.lineno} imports from {node.module}")
    assert wrong == []
