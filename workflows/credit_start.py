"""What the workflow `credit-check` is started with."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from workflows.message import STRICT

_UUID = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartCredit:
    """See this check through.

    Attributes:
        looks: how often it was looked at by earlier runs; the pauses grow with it.
    """

    tenant: _UUID
    check: _UUID
    looks: int = 0
