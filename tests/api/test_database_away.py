"""What the database says no with for a while is told as such (503), and is nobody's mistake (500)."""

from __future__ import annotations

import asyncpg
import pytest

from adapters.health import DATABASE_AWAY


@pytest.mark.parametrize(
    "error",
    [
        # Found by chaos: a full disk was answered 500.
        asyncpg.DiskFullError,
        asyncpg.OutOfMemoryError,
        asyncpg.TooManyConnectionsError,
        asyncpg.CannotConnectNowError,
        asyncpg.CrashShutdownError,
        ConnectionRefusedError,
    ],
)
def test_a_database_that_is_away_or_full_is_told_as_such(error: type[Exception]) -> None:
    assert issubclass(error, DATABASE_AWAY)


@pytest.mark.parametrize(
    "error", [asyncpg.DataError, asyncpg.UniqueViolationError, asyncpg.UndefinedTableError]
)
def test_a_mistake_is_not(error: type[Exception]) -> None:
    assert not issubclass(error, DATABASE_AWAY)
