"""What the workflow `sample-test` is started with, and what it is told."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from workflows.message import STRICT, Id, Instant
from workflows.sample_plan import Step

_UUID = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartSample:
    """Follow this box until there is nothing left to wait for.

    Attributes:
        done: what earlier runs have done, see `workflows.sample_plan.Step`.
    """

    tenant: _UUID
    lead: _UUID
    box: _UUID
    done: list[Step] = field(default_factory=list)


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class SampleNews:
    """Something about the box is on record: look again.

    Attributes:
        by: who says so.
        at: when it happened; for people who look at the history.
    """

    by: Id
    at: Instant | None = None
