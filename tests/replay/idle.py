"""A box of samples whose workflow does one thing more than the recorded ones did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio import workflow

from workflows import names
from workflows.sample_test import SampleTest


@workflow.defn(name=names.SAMPLE_TEST)
class IdleSampleTest(SampleTest):
    """Sleeps before it looks."""

    @workflow.init
    def __init__(self, raw: Any = None) -> None:
        super().__init__(raw)

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """As ever, but late."""
        await workflow.sleep(timedelta(seconds=1))
        return await super().run(raw)
