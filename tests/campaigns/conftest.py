"""People at work, with the real workflows and the real database."""

from tests.services.conftest import office

__all__ = ["office"]
