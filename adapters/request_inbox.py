"""What waits for a decision: pending requests, the oldest first. SQL: sql/queries/inbox.sql."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from adapters.database import Connection, load_queries
from adapters.request_store import request_from
from protection.requests import Request, RequestKind
from protection.state import Status

_SQL: Final = load_queries("inbox")
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NO_LEAD: Final = UUID(int=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxPlace:
    """Where a page of the inbox ends: the sort key of its last row."""

    requested_at: datetime = _EVER
    lead: UUID = _NO_LEAD
    request: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRequest:
    """A request and the lead it is about. `valid_until` is a UTC instant, None while unknown."""

    request: Request
    lead: UUID
    company: str
    city: str
    owner: str
    status: Status
    valid_until: datetime | None
    revision: int

    @property
    def place(self) -> InboxPlace:
        """Where it stands in the inbox."""
        return InboxPlace(
            requested_at=self.request.requested_at, lead=self.lead, request=self.request.request
        )


async def pending_requests(
    connection: Connection,
    tenant: UUID,
    *,
    kind: RequestKind | None = None,
    not_by: str | None = None,
    after: InboxPlace | None = None,
    most: int = 50,
) -> tuple[PendingRequest, ...]:
    """Requests on leads the caller may see that nobody has decided, the oldest first.

    Args:
        kind: only these.
        not_by: only those somebody else than this user made, who may decide them.
        after: where the page before ended.
        most: rows at most.
    """
    place = after or InboxPlace()
    found = _SQL.pending_requests(
        connection,
        tenant=tenant,
        kind=kind,
        not_by=not_by,
        after_at=place.requested_at,
        after_lead=place.lead,
        after_request=place.request,
        most=most,
    )
    return tuple(
        [
            PendingRequest(
                request=request_from(row),
                lead=row["lead"],
                company=row["company"],
                city=row["city"],
                owner=row["owner"],
                status=Status(row["lead_status"]),
                valid_until=row["valid_until"],
                revision=row["revision"],
            )
            async for row in found
        ]
    )
