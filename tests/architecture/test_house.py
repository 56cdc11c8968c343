"""House rules that no linter knows."""

import ast
import re

from tests.architecture.sources import PROJECT, ROOMS, files, name, parsed, tracked

LONGEST_MODULE = 400
LONGEST_CONFTEST = 80
READABLE = {
    ".py",
    ".md",
    ".toml",
    ".sql",
    ".yaml",
    ".yml",
    ".in",
    ".lock",
    ".txt",
    ".j2",
    ".example",
    ".cfg",
    "",
}
# Built from pieces, so that this file does not find itself.
HOSTS = re.compile(
    "|".join(re.escape(part) for part in ("pypi." + "org", "pythonhosted." + "org", "npmjs." + "org"))
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|Users|work|opt)/[a-z]")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def test_modules_stay_short() -> None:
    long = {
        name(file): length
        for file in files(*ROOMS, "tests", "benchmarks")
        if (length := len(file.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_every_conftest_stays_small() -> None:
    found = [file for file in tracked() if file.name == "conftest.py"]
    assert found
    assert [name(file) for file in found if len(file.read_text().splitlines()) >= LONGEST_CONFTEST] == []


def test_nothing_is_imported_inside_a_function() -> None:
    wrong = [
        f"{name(file)}:{inner.lineno}"
        for file in files(*ROOMS)
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert wrong == []


def test_files_name_no_machine_no_package_host_and_nothing_unfinished() -> None:
    wrong = []
    for file in tracked():
        if file.suffix not in READABLE or file.stat().st_size > 1_000_000:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            for pattern in (HOSTS, MACHINE_PATHS, UNFINISHED):
                found = pattern.search(line)
                if found:
                    wrong.append(f"{name(file)}:{number}: {found[0]}")
    assert wrong == []


def test_locks_hold_hashes_and_no_addresses() -> None:
    locks = sorted(PROJECT.glob("requirements*.lock"))
    assert [lock.name for lock in locks] == [
        "requirements-dev.lock",
        "requirements-setup.lock",
        "requirements.lock",
    ]
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")
