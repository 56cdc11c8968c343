"""The two files an import leaves: one row per lead, and the rows it did not take."""

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from cli.importing.replay import Outcome
from cli.importing.shapes import Reject
from protection.dates import format_instant

REPORT_COLUMNS: Final = (
    "external_id",
    "status",
    "paused",
    "base_until",
    "progress_until",
    "grace_until",
    "valid_until",
    "reason",
    "refused_facts",
)
REJECT_COLUMNS: Final = ("external_id", "file", "line", "column", "reason")


class ReportFile:
    """One CSV row per lead, written as the leads come; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        # A report is there whole or not at all; what is no plain file (a pipe) is written directly.
        self._final = path
        special = path.exists() and not path.is_file()
        self._path = path if special else path.with_name(f"{path.name}.part")
        self._stream = self._path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._stream, lineterminator="\r\n")

    def __enter__(self) -> Self:
        """Write the header."""
        self._writer.writerow(REPORT_COLUMNS)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close the file, and give it its name if all went well."""
        self._stream.close()
        if self._path != self._final:
            if kind is None:
                self._path.replace(self._final)
            else:
                self._path.unlink(missing_ok=True)

    def add(self, outcome: Outcome) -> None:
        """Write one lead's row; unknown and inapplicable instants are empty."""
        answer = outcome.snapshot
        self._writer.writerow(
            (
                outcome.row.external_id,
                answer.status,
                "true" if answer.paused else "false",
                _instant(answer.base_until),
                _instant(answer.progress_until),
                _instant(answer.grace_until),
                _instant(answer.valid_until),
                answer.reason or "",
                len(outcome.refused),
            )
        )


def write_rejects(path: Path, rejects: Iterable[Reject]) -> None:
    """Write the rows that were not taken.

    Args:
        path: the file; overwritten.
        rejects: in the order they are to stand there.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(REJECT_COLUMNS)
        for reject in rejects:
            writer.writerow((reject.external_id, reject.file, reject.line, reject.column, reject.reason))


def _instant(moment: datetime | None) -> str:
    return "" if moment is None else format_instant(moment)
