"""The source files of the rooms, parsed."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PROJECT: Final = Path(__file__).resolve().parents[2]
ROOMS: Final = (
    "protection",
    "workflows",
    "activities",
    "adapters",
    "workers",
    "services",
    "api",
    "client",
    "cli",
    "sandbox",
)


def files(*rooms: str) -> list[Path]:
    """Return the Python files of some rooms."""
    return sorted(file for room in rooms for file in (PROJECT / room).rglob("*.py"))


def name(file: Path) -> str:
    """Return a path as people write it."""
    return str(file.relative_to(PROJECT))


def parsed(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imports(file: Path) -> Iterator[tuple[str, int]]:
    """Yield every module a file imports, with the line."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                inside = PROJECT.joinpath(*module.split("."), f"{alias.name}.py").exists()
                yield (f"{module}.{alias.name}" if inside else module), node.lineno


def tracked() -> list[Path]:
    """Return every file that belongs to the project, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return [PROJECT / found for found in names if found and (PROJECT / found).is_file()]
