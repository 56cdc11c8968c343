"""What the workflow `lead-erasure` is started with."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict, StringConstraints
from pydantic.dataclasses import dataclass

from activities.erasure_orders import Cause
from workflows.message import STRICT, Id

_UUID = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartErasure:
    """Erase what is personal of this lead.

    Attributes:
        by: whoever asked, or the part of the system that noticed the lapse.
        objection_days: how long after a lapse somebody may still object; None: as configured.
    """

    tenant: _UUID
    lead: _UUID
    cause: Cause
    by: Id = "system"
    objection_days: Annotated[int, Strict(), Field(ge=0, le=365)] | None = None
