"""When each system outside was last seen up, and last seen down, since this process began."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """UTC instants; None is not since this process began."""

    up: datetime | None = None
    down: datetime | None = None


@dataclass(slots=True)
class Sightings:
    """What was seen, by name of the system."""

    _seen: dict[str, Sighting] = field(default_factory=dict)

    def note(self, name: str, at: datetime, *, up: bool) -> Sighting:
        """Note how a system was found; when it was found so before."""
        known = self._seen.get(name, Sighting())
        self._seen[name] = replace(known, up=at) if up else replace(known, down=at)
        return self._seen[name]
