"""What all JSON of the API has in common: camelCase, nothing unknown, no guessing of types, UTC instants."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from protection.dates import FIRST_YEAR, LAST_YEAR, parse_instant

# RFC 3339, which is less than what Python reads: no weeks, no numbers without hyphens.
_DATE: Final = r"\d{4}-\d{2}-\d{2}"
_DAY: Final = re.compile(_DATE, re.ASCII)
_INSTANT: Final = re.compile(_DATE + r"[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)

_YEARS: Final = f"an instant lies in the years {FIRST_YEAR} to {LAST_YEAR}"

T = TypeVar("T")


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        if not FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
            raise PydanticCustomError("year_out_of_range", _YEARS)
        with suppress(ValueError, OverflowError):
            return parse_instant(value.upper())
    raise ValueError("an instant has a date, a time and a zone, such as 2026-11-23T09:30:00Z")


def _day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError("a date is a text such as 2026-11-23")


# UTC instants; read with any zone, written with Z.
Instant = Annotated[
    datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Uuid = Annotated[UUID, Strict(False)]
# A member of an enum, by its value: `Choice[HoldReason]`. Also for tuples: `Choice[tuple[Day, ...]]`.
Choice = Annotated[T, Strict(False)]
# No "@" and no blank: the id of a user, a hold, a fact; never a name or an address.
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}$")]
# One line somebody typed: no control characters (PostgreSQL takes no NUL), something besides blanks.
Line = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
    ),
]
# Several lines somebody typed.
Text = Annotated[
    str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$")
]


class Input(BaseModel):
    """A request body. Unknown fields and wrong types are refused; "5" is no 5.

    Enums, uuids and tuples need `Choice[…]` or `Uuid`, instants `Instant`: JSON knows only their text.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, allow_inf_nan=False
    )


class Output(BaseModel):
    """An answer. Made by us, so it is checked once, when it is made."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True
    )
