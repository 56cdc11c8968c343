"""Reads a whole export, checks every row and stages what is good; nothing is written anywhere else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cli.importing.fields import BadCell
from cli.importing.reader import CsvFile
from cli.importing.rows import child_row, lead_row
from cli.importing.shapes import ExportError, HoldRow, RawRow, Reject, SourceFile
from cli.importing.staging import KnownLead, Staging
from protection.policy import Policy

Progress = Callable[[int], None]
"""Told how many bytes were read since the last call."""

_TELL_EVERY = 500  # rows


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read.

    Attributes:
        rows: records per file, good and bad, the header not counted.
        surplus: columns nobody reads, per file.
    """

    rows: dict[SourceFile, int]
    surplus: dict[SourceFile, tuple[str, ...]]


def files_of(folder: Path) -> list[SourceFile]:
    """List the export's files that are there, in the order they are read.

    Raises:
        ExportError: the folder or its leads.csv is not there.
    """
    if not folder.is_dir():
        raise ExportError(str(folder), None, "is no folder; give the folder that holds leads.csv")
    there = [file for file in SourceFile if (folder / file).exists()]
    if SourceFile.LEADS not in there:
        raise ExportError(SourceFile.LEADS, None, f"is missing in {folder}")
    return there


def size_of(folder: Path) -> int:
    """Count the bytes of the export's files."""
    return sum((folder / file).stat().st_size for file in files_of(folder))


def take_in(folder: Path, staging: Staging, *, policy: Policy, now: datetime, progress: Progress) -> Intake:
    """Stage the export in `folder`.

    Args:
        folder: holds leads.csv and, where present, the other four files.
        staging: takes good rows and rejects.
        policy: whose catalogue of activity kinds counts.
        now: UTC instant that nothing in the past may lie after.
        progress: told the bytes read, now and then.

    Raises:
        ExportError: a file is missing, is no UTF-8 CSV, or lacks columns.
    """
    rows: dict[SourceFile, int] = {}
    surplus: dict[SourceFile, tuple[str, ...]] = {}
    for file in files_of(folder):
        source = CsvFile(folder, file)
        try:
            takes = (
                _LeadIntake(staging, now)
                if file is SourceFile.LEADS
                else _ChildIntake(staging, file, policy, now)
            )
            rows[file] = _drain(source, takes, staging, progress)
        finally:
            source.close()
        if source.surplus:
            surplus[file] = source.surplus
    return Intake(rows, surplus)


def _drain(source: CsvFile, takes: "_LeadIntake | _ChildIntake", staging: Staging, progress: Progress) -> int:
    count, told = 0, 0
    for record in source.records():
        count += 1
        reject = takes.ragged(record) if isinstance(record, Reject) else takes.take(record)
        if reject is not None:
            staging.add_reject(reject)
        if count % _TELL_EVERY == 0:
            progress(source.position - told)
            told = source.position
    progress(source.position - told)
    return count


class _LeadIntake:
    def __init__(self, staging: Staging, now: datetime) -> None:
        self._staging = staging
        self._now = now

    def ragged(self, reject: Reject) -> Reject:
        if reject.external_id.strip():
            self._staging.add_refused_lead(reject.external_id.strip())
        return reject

    def take(self, raw: RawRow) -> Reject | None:
        external_id = raw.values["external_id"]
        try:
            row = lead_row(raw, self._now)
        except BadCell as bad:
            if bad.column != "external_id" and not self._staging.add_refused_lead(external_id.strip()):
                return _twice(external_id, raw.line)
            return Reject(external_id, SourceFile.LEADS, raw.line, bad.column, bad.reason)
        return None if self._staging.add_lead(row) else _twice(external_id, raw.line)


class _ChildIntake:
    def __init__(self, staging: Staging, file: SourceFile, policy: Policy, now: datetime) -> None:
        self._staging = staging
        self._file = file
        self._policy = policy
        self._now = now
        self._last: tuple[str, KnownLead | None] = ("", None)

    @staticmethod
    def ragged(reject: Reject) -> Reject:
        return reject

    def take(self, raw: RawRow) -> Reject | None:
        external_id = raw.values["external_id"]
        lead = self._lead(external_id.strip())
        if lead is None:
            reason = "unknown external_id" if external_id.strip() else "external_id is empty"
            return self._reject(raw, "external_id", reason)
        if not lead.accepted:
            return self._reject(raw, "external_id", "its lead was refused")
        try:
            row = child_row(
                self._file, raw, policy=self._policy, now=self._now, registered_at=lead.registered_at
            )
        except BadCell as bad:
            return self._reject(raw, bad.column, bad.reason)
        if isinstance(row, HoldRow) and not self._staging.add_hold_ref(lead, row.hold):
            return self._reject(raw, "hold_ref", "same hold_ref twice for this lead")
        self._staging.add_child(lead, self._file, row)
        return None

    def _lead(self, external_id: str) -> KnownLead | None:
        # Exports come sorted by lead, so the last answer is mostly the next one too.
        if self._last[0] != external_id:
            self._last = (external_id, self._staging.known(external_id))
        return self._last[1]

    def _reject(self, raw: RawRow, column: str, reason: str) -> Reject:
        return Reject(raw.values["external_id"], self._file, raw.line, column, reason)


def _twice(external_id: str, line: int) -> Reject:
    return Reject(external_id, SourceFile.LEADS, line, "external_id", "same external_id twice in the file")
