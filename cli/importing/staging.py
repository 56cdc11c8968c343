"""Where checked rows wait, grouped by lead, until they are replayed: a private scratch database on disk.

SQLite opens a file without a name for it, readable by nobody else and gone when the process is, however
that ends; so contact data never lies around. Memory stays flat whatever the size of the export.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

import aiosql

from cli.importing.shapes import (
    ActivityRow,
    ChildRow,
    ConversionRow,
    ExtensionRow,
    HoldRow,
    LeadRow,
    Reject,
    SourceFile,
)
from protection.dates import format_instant, parse_instant
from protection.facts import HoldReason
from services.words import LeadSource

_QUERIES: Final = aiosql.from_path(
    Path(__file__).resolve().parents[2] / "sql" / "staging" / "import.sql", "sqlite3"
)
_FILES: Final = tuple(SourceFile)
_CELLS: Final = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (LeadRow, ActivityRow, HoldRow, ExtensionRow, ConversionRow)
}
_PAGE: Final = 256  # rows read from the scratch file at a time


@dataclass(frozen=True, slots=True)
class KnownLead:
    """What a row of another file needs to know of its lead.

    Attributes:
        position: the lead's place in leads.csv, counted from 1.
        accepted: whether its row passed.
        registered_at: UTC instant; of no meaning where the row did not pass.
    """

    position: int
    accepted: bool
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class StagedLead:
    """A lead with all its rows, in the order of files and lines."""

    position: int
    row: LeadRow
    children: tuple[ChildRow, ...]


class Staging:
    """The scratch database of one import run; use it as a context manager."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)

    def __enter__(self) -> Self:
        """Make the tables."""
        # Nothing here has to survive; 8 MB stay in memory, the rest goes to the disk.
        for setting in ("journal_mode=off", "synchronous=off", "locking_mode=exclusive", "cache_size=-8000"):
            with closing(self._db.execute(f"pragma {setting}")):
                pass
        _QUERIES.create_schema(self._db)
        with closing(self._db.execute("begin")):
            pass
        return self

    def __exit__(self, *_: object) -> None:
        """Let the file go."""
        self._db.close()

    def add_lead(self, row: LeadRow) -> bool:
        """Keep a checked lead; False where its external id stood in an earlier row."""
        return self._add_lead(row.external_id, _encode(row), format_instant(row.registered_at), accepted=True)

    def add_refused_lead(self, external_id: str) -> bool:
        """Remember the id of a refused row; False where it stood in an earlier row."""
        return self._add_lead(external_id, "", "", accepted=False)

    def refuse(self, external_id: str) -> None:
        """Take an accepted lead out again."""
        _QUERIES.refuse_lead(self._db, external_id=external_id)

    def known(self, external_id: str) -> KnownLead | None:
        """Look a lead up by its external id; None where leads.csv does not have it."""
        found = _QUERIES.lead_of(self._db, external_id=external_id)
        if found is None:
            return None
        position, accepted, registered_at = found
        moment = parse_instant(registered_at) if registered_at else datetime.min.replace(tzinfo=UTC)
        return KnownLead(position, bool(accepted), moment)

    def add_child(self, lead: KnownLead, file: SourceFile, row: ChildRow) -> None:
        """Keep a checked row of another file with its lead."""
        _QUERIES.add_child(
            self._db, lead=lead.position, file=_FILES.index(file), line=row.line, cells=_encode(row)
        )

    def add_hold_ref(self, lead: KnownLead, hold: str) -> bool:
        """Claim a hold's id for its lead; False where it is taken."""
        return _QUERIES.add_hold_ref(self._db, lead=lead.position, hold=hold) is not None

    def leads(self) -> Iterator[StagedLead]:
        """Yield the accepted leads with their rows, in the order of leads.csv."""
        after = 0
        while page := list(_QUERIES.leads(self._db, after=after, at_most=_PAGE)):
            for position, cells in page:
                yield StagedLead(position, _lead(json.loads(cells)), self._children(position))
            after = page[-1][0]

    def child_lines(self, lead: StagedLead) -> list[tuple[SourceFile, int]]:
        """List file and line of all rows that belong to a lead."""
        return [(_FILES[file], line) for file, line in _QUERIES.child_lines(self._db, lead=lead.position)]

    def protect(
        self, *, company_key: str, city_key: str, postcode_key: str, external_id: str, registered_at: datetime
    ) -> None:
        """Remember that a lead of this file is protected from that UTC instant on, still."""
        _QUERIES.protect(
            self._db,
            company_key=company_key,
            city_key=city_key,
            postcode_key=postcode_key,
            external_id=external_id,
            registered_at=_sortable(registered_at),
        )

    def twin_before(
        self,
        *,
        company_key: str,
        city_key: str,
        postcode_key: str,
        external_id: str,
        ended_at: datetime | None,
    ) -> str | None:
        """Find the protected lead of an earlier row that says the same company and place.

        Args:
            company_key: as `adapters.normalise.company_key` makes it.
            city_key: as `adapters.normalise.city_key` makes it.
            postcode_key: as `adapters.normalise.postcode_key` makes it; empty matches every postcode.
            external_id: of the row in question.
            ended_at: UTC instant its own protection ended, None while it lasts.
        """
        found = _QUERIES.twin_before(
            self._db,
            company_key=company_key,
            city_key=city_key,
            postcode_key=postcode_key,
            external_id=external_id,
            ended_at=None if ended_at is None else _sortable(ended_at),
        )
        return None if found is None else str(found)

    def add_reject(self, reject: Reject) -> None:
        """Keep a row that was not taken."""
        _QUERIES.add_reject(
            self._db,
            file=_FILES.index(reject.file),
            line=reject.line,
            external_id=reject.external_id,
            column_name=reject.column,
            reason=reject.reason,
        )

    def rejects(self) -> Iterator[Reject]:
        """Yield the rows that were not taken, by file and line."""
        last = (-1, 0, 0)
        while True:
            file, line, row = last
            page = list(_QUERIES.rejects(self._db, file=file, line=line, row=row, at_most=_PAGE))
            if not page:
                return
            for _, at_file, at_line, external_id, column, reason in page:
                yield Reject(external_id, _FILES[at_file], at_line, column, reason)
            last = (page[-1][1], page[-1][2], page[-1][0])

    @property
    def reject_count(self) -> int:
        """How many rows were not taken."""
        return int(_QUERIES.count_rejects(self._db))

    @property
    def lead_count(self) -> int:
        """How many leads are accepted."""
        return int(_QUERIES.count_leads(self._db))

    def _add_lead(self, external_id: str, cells: str, registered_at: str, *, accepted: bool) -> bool:
        added = _QUERIES.add_lead(
            self._db,
            external_id=external_id,
            accepted=int(accepted),
            registered_at=registered_at,
            cells=cells,
        )
        return added is not None

    def _children(self, position: int) -> tuple[ChildRow, ...]:
        return tuple(
            _child(_FILES[file], json.loads(cells))
            for file, cells in _QUERIES.children(self._db, lead=position)
        )


