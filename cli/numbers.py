"""Numbers at the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

from cyclopts import CoercionError, Parameter, Token

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,9}")


def whole(text: str) -> int:
    """A whole number as somebody typed it.

    Raises:
        ValueError: it is none, or longer than any that makes sense here.
    """
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def _convert(_: type[Any], tokens: Sequence[Token]) -> int:
    try:
        return whole(tokens[0].value)
    except ValueError as error:
        raise CoercionError(token=tokens[0], target_type=int) from error


# Left alone, cyclopts takes 1.5 for 2.
WholeNumber = Annotated[int, Parameter(converter=_convert, allow_leading_hyphen=True)]
