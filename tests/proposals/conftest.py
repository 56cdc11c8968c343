"""People at work, and the API over them."""

from __future__ import annotations

from tests.api.conftest import empty_shop, shop
from tests.services.conftest import office

__all__ = ["empty_shop", "office", "shop"]
