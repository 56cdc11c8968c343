"""What a CRM export is made of: five files, their columns, and one value per kind of row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from protection.facts import HoldReason
from services.words import LeadSource


class SourceFile(StrEnum):
    """The files of an export. Only leads.csv must be there."""

    LEADS = "leads.csv"
    ACTIVITIES = "activities.csv"
    HOLDS = "holds.csv"
    EXTENSIONS = "extensions.csv"
    CONVERSIONS = "conversions.csv"


COLUMNS: Final[Mapping[SourceFile, tuple[str, ...]]] = MappingProxyType(
    {
        SourceFile.LEADS: (
            "external_id",
            "company",
            "postcode",
            "city",
            "industry",
            "source",
            "registered_at",
            "owner_email",
            "contact_name",
            "contact_email",
            "contact_phone",
            "first_contact_note",
        ),
        SourceFile.ACTIVITIES: ("external_id", "occurred_at", "recorded_at", "kind", "note"),
        SourceFile.HOLDS: (
            "external_id",
            "hold_ref",
            "reason",
            "placed_at",
            "start_at",
            "end_at",
            "released_at",
        ),
        SourceFile.EXTENSIONS: ("external_id", "granted_at", "days", "reason"),
        SourceFile.CONVERSIONS: ("external_id", "converted_at", "customer_no"),
    }
)


class ExportError(Exception):
    """The export as a whole cannot be read; nothing was imported.

    Attributes:
        file: name of the file at fault.
        line: physical line in it, or None where it is the file as a whole.
        message: one sentence that says what to do.
    """

    def __init__(self, file: str, line: int | None, message: str) -> None:
        super().__init__(f"{file}{'' if line is None else f', line {line}'}: {message}")
        self.file = file
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was not imported.

    Attributes:
        external_id: of the lead the row speaks of, as it was written; may be empty.
        file: the file the row is in.
        line: physical line on which the row begins; the header is line 1.
        column: the column at fault, or "" where it is the row as a whole.
        reason: why, in a few words.
    """

    external_id: str
    file: SourceFile
    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """One record of a file, column by column, exactly as written."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A checked row of leads.csv. Instants are UTC; company and city are verbatim."""

    line: int
    external_id: str
    company: str
    postcode: str
    city: str
    industry: str
    source: LeadSource
    registered_at: datetime
    owner: str
    contact_name: str
    contact_email: str
    contact_phone: str
    first_contact_note: str


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A checked row of activities.csv. Instants are UTC."""

    line: int
    external_id: str
    occurred_at: datetime
    recorded_at: datetime
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A checked row of holds.csv. Instants are UTC; an open end and "not released" are None."""

    line: int
    external_id: str
    hold: str
    reason: HoldReason
    placed_at: datetime
    start_at: datetime
    end_at: datetime | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    """A checked row of extensions.csv. `granted_at` is a UTC instant, `days` calendar days."""

    line: int
    external_id: str
    granted_at: datetime
    days: int
    reason: str


@dataclass(frozen=True, slots=True)
class ConversionRow:
    """A checked row of conversions.csv. `converted_at` is a UTC instant."""

    line: int
    external_id: str
    converted_at: datetime
    customer_no: str | None


ChildRow = ActivityRow | HoldRow | ExtensionRow | ConversionRow
