"""Callers, and the frame over a real database without Temporal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.api.house import Api, Callers, api_over, settings_for


@pytest.fixture(scope="module")
def callers(tmp_path_factory: pytest.TempPathFactory) -> Callers:
    """Anybody, with a token."""
    return Callers(tmp_path_factory.mktemp("issuer"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def frame(
    postgres_url: str, callers: Callers, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Api]:
    """The API over a database of the module's own; Temporal is away."""
    folder: Path = tmp_path_factory.mktemp("keys")
    async with api_over(settings_for(folder, postgres_url), callers) as api:
        yield api
