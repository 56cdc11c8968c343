"""News of systems outside in PostgreSQL. SQL: sql/queries/webhook.sql.

What was sent is sealed, because it may name people, and goes as soon as it is handled. A dead letter keeps it
so long that somebody can have it tried again; then the row goes too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from activities.webhook_orders import EventState, Source
from adapters.database import Connection, Pool, load_queries, transaction
from adapters.vault import Vault

# How long it is known that something was handled: far longer than a sender repeats it.
HANDLED_KEPT: Final = timedelta(days=90)
DEAD_KEPT: Final = timedelta(days=30)
_PURPOSE: Final = "webhook-body"
_SETTLES: Final = "webhook-event"
_SQL: Final = load_queries("webhook")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """A piece of news, for whoever makes use of it.

    Attributes:
        event_id: the sender's own.
        kind: what it is about, in the sender's words.
        sent_at: UTC instant of the sending that was taken.
        received_at: UTC instant.
        body: JSON as it was sent.
    """

    source: Source
    event_id: str
    kind: str
    sent_at: datetime
    received_at: datetime
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """A piece of news, for whoever looks after the systems outside; never what it says. UTC instants.

    Attributes:
        round: how often it was given to a workflow.
        outcome: what came of it, or the type of the last error.
        replayed_by: who last had it tried again.
    """

    id: UUID
    source: Source
    event_id: str
    kind: str
    sent_at: datetime
    received_at: datetime
    state: EventState
    round: int
    settled_at: datetime | None
    outcome: str | None
    replayed_by: str | None
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """How the news of one system stand. UTC instants; None is never.

    Attributes:
        last_dead: when a dead letter that still lies there was given up.
        waiting: not settled yet.
        dead: dead letters.
    """

    source: Source
    last_received: datetime
    last_handled: datetime | None
    last_dead: datetime | None
    waiting: int
    oldest_waiting: datetime | None
    dead: int


class WebhookDoor:
    """Where news comes in.

    Args:
        pool: connections as the application.
        vault: seals what was sent.
    """

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def keep(self, tenant: UUID, event: WebhookEvent) -> bool:
        """Keep a piece of news; False: it was kept before."""
        row = uuid4()
        body = self._vault.tenant_key(tenant, _PURPOSE).seal(row, event.body)
        async with transaction(self._pool, tenant, f"webhook/{event.source}") as connection:
            done: str = await _SQL.take_event(
                connection,
                tenant=tenant,
                id=row,
                source=event.source,
                event_id=event.event_id,
                kind=event.kind,
                sent_at=event.sent_at,
                received_at=event.received_at,
                body=body,
            )
        return done.endswith(" 1")


class WebhookEvents:
    """News for the workflows; see `activities.webhooks.WebhookStore`.

    Args:
        pool: connections as the worker role.
        vault: opens what was sent.
    """

    def __init__(self, pool: Pool, vault: Vault) -> None:
        self._pool = pool
        self._vault = vault

    async def read(self, tenant: UUID, event: UUID) -> WebhookEvent | None:
        """A piece of news with its body; None if there is none, or it is handled.

        Raises:
            NotOpened: what was kept does not belong where it lies.
        """
        async with transaction(self._pool, tenant, _SETTLES, reading=True) as connection:
            row = await _SQL.event_to_handle(connection, tenant=tenant, id=event)
        if row is None or row["body"] is None:
            return None
        return WebhookEvent(
            source=Source(row["source"]),
            event_id=row["event_id"],
            kind=row["kind"],
            sent_at=row["sent_at"],
            received_at=row["received_at"],
            body=self._vault.tenant_key(tenant, _PURPOSE).open(event, row["body"]),
        )

    async def settle(
        self, tenant: UUID, event: UUID, *, round_: int, state: EventState, outcome: str, at: datetime
    ) -> None:
        """Put down what became of it, if it still waits in that round."""
        async with transaction(self._pool, tenant, _SETTLES, at=at) as connection:
            await _SQL.settle_event(
                connection, tenant=tenant, id=event, round=round_, state=state, outcome=outcome, at=at
            )


async def events(
    connection: Connection,
    tenant: UUID,
    *,
    states: Sequence[EventState] = tuple(EventState),
    source: Source | None = None,
    most: int,
) -> list[EventRow]:
    """News the caller may know of, the newest first."""
    rows = _SQL.events(
        connection, tenant=tenant, states=[str(state) for state in states], source=source, most=most
    )
    return [
        EventRow(**{**row, "source": Source(row["source"]), "state": EventState(row["state"])})
        async for row in rows
    ]


async def standings(connection: Connection, tenant: UUID) -> list[SourceStanding]:
    """How the news of each system stand that has sent any."""
    rows = _SQL.event_standing(connection, tenant=tenant)
    return [SourceStanding(**{**row, "source": Source(row["source"])}) async for row in rows]


async def replay(connection: Connection, tenant: UUID, event: UUID, *, by: str, at: datetime) -> bool:
    """Let a dead letter be tried again; False: there is none of that id.

    Args:
        by: who wants it; has to be the user of the transaction.
        at: UTC instant.
    """
    done: str = await _SQL.replay_event(connection, tenant=tenant, id=event, by=by, at=at)
    return done.endswith(" 1")
