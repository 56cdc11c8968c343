"""What the service says of corrections that came too late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

from adapters.late_store import LateCorrection
from api.schemas.base import Instant, Output


class LateCorrectionRead(Output):
    """A lapsed lead that a correction would have kept, had it come in time.

    Attributes:
        corrects: id of the fact that was wrong.
        replacement: what is right of it; null: it never happened.
        told_by: user id of whoever said so.
        ended_at: when protection lapsed.
        kept_until: how long it would have lasted if nothing else had happened; null while unknown.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    corrects: str
    replacement: dict[str, Any] | None
    told_by: str
    told_at: Instant
    ended_at: Instant
    kept_until: Instant | None

    @classmethod
    def of(cls, one: LateCorrection) -> LateCorrectionRead:
        """The same, for the wire."""
        return cls(
            lead=one.lead,
            company=one.company,
            city=one.city,
            owner=one.owner,
            corrects=one.corrects,
            replacement=None if one.replacement is None else _named(one.replacement),
            told_by=one.told_by,
            told_at=one.told_at,
            ended_at=one.ended_at,
            kept_until=one.kept_until,
        )


def _named(replacement: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as the wire calls them."""
    return {to_camel(name): value for name, value in replacement.items()}
