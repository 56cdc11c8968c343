"""Telling people about a lead: once per lead, cycle, kind, recipient and channel."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.audience import audience, shown_on
from activities.courier import Courier, Item, Patience, Told, Trip, as_uuid, malformed
from activities.errors import ErrorType, UnknownLead, final
from activities.heartbeat import beating
from activities.letters import LeadLedger, Letter, Occasion, draft
from activities.orders import (
    HEARTBEAT_EVERY,
    SEND_NOTIFICATION,
    NotificationKind,
    NotificationOrder,
    NotificationOutcome,
    NotificationResult,
)
from activities.ports import (
    Channel,
    DeliveryKey,
    Language,
    LeadDirectory,
    LedgerReader,
    LetterWriter,
    Mailer,
    NotificationStore,
    Promise,
    Reader,
    StandingRules,
    TellingRules,
)
from protection.dates import format_instant, parse_instant
from protection.permission import Actor, Relation, may

NO_READER: Final = "no-reader"

# Instants, numbers, and the ids of requests and holds.
_CYCLE: Final = re.compile(r"[A-Za-z0-9._:#-]{1,100}")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Case:
    """One order, checked, with what was read for it; `letter` is None if there is nothing to tell."""

    tenant: UUID
    occasion: Occasion
    order: NotificationOrder
    ledger: LeadLedger
    letter: Letter | None
    sent_at: datetime
    attempt: int

    def key(self, recipient: str, channel: Channel = Channel.EMAIL) -> DeliveryKey:
        return DeliveryKey(
            self.tenant, self.occasion.lead, self.order.cycle, self.order.kind, recipient, channel
        )


class NotificationActivities:
    """Sends what the workflows order. Idempotent by the notification's key."""

    def __init__(
        self,
        *,
        store: NotificationStore,
        mailer: Mailer,
        directory: LeadDirectory,
        ledgers: LedgerReader,
        writer: LetterWriter,
        rules: TellingRules | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._courier = Courier(store, mailer, patience)
        self._directory = directory
        self._ledgers = ledgers
        self._writer = writer
        self._rules = rules or StandingRules()

    @activity.defn(name=SEND_NOTIFICATION)
    async def send_notification(self, order: NotificationOrder) -> NotificationResult:
        """Tells everybody the order's kind concerns, each by a mail of their own.

        The result is that of the first reader, who is the owner except for a request made; a refusal of
        somebody else's mail is recorded, not reported.

        Raises:
            ApplicationError: retryable `mail-deferred`, `mail-unreachable` or `mail-busy`;
                final `malformed-order` or `unknown-lead`.
        """
        async with beating(HEARTBEAT_EVERY):
            return await self._tell_all(await self._read(order))

    async def _tell_all(self, case: _Case) -> NotificationResult:
        waiting: ApplicationError | None = None
        told: list[Told] = []
        for reader in await self._readers(case):
            try:
                told.append(await self._tell(case, reader))
                await self._show_elsewhere(case, reader, told[-1])
            except ApplicationError as error:
                # The others are not made to wait for this one.
                waiting = waiting or error
        if waiting is not None:
            raise waiting
        first = told[0] if told else self._told_nobody(case)
        sent_at = None if first.sent_at is None else format_instant(first.sent_at)
        return NotificationResult(first.outcome, sent_at, first.code)

    def _told_nobody(self, case: _Case) -> Told:
        if case.letter is None:
            return Told(NotificationOutcome.SUPERSEDED)
        order = case.order
        _log.warning(
            "notification-without-reader", tenant=order.tenant, lead=order.lead, kind=str(order.kind)
        )
        return Told(NotificationOutcome.BOUNCED, code=NO_READER)

    async def _read(self, order: NotificationOrder) -> _Case:
        tenant, lead = as_uuid("tenant", order.tenant), as_uuid("lead", order.lead)
        if not _CYCLE.fullmatch(order.cycle):
            raise malformed("cycle", "must be 1 to 100 letters, digits, or any of . _ : # -")
        try:
            due_at = parse_instant(order.due_at)
        except (TypeError, ValueError):
            raise malformed("due_at", "must be an ISO 8601 time with a zone") from None
        try:
            ledger = await self._ledgers.ledger(tenant, lead)
        except UnknownLead:
            raise final(ErrorType.UNKNOWN_LEAD, "no such lead in this tenant") from None
        info = activity.info()
        sent_at = info.started_time.astimezone(UTC)
        occasion = Occasion(order.kind, lead, order.cycle, due_at)
        letter = draft(occasion, ledger, sent_at)
        if letter is not None:
            letter = replace(letter, names=await self._directory.names(tenant, letter.people))
        return _Case(tenant, occasion, order, ledger, letter, sent_at, info.attempt)

    async def _readers(self, case: _Case) -> list[Reader | str]:
        """Everybody concerned, once, the most concerned first; the bare id of one who is not on file."""
        told = audience(case.occasion, case.ledger)
        readers: dict[str, Reader | str] = {}
        for user in told.users:
            readers[user] = await self._directory.reader(case.tenant, user) or user
        if told.staff is not None:
            for reader in await self._directory.having(case.tenant, await self._rules.roles(case.tenant)):
                if may(told.staff, Actor(reader.user, reader.roles), Relation(told.owner)):
                    readers.setdefault(reader.user, reader)
        return [reader for user, reader in readers.items() if user != told.without]

    async def _tell(self, case: _Case, reader: Reader | str) -> Told:
        key = case.key(reader if isinstance(reader, str) else reader.user)
        trip = Trip(key, case.sent_at, case.attempt, case.order.retry)
        return await self._courier.bring(trip, self._item(case.letter, reader))

    def _item(self, letter: Letter | None, reader: Reader | str) -> Item | None:
        if letter is None:
            return None
        if isinstance(reader, str):
            nobody = Reader(reader, None, reader, Language.EN, letter.policy.timezone)
            return self._item(letter, nobody)
        return Item(
            reader.address, reader.language, _promise(letter), lambda: self._writer.write(letter, reader)
        )

    async def _show_elsewhere(self, case: _Case, reader: Reader | str, told: Told) -> None:
        """Puts what was told where else the tenant wants it, with the dates the mail promised."""
        if told.outcome is NotificationOutcome.SUPERSEDED or isinstance(reader, str):
            return
        if told.sent_at is None and case.order.kind is NotificationKind.REMINDER:
            # A reminder that did not go out promises a grace that has not begun.
            return
        letter = case.letter if told.sent_at is None else draft(case.occasion, case.ledger, told.sent_at)
        if letter is None:
            return
        for channel in await self._rules.channels(case.tenant):
            if channel in shown_on(case.order.kind):
                await self._courier.show(case.key(reader.user, channel), _promise(letter))


def _promise(letter: Letter) -> Promise:
    return Promise(
        letter.sent_at, letter.grace_until, letter.progress_until, letter.base_until, letter.valid_until
    )
