"""The pure engine agrees with every worked example of the law."""

from __future__ import annotations

from typing import Any

import pytest

from protection.vectors import play, read_vector
from tests.protection.vectors import HOW_MANY, VECTORS


def test_no_vector_is_missing() -> None:
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS) == HOW_MANY


@pytest.mark.parametrize("raw", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_the_engine_agrees_with_the_vector(raw: dict[str, Any]) -> None:
    assert play(read_vector(raw)) == {"id": raw["id"], **raw["expected"]}
