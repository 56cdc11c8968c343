"""Whoever acts at the shell stands in the audit, command by command as the application has them."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from cyclopts import App

from cli.app import build
from tests.cli.commands import COMMANDS, Acts, Looks, Stage, Tried
from tests.cli.house import House

# Added to the address of the database.
_READ_ONLY: Final = "default_transaction_read_only=on"


def walked(app: App, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every command below, with the function behind it."""
    for name in app:
        if name.startswith("-"):
            continue
        below = app[name]
        if below.default_command is not None:
            yield " ".join((*path, name)), below.default_command
        yield from walked(below, (*path, name))


FOUND: Final = dict(walked(build()))


def of(kind: type) -> list[str]:
    """The commands of one kind."""
    return [name for name, told in COMMANDS.items() if isinstance(told, kind)]


@pytest.fixture
def stage(house: House, tmp_path: Path) -> Stage:
    """Something to act on, and somebody to act."""
    return Stage(house, f"clerk-{uuid4().hex[:12]}", tmp_path)


def test_every_command_is_told_of_here() -> None:
    assert FOUND.keys() == COMMANDS.keys(), "say in tests/cli/commands.py whether it acts"


@pytest.mark.parametrize("name", of(Acts))
def test_who_acts_stands_in_the_audit_and_a_dry_run_does_not(name: str, stage: Stage) -> None:
    told = COMMANDS[name]
    assert isinstance(told, Acts)
    house, words = stage.house, told.words(stage)
    takes = inspect.signature(FOUND[name]).parameters
    by, lead = (stage.by, None) if told.by is None else (told.by, stage.lead)
    before = house.audited(by, lead)
    if "dry_run" in takes:
        house.run(*words, "--dry-run", "--by", by)
        assert house.audited(by, lead) == before
    said = house.run(*words, "--by", by)
    assert said.code in told.codes, said
    house.eventually(
        lambda: told.what in house.audited(by, lead)[len(before) :], f"the audit has {told.what}"
    )


@pytest.mark.parametrize("name", of(Looks))
def test_what_only_looks_needs_no_right_to_write(name: str, stage: Stage) -> None:
    told = COMMANDS[name]
    assert isinstance(told, Looks)
    words = told.words(stage)
    url = stage.house.environment["DATABASE_URL"]
    said = stage.house.run(*words, DATABASE_URL=f"{url}{'&' if '?' in url else '?'}{_READ_ONLY}")
    assert said.code == 0, said


@pytest.mark.parametrize("name", of(Tried))
def test_another_test_looks_into_the_audit(name: str) -> None:
    told = COMMANDS[name]
    assert isinstance(told, Tried)
    module, _, function = told.test.partition(":")
    source = inspect.getsource(getattr(importlib.import_module(module), function))
    assert ".audited(" in source or "audit_event" in source
    assert all(f'"{word}"' in source for word in name.split()), "it does not call this command"
