"""The subject webhooks. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.words import EventState, Source


class WebhookEventRead(Told):
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


class WebhookEvents(Told):
    """The newest news."""

    items: list[WebhookEventRead]


class WebhookInput(Sent):
    """What is common to all news; what else it holds is the matter of whoever makes use of it.

    Attributes:
        event_id: the sender's own id; the same news twice is taken once.
        event_type: what it is about.
        occurred_at: when it happened, which may be long ago.
    """

    event_id: str
    event_type: str
    occurred_at: datetime


class WebhookTaken(Told):
    """That news is kept.

    Attributes:
        repeated: whether it was kept before; then nothing has changed.
    """

    received: bool = True
    repeated: bool


class Webhooks(Group):
    """Operations of the subject webhooks."""

    def take_webhook(
        self,
        source: Source,
        body: WebhookInput,
        *,
        x_event_id: str | None = None,
        x_timestamp: str | None = None,
        x_signature: str | None = None,
    ) -> Answer[WebhookTaken]:
        """Keep a piece of news of a system outside, which signs it instead of bringing a token.
         It is kept before it is answered, and made use of afterwards; so send it again only where there was
        no answer of the 200s. The same `eventId` twice is taken once. Five minutes lie at most between
        signing and receiving. See docs/webhooks.md.
        """
        call = Call(
            method="POST",
            path=address("/api/webhooks/{source}", source=source),
            headers={"X-Event-Id": x_event_id, "X-Timestamp": x_timestamp, "X-Signature": x_signature},
            body=body,
        )
        return self._asker.ask(call, {202: WebhookTaken})

    def read_webhook_events(
        self, *, state: EventState | None = None, source: Source | None = None, limit: int | None = None
    ) -> Answer[WebhookEvents]:
        """List news that came, the newest first, with what came of it; never what it says."""
        call = Call(
            method="GET", path="/api/webhook-events", query={"state": state, "source": source, "limit": limit}
        )
        return self._asker.ask(call, {200: WebhookEvents})

    def replay_webhook_event(
        self, event: UUID, *, idempotency_key: str | None = None
    ) -> Answer[WebhookTaken]:
        """Have a dead letter tried again.

        Whoever asks twice gets a 404: it is none any more.
        """
        call = Call(
            method="POST",
            path=address("/api/webhook-events/{event}/replay", event=event),
            headers={"Idempotency-Key": idempotency_key},
            keyed=True,
        )
        return self._asker.ask(call, {202: WebhookTaken})
