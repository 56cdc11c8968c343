"""What the workflow `hold-campaign` is started with."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict, StringConstraints
from pydantic.dataclasses import dataclass

from workflows.message import STRICT

_UUID = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartCampaign:
    """Go through the leads of this campaign; which they are is on record.

    Attributes:
        after: the lead after which to go on; None begins with the first.
        batch: leads of one step.
        steps: steps of one run; then a new one goes on, so that histories stay short.
    """

    tenant: _UUID
    campaign: _UUID
    after: _UUID | None = None
    batch: Annotated[int, Strict(), Field(ge=1, le=200)] = 20
    steps: Annotated[int, Strict(), Field(ge=1, le=1000)] = 100
