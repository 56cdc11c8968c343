"""Which of its owner's registrations of a company one is, where no key says so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from services.errors import KeyReused

_MOST: Final = 50

T = TypeVar("T")


class OfBefore(Exception):
    """The lead of this turn is another's by now, or was a reservation that is erased."""


async def in_turn(attempt: Callable[[int], Awaitable[T]]) -> T:
    """The first attempt whose lead is not of before.

    Such leads cannot be counted beforehand: whoever had them does not see them, or not what they were.

    Args:
        attempt: is given how many such leads there are at least.

    Raises:
        KeyReused: there are more than anybody will ever have.
    """
    for more in range(_MOST):
        with suppress(OfBefore):
            return await attempt(more)
    raise KeyReused
