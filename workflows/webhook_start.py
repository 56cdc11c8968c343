"""What the workflow `webhook-event` is started with, and what everything about it is called."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, Strict, StringConstraints
from pydantic.dataclasses import dataclass

from activities.webhook_orders import Source
from workflows.message import STRICT

WEBHOOK_EVENT: Final = "webhook-event"
_UUID = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def webhook_id(source: Source, event_id: str, round_: int = 1) -> str:
    """The id of the workflow that sees to one piece of news.

    Args:
        event_id: the sender's own.
        round_: which time it is given to a workflow; a replay does not meet the end of the run before it.
    """
    return f"webhook/{source}/{event_id}" + (f"/{round_}" if round_ > 1 else "")


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartWebhookEvent:
    """See to this piece of news; what it says is on record.

    Attributes:
        round: which time it is given to a workflow.
    """

    tenant: _UUID
    event: _UUID
    source: Source
    round: Annotated[int, Strict(), Field(ge=1, le=1000)] = 1
