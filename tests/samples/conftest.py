"""The lab, for boxes that are followed on skipped time."""

from tests.workflows.conftest import lab

__all__ = ["lab"]
