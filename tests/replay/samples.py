"""The shapes of boxes of samples whose histories are kept: name, and what happens.

Recorded by `python -m tests.replay.samples`, or anew with their names; see `tests.replay.recorder`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from tests.replay.histories import FOLDER as LIVES_FOLDER
from tests.replay.recorder import record, written
from tests.samples.boxes import Box, box_of
from tests.workflows.lab import DAY, HOUR, Lab

FOLDER: Final = LIVES_FOLDER / "samples"


async def rated(lab: Lab) -> Box:
    """Shipped, delivered, asked, reminded, rated; then the days of the form are over."""
    box = await box_of(lab)
    await box.promised()
    await box.waits_for("the shipment")
    await box.shipped()
    await box.waits_for("the delivery")
    await box.delivered()
    await box.waits_for("the day on which feedback is asked for")
    await box.forward(3 * DAY + HOUR)
    await box.waits_for("feedback")
    await box.forward(7 * DAY + HOUR)
    await box.did("remind")
    await box.rated_by_phone()
    await box.told()
    await box.forward(31 * DAY)
    return box


async def late(lab: Lab) -> Box:
    """Not shipped by the day that was promised: a hold is asked for; then the box is called off."""
    box = await box_of(lab)
    await box.promised(datetime.now(UTC) + 2 * DAY)
    await box.waits_for("the shipment")
    await box.forward(2 * DAY + HOUR)
    await box.did("open-delay")
    await box.cancelled()
    return box


SAMPLES: Final[Mapping[str, Callable[[Lab], Awaitable[Box]]]] = MappingProxyType(
    {"rated": rated, "late": late}
)


def recorded() -> list[Path]:
    """The golden histories."""
    return sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", SAMPLES)
async def test_record(lab: Lab, name: str) -> None:
    """Does it and keeps its history."""
    box = await SAMPLES[name](lab)
    await box.is_over()
    await written(f"samples/{name}", await box.handle.fetch_history())


if __name__ == "__main__":
    record(__file__, FOLDER, SAMPLES)
