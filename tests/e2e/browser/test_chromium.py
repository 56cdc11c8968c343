"""Which browser is taken, and what happens where there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.browser.chromium import (
    HOW,
    VARIABLE,
    Machine,
    NoSuchBrowser,
    can_install,
    demanded,
    find,
    install,
    main,
)


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine without any browser."""
    return Machine({}, lambda _: None, (), tmp_path / "home", root=False, system="")


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_named_one_comes_first_then_the_path_then_usual_places(bare: Machine, tmp_path: Path) -> None:
    assert find(bare) is None
    downloaded = program(bare.home / ".cache/ms-playwright/chromium-1255/chrome-linux64/chrome")
    assert find(bare) == downloaded
    usual = program(tmp_path / "usual/chrome")
    bare = replace(bare, places=(tmp_path / "missing", usual))
    assert find(bare) == usual
    on_path = program(tmp_path / "bin/google-chrome")
    bare = replace(bare, which={"google-chrome": str(on_path)}.get)
    assert find(bare) == on_path
    named = program(tmp_path / "mine")
    assert find(replace(bare, environment={VARIABLE: str(named)})) == named


@pytest.mark.parametrize("wrong", ["nowhere", "folder", "text"])
def test_a_named_browser_that_is_none_is_an_error_and_not_overlooked(
    bare: Machine, tmp_path: Path, wrong: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("not a program")
    bare = replace(bare, environment={VARIABLE: str(tmp_path / wrong)})
    with pytest.raises(NoSuchBrowser, match=VARIABLE):
        find(bare)


def test_browsers_of_playwright_are_found_where_it_was_told_to_put_them(
    bare: Machine, tmp_path: Path
) -> None:
    kept = program(tmp_path / "kept/chromium-7/chrome-linux/chrome")
    environment = {"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "kept")}
    assert find(replace(bare, environment=environment)) == kept


def test_it_is_installed_on_debian_as_root_and_nowhere_else(bare: Machine) -> None:
    debian = replace(bare, root=True, system="debian", which=lambda _: "/usr/bin/apt-get")
    assert can_install(debian)
    assert not can_install(replace(debian, root=False))
    # Its package of this name only fetches a snap, which does not run in a container.
    assert not can_install(replace(debian, system="ubuntu"))
    assert not can_install(replace(debian, which=lambda _: None))


def test_the_list_of_packages_is_fetched_first_and_nothing_is_installed_without_it() -> None:
    asked: list[str] = []

    def run(command: list[str], *, well: bool) -> bool:
        asked.append(command[1])
        return well

    assert install(lambda command: run(command, well=True))
    assert not install(lambda command: run(command, well=False))
    assert asked == ["update", "install", "update"]


@pytest.mark.parametrize(("told", "expected"), [("true", True), ("1", True), ("", False), ("false", False)])
def test_ci_demands_a_browser(bare: Machine, told: str, expected: bool) -> None:
    assert demanded(replace(bare, environment={"CI": told})) is expected
    assert not demanded(bare)


def test_how_to_get_one_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert main() == 1
    assert VARIABLE in capsys.readouterr().err
    monkeypatch.setenv(VARIABLE, str(program(tmp_path / "mine")))
    assert main() == 0
    assert str(tmp_path / "mine") in capsys.readouterr().out
    assert VARIABLE in HOW
