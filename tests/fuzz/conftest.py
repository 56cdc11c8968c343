"""The API over people at work, as `tests/api` has it."""

from __future__ import annotations

from tests.api.conftest import shop
from tests.services.conftest import office

__all__ = ["office", "shop"]
