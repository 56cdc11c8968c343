"""News that systems outside send by themselves: proven and kept, then looked after by people.

Whoever sends it is answered as soon as it is kept. What it says is made use of by a workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from activities.webhook_orders import EventState, Source
from adapters import log
from adapters.breaker import utc_now
from adapters.database import Connection, Pool, transaction
from adapters.webhooks import store
from adapters.webhooks.signing import NotProven, Unproven, proven
from adapters.webhooks.store import EventRow, SourceStanding, WebhookDoor, WebhookEvent
from protection.permission import Act
from services.asking import Asking
from services.errors import Missing, NotConfigured, NotFound

_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a sender puts into the head of a request; empty where he did not.

    Attributes:
        event_id: his own id of the news; proven only by standing in the body too.
        timestamp: Unix seconds.
        signature: `sha256=…`.
    """

    event_id: str
    timestamp: str
    signature: str


@dataclass(frozen=True, slots=True)
class Announced:
    """What the body of proven news says of itself."""

    event_id: str
    kind: str


class WebhookDesk:
    """Takes news in.

    Args:
        door: where it is kept.
        tenant: whose accounts these are.
        secrets: what each system signs with; one that is not listed is not connected.
        now: UTC instants.
    """

    def __init__(
        self,
        door: WebhookDoor,
        tenant: UUID,
        secrets: Mapping[Source, str],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._door = door
        self._tenant = tenant
        self._secrets = secrets
        self._now = now

    @property
    def sources(self) -> frozenset[Source]:
        """Who is connected."""
        return frozenset(self._secrets)

    @property
    def tenant(self) -> UUID:
        """Whose accounts these are."""
        return self._tenant

    async def take(
        self, source: Source, proof: Proof, body: bytes, read: Callable[[bytes], Announced]
    ) -> bool:
        """Keep a piece of news; False: it is kept already.

        Args:
            body: as it was sent.
            read: looks into a body once it is proven; raises what it likes.

        Raises:
            NotConfigured: nothing is expected from there.
            NotProven: nobody knows who sent it, it is not fresh, or head and body name different news.
        """
        secret = self._secrets.get(source)
        if secret is None:
            raise NotConfigured(source)
        now = self._now()
        try:
            sent = proven(secret, timestamp=proof.timestamp, signed=proof.signature, body=body, now=now)
            said = read(body)
            if said.event_id != proof.event_id:
                raise NotProven(Unproven.WRONG_SIGNATURE)
        except NotProven as error:
            _log.warning("webhook not believed", source=source, why=error.why)
            raise
        new = await self._door.keep(
            self._tenant,
            WebhookEvent(
                source=source,
                event_id=said.event_id,
                kind=said.kind,
                sent_at=sent,
                received_at=now,
                body=body,
            ),
        )
        _log.info("webhook kept", source=source, kind=said.kind, repeated=not new)
        return new


async def list_events(
    connection: Connection,
    asking: Asking,
    *,
    states: Sequence[EventState] = tuple(EventState),
    source: Source | None = None,
    most: int,
) -> list[EventRow]:
    """News that came, the newest first; never what it says.

    Raises:
        Forbidden: the caller does not look after systems outside.
    """
    asking.require(Act.READ_SETTINGS)
    return await store.events(connection, asking.tenant, states=states, source=source, most=most)


async def standings(connection: Connection, asking: Asking) -> list[SourceStanding]:
    """How the news of each system stand that has sent any.

    Raises:
        Forbidden: the caller does not look after systems outside.
    """
    asking.require(Act.READ_SETTINGS)
    return await store.standings(connection, asking.tenant)


async def replay(pool: Pool, asking: Asking, event: UUID, *, at: datetime) -> None:
    """Have a dead letter tried again; its workflow starts as soon as somebody carries it.

    Args:
        pool: connections as the application.
        at: UTC instant.

    Raises:
        Forbidden: the caller may not.
        NotFound: there is no dead letter of that id.
    """
    asking.require(Act.CHANGE_SETTINGS)
    caller = asking.caller
    async with transaction(pool, caller.tenant, caller.user, caller.roles, at=at) as connection:
        if not await store.replay(connection, caller.tenant, event, by=caller.user, at=at):
            raise NotFound(Missing.WEBHOOK_EVENT)
