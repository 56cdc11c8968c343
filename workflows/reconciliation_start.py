"""What the workflow `reconciliation` is started with."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from pydantic import Field, Strict, StringConstraints
from pydantic.dataclasses import dataclass

from workflows.message import STRICT, Id

_UUID = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class Underway:
    """Where the tenant stands with which a run goes on.

    Attributes:
        after: the lead after which to go on.
        leads: how many were compared.
        workflows: how many workflows have answered.
    """

    run: _UUID
    after: _UUID
    leads: Annotated[int, Strict(), Field(ge=0)]
    workflows: Annotated[int, Strict(), Field(ge=0)]


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartReconciliation:
    """Compare everything recorded, tenant after tenant.

    Attributes:
        by: who wants it; the schedule by night.
        tenants: whose leads; None: of all there are.
        repair: put right what is safe.
        batch: leads of one step.
        steps: steps of one run; then a new one goes on, so that histories stay short.
        underway: the first tenant was begun by an earlier run.
    """

    by: Id
    tenants: list[_UUID] | None = None
    repair: Annotated[bool, Strict()] = True
    batch: Annotated[int, Strict(), Field(ge=1, le=2000)] = 200
    steps: Annotated[int, Strict(), Field(ge=1, le=1000)] = 300
    underway: Underway | None = field(default=None)
