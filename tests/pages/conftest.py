"""The pages are asked over what the API's tests have built."""

from __future__ import annotations

from tests.api.conftest import callers, empty_shop, frame, shop
from tests.services.conftest import office

__all__ = ["callers", "empty_shop", "frame", "office", "shop"]
