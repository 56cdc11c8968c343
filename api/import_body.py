"""Reads the body of an import: CSV or JSON into rows. What is wrong with one row is that row's own matter.

CSV is UTF-8, with or without a byte order mark; commas or semicolons, whichever the header has; cells with
a separator, a quote or a line break in double quotes, quotes in them doubled. The header names the fields as
JSON does, with a dot where JSON has an object: `contact.email`. An empty cell is a field left out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NoReturn, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adapters.lead_import_store import Fault
from api.failures import of_validation
from api.problems import ApiError, FieldError, Kind
from api.schemas.importing import ImportInput
from api.schemas.opening import NewLeadInput
from services.import_rows import ImportRow
from services.importing import MOST_ROWS
from services.registering import NewLead

_MOST_FAULTS: Final = 20
# The library would accept what another part of the process has allowed it.
_LONGEST_CELL: Final = 100_000
_BOM: Final = "\ufeff"
_YES_OR_NO: Final[Mapping[str, bool]] = MappingProxyType({"true": True, "false": False})
# The names of a JSON row are its own words where we do not know them.
_UNKNOWN_NAME: Final = "extra_forbidden"
# More objects and lists than rows of ours can have; what is that much nested eats memory for nothing.
_MOST_OPENINGS: Final = 40 * MOST_ROWS


class BadTable(ApiError):
    """A table that cannot be read.

    Attributes:
        trouble: what is wrong with it, a stable word.
        values: lines, columns and the like that its explanation names.
    """

    def __init__(self, code: str, detail: str, values: Mapping[str, object]) -> None:
        error = FieldError(place="body", pointer="#", code=code, detail=detail)
        super().__init__(Kind.UNPROCESSABLE, f"{detail[0].upper()}{detail[1:]}.", errors=(error,))
        self.trouble = code
        self.values = values


def rows_of_json(body: bytes) -> list[ImportRow]:
    """The rows of a JSON body.

    Raises:
        ApiError: it is none, or holds no or too many rows.
    """
    try:
        text = body.decode()
        if text.count("{") + text.count("[") > _MOST_OPENINGS:
            _refuse("too-nested", "more objects and lists than leads have")
        said = ImportInput.model_validate(json.loads(text, parse_constant=_no_number))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise of_validation([{**one, "loc": ("body", *one["loc"])} for one in found]) from None
    except (ValueError, RecursionError):
        raise of_validation([{"type": "json_invalid", "loc": ("body",), "msg": "no JSON in UTF-8"}]) from None
    return [_row(number, None, one) for number, one in enumerate(said.leads, start=1)]


def rows_of_csv(body: bytes) -> list[ImportRow]:
    """The rows of a CSV body.

    Raises:
        BadTable: it is none, its header names what we do not know, or it holds no or too many rows.
    """
    try:
        text = body.decode().removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        _refuse("not-utf-8", f"line {line} is no UTF-8; save the file as UTF-8", line=line)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    rows: list[ImportRow] = []
    try:
        header = _header(next(reader, []))
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not cells:
                continue
            if any(len(cell) > _LONGEST_CELL for cell in cells):
                detail = f"line {line} has a cell of more than {_LONGEST_CELL:,} characters"
                _refuse("malformed-csv", detail, line=line)
            if len(rows) == MOST_ROWS:
                _refuse("too-many-rows", f"at most {MOST_ROWS:,} rows", most=MOST_ROWS)
            rows.append(_row_of_cells(len(rows) + 1, line, header, cells))
    except csv.Error:
        line = reader.line_num
        _refuse("malformed-csv", f"line {line} is no CSV: look at its quotes, and at long cells", line=line)
    if not rows:
        _refuse("no-rows", "there is no row below the header")
    return rows


def _header(names: Sequence[str]) -> list[str]:
    header = [name.strip() for name in names]
    for number, name in enumerate(header, start=1):
        if name not in COLUMNS:
            detail = f"column {number} of the header is none of: {', '.join(COLUMNS)}"
            _refuse("unknown-column", detail, column=number)
        if name in header[: number - 1]:
            detail = f"column {number} of the header was there before: {name}"
            _refuse("column-twice", detail, column=number)
    for name in _NEEDED:
        if name not in header:
            _refuse("missing-column", f"the header has no column {name}", name=name)
    return header


def _row_of_cells(number: int, line: int, header: Sequence[str], cells: Sequence[str]) -> ImportRow:
    if len(cells) != len(header):
        detail = f"the row has {len(cells)} cells, the header {len(header)}"
        return ImportRow(number, line, None, (Fault("", "wrong-number-of-cells", detail),))
    said: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=True):
        if cell.strip():
            group, _, member = name.rpartition(".")
            into = said.setdefault(group, {}) if group else said
            into[member] = _YES_OR_NO.get(cell.strip(), cell) if name in _BOOLEANS else cell
    return _row(number, line, said)


def _row(number: int, line: int | None, said: Any) -> ImportRow:
    try:
        lead = NewLeadInput.model_validate(said)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return ImportRow(number, line, None, tuple(_fault(one) for one in found[:_MOST_FAULTS]))
    wanted = NewLead(
        company=lead.said(), opening=lead.opening(), owner=lead.owner, preregistration=lead.preregistration
    )
    return ImportRow(number, line, wanted)


def _fault(one: ErrorDetails) -> Fault:
    path = one["loc"][:-1] if one["type"] == _UNKNOWN_NAME else one["loc"]
    detail = one["msg"].removeprefix("Value error, ")
    return Fault(".".join(str(part) for part in path), one["type"].replace("_", "-"), detail)


def _refuse(code: str, detail: str, **values: object) -> NoReturn:
    raise BadTable(code, detail, values)


def _no_number(_: str) -> NoReturn:
    raise ValueError("JSON knows neither NaN nor Infinity")


def _columns(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The names of all fields with their types; of an object those of its fields."""
    for field in model.model_fields.values():
        name, kind = f"{prefix}{field.alias}", field.annotation
        inner = next(
            (one for one in get_args(kind) if isinstance(one, type) and issubclass(one, BaseModel)), None
        )
        if inner is not None:
            yield from _columns(inner, f"{name}.")
        else:
            yield name, kind


_KINDS: Final = dict(_columns(NewLeadInput))
COLUMNS: Final = tuple(sorted(_KINDS, key=lambda name: "." in name))
_BOOLEANS: Final = frozenset(name for name, kind in _KINDS.items() if kind is bool)
_NEEDED: Final = ("company", "city")