def _sortable(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _encode(row: LeadRow | ChildRow) -> str:
    return json.dumps([getattr(row, name) for name in _CELLS[type(row)]], ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return format_instant(value)
    raise TypeError(f"a row holds no {type(value).__name__}")


def _maybe(written: str | None) -> datetime | None:
    return None if written is None else parse_instant(written)


def _lead(cells: list[Any]) -> LeadRow:
    line, external_id, company, postcode, city, industry, source, registered_at, *rest = cells
    return LeadRow(
        line,
        external_id,
        company,
        postcode,
        city,
        industry,
        LeadSource(source),
        parse_instant(registered_at),
        *rest,
    )


def _child(file: SourceFile, cells: list[Any]) -> ChildRow:
    line, external_id, *rest = cells
    match file:
        case SourceFile.ACTIVITIES:
            occurred_at, recorded_at, kind, note = rest
            return ActivityRow(
                line, external_id, parse_instant(occurred_at), parse_instant(recorded_at), kind, note
            )
        case SourceFile.HOLDS:
            hold, reason, placed_at, start_at, end_at, released_at = rest
            return HoldRow(
                line,
                external_id,
                hold,
                HoldReason(reason),
                parse_instant(placed_at),
                parse_instant(start_at),
                _maybe(end_at),
                _maybe(released_at),
            )
        case SourceFile.EXTENSIONS:
            granted_at, days, reason = rest
            return ExtensionRow(line, external_id, parse_instant(granted_at), days, reason)
        case SourceFile.CONVERSIONS:
            converted_at, customer_no = rest
            return ConversionRow(line, external_id, parse_instant(converted_at), customer_no)
        case SourceFile.LEADS:
            raise ValueError("leads.csv holds leads, not what happened to them")
