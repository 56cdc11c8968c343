"""What may be wrong with a table and its rows, in words; and how a row's fields are called in the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.lead_import_store import Fault
from api.import_body import COLUMNS, BadTable
from api.pages.opening_texts import ID_TAKEN, SIMILAR, TAKEN, trouble_with
from api.pages.texts import N_

_HUMP: Final = re.compile(r"(?<=[a-z])[A-Z]")
_UNDERSCORE: Final = re.compile(r"_([a-z])")

_TABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not-utf-8": N_("Line %(line)s is no UTF-8. Save the table as “CSV UTF-8” and choose it again."),
        "malformed-csv": N_("Line %(line)s is no CSV: look at its quotes, and at very long cells."),
        "too-many-rows": N_("At most %(most)s rows in one table."),
        "no-rows": N_("There is no row below the header."),
        "unknown-column": N_("Column %(column)s of the header is none that we know; they are listed below."),
        "column-twice": N_("Column %(column)s of the header was there before."),
        "missing-column": N_("The header has no column %(name)s."),
    }
)
_ROWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "live-duplicate": TAKEN,
        "similar": SIMILAR,
        "external-id-taken": ID_TAKEN,
        "imported-before": N_("This row was imported before, and its lead has ended or is another's by now."),
        "forbidden": N_("You may not say this; a manager may."),
        "wrong-number-of-cells": N_("The row has more or fewer cells than the header."),
        "missing": N_("Please fill this in."),
        "unkeepable": N_("A value in the row cannot be kept."),
        "internal-error": N_("Something went wrong here; it has been written down."),
    }
)
_DOES_NOT_FIT: Final = N_("This does not fit.")


def table_text(bad: BadTable, say: Callable[..., str]) -> str:
    """Why a table cannot be read, in the reader's language."""
    return say(_TABLES[bad.trouble], **bad.values)


def fault_text(fault: Fault, say: Callable[..., str]) -> str:
    """What is wrong with a row, in the reader's language."""
    return say(_ROWS.get(fault.code) or trouble_with(_service_name(fault.field)) or _DOES_NOT_FIT)


def column_of(fault: Fault) -> str:
    """The column a fault is about, as the header names it; empty where it is about the whole row."""
    name = _UNDERSCORE.sub(lambda found: found[1].upper(), fault.field)
    return next((column for column in (name, f"{name}.reason") if column in COLUMNS), name)


def _service_name(field: str) -> str:
    return _HUMP.sub(lambda found: f"_{found[0].lower()}", field)
