"""Callers, and the frame over a real database without Temporal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.api.house import Api, Callers, api_over, settings_for
from tests.api.matrix_world import MatrixWorld, matrix_world
from tests.api.shop import Shop, shop_over
from tests.services.conftest import office
from tests.services.office import Office

__all__ = ["office"]


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


@pytest_asyncio.fixture(scope="session")
async def shop(office: Office, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """The API over people at work, with the real workflow."""
    async with shop_over(office, tmp_path_factory.mktemp("shop")) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def empty_shop(office: Office, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """The same, but Temporal is away."""
    async with shop_over(office, tmp_path_factory.mktemp("empty"), away=True) as made:
        yield made


@pytest_asyncio.fixture(scope="session")
async def world(shop: Shop) -> AsyncIterator[MatrixWorld]:
    """Somebody for every column of the matrix, and a lead for every target."""
    async with matrix_world(shop) as made:
        yield made
