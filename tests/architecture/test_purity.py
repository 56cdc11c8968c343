"""The core is a function of its arguments: no clock, no chance, no environment, no files."""

import ast

from tests.architecture.sources import files, name, parsed

# Temporal's sandbox does not watch modules that are passed through, so this test does.
FORBIDDEN_ATTRIBUTES = {
    "now", "today", "utcnow", "uuid1", "uuid4", "uuid7", "environ", "getenv", "urandom", "monotonic",
    "perf_counter", "time_ns", "localtime", "gmtime", "token_hex", "token_urlsafe", "read_text", "write_text",
    "read_bytes", "write_bytes",
}  # fmt: skip
FORBIDDEN_NAMES = {"open", "input", "print", "eval", "exec", "__import__", "globals", "breakpoint"}
FORBIDDEN_MODULES = {
    "os", "sys", "io", "time", "random", "secrets", "uuid", "pathlib", "socket", "subprocess", "threading",
    "asyncio", "logging", "locale", "tempfile", "shutil",
}  # fmt: skip


def test_the_core_reads_no_clock_no_chance_no_environment_no_file() -> None:
    wrong = []
    for file in files("protection"):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_ATTRIBUTES:
                wrong.append(f"{name(file)}:{node.lineno} uses .{node.attr}")
            elif isinstance(node, ast.Name) and node.id in FORBIDDEN_NAMES:
                wrong.append(f"{name(file)}:{node.lineno} uses {node.id}")
            elif isinstance(node, ast.Import):
                wrong += [
                    f"{name(file)}:{node.lineno} imports {alias.name}"
                    for alias in node.names
                    if alias.name.split(".")[0] in FORBIDDEN_MODULES
                ]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN_MODULES:
                wrong.append(f"{name(file)}:{node.lineno} imports from {node.module}")
    assert wrong == []


def test_the_core_keeps_no_state_in_its_modules() -> None:
    wrong = [
        f"{name(file)}:{node.lineno} changes a module's variable"
        for file in files("protection")
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Global | ast.Nonlocal)
    ]
    assert wrong == []
