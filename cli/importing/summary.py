"""What an import says at its end, on screen and as JSON."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from cli.importing.shapes import SourceFile
from cli.importing.staging import Staging
from cli.output import table
from protection.dates import format_instant
from protection.state import Status

SHOWN_REJECTS: Final = 20


@dataclass(slots=True)
class Summary:
    """The figures of one import.

    Attributes:
        dry_run: whether nothing was written.
        as_of: UTC instant of the import.
        rows: records per file, good and bad.
        surplus: columns nobody reads, per file.
        statuses: leads taken (or to be taken) and already there, by status at `as_of`.
        paused: how many of them stand still.
        new: leads that were not there before.
        already_there: leads that were.
        without_contact: new leads whose protection is over, so that their contacts and notes were left out.
        not_yet: leads registered after `as_of`; left out.
        refused_rows: rows that were not taken.
        refused_facts: facts the contract did not allow, mostly recorded after the end.
        later_facts: facts recorded after `as_of`; left out.
        workflows: leads whose workflow runs now.
        unchecked: why duplicates against the database were not looked for; None where they were.
        rejects_file: where the refused rows were written; None if there are none.
        report_file: where the report was written; None if none was asked for.
    """

    dry_run: bool
    as_of: datetime
    rows: dict[SourceFile, int] = field(default_factory=dict)
    surplus: dict[SourceFile, tuple[str, ...]] = field(default_factory=dict)
    statuses: Counter[Status] = field(default_factory=Counter)
    paused: int = 0
    new: int = 0
    already_there: int = 0
    without_contact: int = 0
    not_yet: int = 0
    refused_rows: int = 0
    refused_facts: int = 0
    later_facts: int = 0
    workflows: int = 0
    unchecked: str | None = None
    rejects_file: Path | None = None
    report_file: Path | None = None

    def to_json(self) -> dict[str, object]:
        """Return the figures as plain JSON values; instants ISO 8601 with a Z."""
        return {
            "dry_run": self.dry_run,
            "as_of": format_instant(self.as_of),
            "rows": {str(file): count for file, count in self.rows.items()},
            "unused_columns": {str(file): list(columns) for file, columns in self.surplus.items()},
            "leads": {
                "new": self.new,
                "already_there": self.already_there,
                "without_contact": self.without_contact,
                "not_yet_registered": self.not_yet,
                "paused": self.paused,
                "by_status": {str(status): count for status, count in sorted(self.statuses.items())},
            },
            "refused_rows": self.refused_rows,
            "refused_facts": self.refused_facts,
            "later_facts": self.later_facts,
            "workflows": self.workflows,
            "duplicates_not_checked_against_database": self.unchecked,
            "rejects_file": None if self.rejects_file is None else str(self.rejects_file),
            "report_file": None if self.report_file is None else str(self.report_file),
        }


def show_rejects(console: Console, staging: Staging) -> None:
    """List the first rows that were not taken, and how many there are."""
    count = staging.reject_count
    if not count:
        return
    console.print(f"{count} row{'' if count == 1 else 's'} not taken", style="bold")
    rows = table(None, "file", "line", "lead", "column", "reason")
    for reject in islice(staging.rejects(), SHOWN_REJECTS):
        rows.add_row(
            reject.file,
            str(reject.line),
            _printable(reject.external_id),
            reject.column,
            reject.reason,
        )
    console.print(rows)
    if count > SHOWN_REJECTS:
        console.print(f"… and {count - SHOWN_REJECTS} more")


def show_summary(console: Console, summary: Summary) -> None:
    """Print the figures as a table and say what was left out."""
    title = "Dry run: nothing was written" if summary.dry_run else "Imported"
    console.print(f"{title} (as of {format_instant(summary.as_of)})", style="bold")
    rows = table(None, "what", "count")
    rows.columns[1].justify = "right"
    rows.add_row("leads to be added" if summary.dry_run else "leads added", str(summary.new))
    rows.add_row("leads already there", str(summary.already_there))
    for status in Status:
        if summary.statuses[status]:
            rows.add_row(f"  {status}", str(summary.statuses[status]))
    rows.add_row("  of these paused", str(summary.paused))
    if summary.without_contact:
        rows.add_row("of these over, contacts left out", str(summary.without_contact))
    if summary.not_yet:
        rows.add_row("leads registered later, left out", str(summary.not_yet))
    rows.add_row("facts refused (recorded after the end)", str(summary.refused_facts))
    if summary.later_facts:
        rows.add_row("facts recorded later, left out", str(summary.later_facts))
    rows.add_row("rows not taken", str(summary.refused_rows))
    if not summary.dry_run:
        rows.add_row("workflows running", str(summary.workflows))
    console.print(rows)
    for file, columns in summary.surplus.items():
        console.print(Text(f"Not read in {file}: ") + Text(", ").join(map(_printable, columns)))
    if summary.unchecked is not None:
        reason = f"Duplicates against the database were not checked: {summary.unchecked}"
        console.print(reason, markup=False)
    if summary.rejects_file is not None:
        console.print(f"Rows not taken: {summary.rejects_file}", markup=False)
    if summary.report_file is not None:
        console.print(f"Report: {summary.report_file}", markup=False)


def _printable(text: str) -> Text:
    # What stands in a file must not steer the terminal.
    return Text("".join(mark if mark.isprintable() else "�" for mark in text[:80]))
