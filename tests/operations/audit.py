"""Known vulnerabilities in what the product is built from: `make audit`.

    python -m tests.operations.audit [arguments of pip-audit, such as -s osv]

Ends with 0 where every locked package was asked about and none is known to be vulnerable, with 1 where one
is, and with 3 where the question could not be put: pip-audit alone calls a package fine that nobody knows.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

PROJECT: Final = Path(__file__).resolve().parents[2]
LOCK: Final = PROJECT / "requirements.lock"
_PIN: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?==", re.MULTILINE)
_WITHIN_SECONDS: Final = 600


class Verdict(IntEnum):
    """How it ended; the exit status."""

    WELL = 0
    VULNERABLE = 1
    NOT_AUDITED = 3


class Advisory(BaseModel):
    """Something that is known about a version of a package."""

    id: str
    fix_versions: tuple[str, ...] = ()


class Package(BaseModel):
    """A package that was asked about; one with a reason was not."""

    name: str
    version: str = ""
    vulns: tuple[Advisory, ...] = ()
    skip_reason: str | None = None


class _Report(BaseModel):
    dependencies: tuple[Package, ...]


def judged(report: str, pins: int) -> tuple[Verdict, str]:
    """What a report of pip-audit means.

    Args:
        report: its standard output.
        pins: how many packages there were to ask about, on this platform at most.
    """
    try:
        packages = _Report.model_validate_json(report).dependencies
    except ValidationError:
        return Verdict.NOT_AUDITED, "there is no report"
    skipped = [package.name for package in packages if package.skip_reason is not None]
    if skipped or not packages or len(packages) < pins:
        return Verdict.NOT_AUDITED, f"{len(packages) - len(skipped)} of {pins} packages were asked about"
    found = [
        f"{package.name} {package.version}: {one.id}, mended in {' '.join(one.fix_versions) or 'no version'}"
        for package in packages
        for one in package.vulns
    ]
    if found:
        return Verdict.VULNERABLE, "\n".join(found)
    return Verdict.WELL, f"{len(packages)} packages, none known to be vulnerable"


def audited(lock: Path, more: Sequence[str] = ()) -> tuple[Verdict, str]:
    """Ask about every package of a lock file.

    Args:
        lock: pinned with hashes; for this platform as a whole.
        more: further arguments of pip-audit.
    """
    command: list[str | Path] = [
        Path(sysconfig.get_path("scripts")) / "pip-audit",
        "--strict",
        "--disable-pip",
    ]
    command += ["--require-hashes", "--format", "json", "--progress-spinner", "off", "-r", lock, *more]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_WITHIN_SECONDS, cwd=PROJECT
        )
    except subprocess.TimeoutExpired:
        return Verdict.NOT_AUDITED, f"no answer within {_WITHIN_SECONDS} seconds"
    verdict, said = judged(done.stdout, _here(lock))
    if verdict is Verdict.NOT_AUDITED:
        last = done.stderr.strip().splitlines()[-1:] or [f"pip-audit ended with {done.returncode}"]
        said = f"{said}: {last[0]}"
    return verdict, said


def _here(lock: Path) -> int:
    """How many packages of a lock file are meant for this platform: those without a condition at least."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return sum(1 for line in lines if _PIN.match(line) and ";" not in line)


def main() -> None:
    """Entry point."""
    verdict, said = audited(LOCK, sys.argv[1:])
    if verdict is Verdict.NOT_AUDITED:
        said = f"NOT AUDITED. {said}\nNothing is known about the packages: do not take this for a good sign."
    sys.stderr.write(f"{said}\n")
    sys.exit(verdict)


if __name__ == "__main__":
    main()
