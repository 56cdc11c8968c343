"""The lab, for lives that are recorded or lived again."""

from tests.workflows.conftest import lab

__all__ = ["lab"]
