"""The API over people at work, and their lab for boxes that are followed on skipped time."""

from __future__ import annotations

import pytest

from tests.api.conftest import empty_shop, shop
from tests.services.conftest import office
from tests.services.office import Office
from tests.workflows.lab import Lab

__all__ = ["empty_shop", "office", "shop"]


@pytest.fixture(scope="session")
def lab(office: Office) -> Lab:
    """Where these people's leads live."""
    return office.lab
