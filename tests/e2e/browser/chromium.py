"""Finds the Chromium or Chrome that the browser tests drive; on Debian, as root, it can install one.

    python -m tests.e2e.browser.chromium

is what `make test` runs first. Nowhere else is anything installed: there the tests are reported as skipped,
with how to get a browser. Where the environment says CI, a missing browser is a failure.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VARIABLE: Final = "FRISTWERK_CHROMIUM"
HOW: Final = (
    "no Chromium or Chrome was found, so nothing is tried in a browser. To get one: `apt install chromium` "
    "(Debian), `dnf install chromium` (Fedora), `brew install --cask chromium` (macOS) or "
    "`.venv/bin/playwright install chromium` (anywhere); "
    f"one that is installed elsewhere is named by {VARIABLE}"
)
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES: Final = (
    Path("/opt") / "google/chrome/chrome",
    Path("/snap/bin/chromium"),
    Path("/usr/lib/chromium/chromium"),
    Path("/usr/lib64/chromium-browser/chromium-browser"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
# Where `playwright install chromium` puts it, below the cache.
_DOWNLOADED: Final = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
# The second is for texts: without any font the pages are full of boxes.
_PACKAGES: Final = ("chromium", "fonts-liberation")


class NoSuchBrowser(Exception):
    """FRISTWERK_CHROMIUM names something that is no program."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the search looks at.

    Attributes:
        environment: the environment.
        which: where a program on the path is.
        places: usual places beside the path.
        home: the person's folder.
        root: whether we may install something.
        system: the distribution's id as its release file has it; empty where there is none.
    """

    environment: Mapping[str, str]
    which: Callable[[str], str | None]
    places: tuple[Path, ...]
    home: Path
    root: bool
    system: str


def this_machine() -> Machine:
    """Where this process runs."""
    return Machine(os.environ, shutil.which, _PLACES, Path.home(), os.geteuid() == 0, _system())


def find(machine: Machine) -> Path | None:
    """The browser to use: the one that is named, else one on the path, else one in a usual place.

    Raises:
        NoSuchBrowser: one is named, and is no program.
    """
    named = machine.environment.get(VARIABLE)
    if named:
        if not _is_program(Path(named)):
            raise NoSuchBrowser(f"{VARIABLE} names no program: {named}")
        return Path(named)
    on_path = [Path(found) for name in _NAMES if (found := machine.which(name))]
    there = (place for place in [*on_path, *machine.places, *_downloaded(machine)] if _is_program(place))
    return next(there, None)


def demanded(machine: Machine) -> bool:
    """Whether a missing browser is a failure."""
    return machine.environment.get("CI", "").lower() in {"true", "1"}


def can_install(machine: Machine) -> bool:
    """Whether a browser can be had here without asking anybody: on Debian, as root."""
    return machine.root and machine.system == "debian" and machine.which("apt-get") is not None


def install(run: Callable[[list[str]], bool]) -> bool:
    """Install Debian's Chromium.

    Args:
        run: runs a command and tells whether it went well.
    """
    # The second waits while somebody else installs something.
    options = ["-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0"]
    update = ["apt-get", "update", *options]
    return run(update) and run(
        ["apt-get", "install", "--yes", "--no-install-recommends", *options, *_PACKAGES]
    )


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _downloaded(machine: Machine) -> list[Path]:
    told = machine.environment.get("PLAYWRIGHT_BROWSERS_PATH")
    caches = [machine.home / ".cache/ms-playwright", machine.home / "Library/Caches/ms-playwright"]
    folders = [Path(told)] if told else caches
    return [place for folder in folders for below in _DOWNLOADED for place in sorted(folder.glob(below))]


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("ID", "")
    except OSError:
        return ""


def _run(command: list[str]) -> bool:
    told = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"{' '.join(command)}\n{done.stdout}{done.stderr}", file=sys.stderr)
    return done.returncode == 0


def main() -> int:
    """Say which browser it will be, or install one; the status is 1 where one is demanded and missing."""
    machine = this_machine()
    try:
        found = find(machine)
    except NoSuchBrowser as error:
        print(error, file=sys.stderr)
        return 1
    if found is None and can_install(machine):
        print(f"No browser for the tests yet: installing {' and '.join(_PACKAGES)} with apt …", flush=True)
        if install(_run):
            found = find(machine)
    print(f"The pages are tried in {found}." if found else HOW, flush=True)
    return int(found is None and demanded(machine))


if __name__ == "__main__":
    sys.exit(main())
