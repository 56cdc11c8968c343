"""News of systems outside: what they send, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from activities.webhook_orders import EventState, Source
from adapters.webhooks.store import EventRow
from api.schemas.base import Input, Instant, Output

EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
EventType = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$")]


class WebhookInput(Input):
    """What is common to all news; what else it holds is the matter of whoever makes use of it.

    Attributes:
        event_id: the sender's own id; the same news twice is taken once.
        event_type: what it is about.
        occurred_at: when it happened, which may be long ago.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, extra="allow", strict=True, frozen=True, allow_inf_nan=False
    )

    event_id: EventId
    event_type: EventType
    occurred_at: Instant


class WebhookTaken(Output):
    """That news is kept.

    Attributes:
        repeated: whether it was kept before; then nothing has changed.
    """

    received: bool = True
    repeated: bool


class WebhookEventRead(Output):
    """A piece of news, and what came of it; never what it says.

    Attributes:
        event_id: the sender's own id.
        event_type: what it is about, in the sender's words.
        sent_at: when the sender signed it.
        received_at: when it came.
        round: how often it was given to a workflow.
        settled_at: when it was handled or given up.
        outcome: what came of it, or the type of the last error.
        replayed_by: who last had it tried again.
    """

    id: UUID
    source: Source
    event_id: str
    event_type: str
    sent_at: datetime
    received_at: datetime
    state: EventState
    round: int
    settled_at: datetime | None = None
    outcome: str | None = None
    replayed_by: str | None = None
    replayed_at: datetime | None = None

    @classmethod
    def of(cls, row: EventRow) -> Self:
        """As the API tells it."""
        return cls(
            id=row.id,
            source=row.source,
            event_id=row.event_id,
            event_type=row.kind,
            sent_at=row.sent_at,
            received_at=row.received_at,
            state=row.state,
            round=row.round,
            settled_at=row.settled_at,
            outcome=row.outcome,
            replayed_by=row.replayed_by,
            replayed_at=row.replayed_at,
        )


class WebhookEvents(Output):
    """The newest news."""

    items: list[WebhookEventRead] = Field(max_length=200)
