"""Tables that somebody has sent to look at before they are imported.

They hold personal data, so they live in the memory of this process only, for a quarter of an hour, one for
each person. Whoever comes too late, or to another process, chooses his file once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from adapters.database import Caller
from services.import_rows import ImportRow

KEPT: Final = timedelta(minutes=15)
# Bytes of all tables together; the oldest gives way.
MOST_BYTES: Final = 64_000_000


@dataclass(frozen=True, slots=True)
class Upload:
    """A table that was looked at.

    Attributes:
        preview: the dry run that looked at it.
        rows: as they were read.
        body: as it came, UTF-8.
        at: when, a UTC instant.
        started: the import of it; None until somebody wants it.
    """

    preview: UUID
    rows: Sequence[ImportRow]
    body: bytes
    at: datetime
    started: UUID | None = None


class Uploads:
    """Those this process keeps."""

    def __init__(self) -> None:
        self._kept: dict[tuple[UUID, str], Upload] = {}

    def keep(self, caller: Caller, upload: Upload) -> None:
        """Keep it instead of what the caller sent before."""
        self._forget(upload.at)
        self._kept.pop((caller.tenant, caller.user), None)
        self._kept[caller.tenant, caller.user] = upload
        while sum(len(one.body) for one in self._kept.values()) > MOST_BYTES:
            del self._kept[next(iter(self._kept))]

    def find(self, caller: Caller, job: UUID, *, at: datetime) -> Upload | None:
        """What the caller has sent for that preview or import; None where it is not kept (any more).

        Args:
            at: UTC instant.
        """
        self._forget(at)
        found = self._kept.get((caller.tenant, caller.user))
        return found if found is not None and job in {found.preview, found.started} else None

    def begin(self, caller: Caller, upload: Upload, started: UUID) -> None:
        """Note that the import of it has begun."""
        self._kept[caller.tenant, caller.user] = replace(upload, started=started)

    def _forget(self, at: datetime) -> None:
        late = [key for key, one in self._kept.items() if one.at < at - KEPT]
        for key in late:
            del self._kept[key]
