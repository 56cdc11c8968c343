"""Telling people about a lead: once per lead, cycle, kind, recipient and channel.

How a mail goes out exactly once, and what window remains, is said in docs/decisions/0030.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.audience import audience
from activities.errors import (
    DeliveryBusy,
    ErrorType,
    MailDeferred,
    MailRefused,
    MailUnreachable,
    UnknownLead,
    final,
    retryable,
)
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
    Delivery,
    DeliveryKey,
    DeliveryRecord,
    DeliveryStatus,
    LeadDirectory,
    LedgerReader,
    LetterWriter,
    Mail,
    Mailer,
    NotificationStore,
    Promise,
    Reader,
    StandingRules,
    TellingRules,
)
from protection.dates import format_instant, parse_instant
from protection.permission import Actor, Relation, may

NOTIFICATIONS: Final = UUID("5b0c6d0e-2f4b-5a5e-9d0a-6f1f0d7c3a10")
NO_ADDRESS: Final = "no-address"
NO_READER: Final = "no-reader"
SUPERSEDED: Final = "superseded"

# Instants, numbers, and the ids of requests and holds.
_CYCLE: Final = re.compile(r"[A-Za-z0-9._:#-]{1,100}")

T = TypeVar("T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and after how long a mail is tried again.

    Attributes:
        deferrals: after so many answers of "not now" the mail is given up (dead letter).
        deferred: pause after the first of them; doubles each time.
        unreachable: pause after the first try that reached no server; doubles, never gives up.
        longest: no pause is longer, for a deferral.
        longest_unreachable: the same while no server is reached.
        busy: pause while another attempt holds the notification.
    """

    deferrals: int = 8
    deferred: timedelta = timedelta(seconds=30)
    unreachable: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(hours=1)
    longest_unreachable: timedelta = timedelta(minutes=2)
    busy: timedelta = timedelta(seconds=2)

    def pause(self, first: timedelta, longest: timedelta, attempt: int, seed: int) -> timedelta:
        """Doubling from `first`, spread by a fifth to each side so that mails do not return in one wave."""
        doubled = min(first * (1 << min(max(attempt, 1) - 1, 20)), longest)
        return doubled * (0.8 + 0.4 * (seed % 997) / 996)


@dataclass(frozen=True, slots=True)
class _Told:
    """How it went with one reader."""

    outcome: NotificationOutcome
    sent_at: datetime | None = None
    code: str | None = None


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


def notification_id(key: DeliveryKey) -> UUID:
    """The id of a notification: the same for every try."""
    return uuid5(
        NOTIFICATIONS,
        "\n".join((str(key.tenant), str(key.lead), key.cycle, key.kind, key.recipient, key.channel)),
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
        self._store = store
        self._mailer = mailer
        self._directory = directory
        self._ledgers = ledgers
        self._writer = writer
        self._rules = rules or StandingRules()
        self._patience = patience or Patience()

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
        told: list[_Told] = []
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

    def _told_nobody(self, case: _Case) -> _Told:
        if case.letter is None:
            return _Told(NotificationOutcome.SUPERSEDED)
        order = case.order
        _log.warning(
            "notification-without-reader", tenant=order.tenant, lead=order.lead, kind=str(order.kind)
        )
        return _Told(NotificationOutcome.BOUNCED, code=NO_READER)

    async def _read(self, order: NotificationOrder) -> _Case:
        tenant, lead = _uuid("tenant", order.tenant), _uuid("lead", order.lead)
        if not _CYCLE.fullmatch(order.cycle):
            raise _malformed("cycle", "must be 1 to 100 letters, digits, or any of . _ : # -")
        try:
            due_at = parse_instant(order.due_at)
        except (TypeError, ValueError):
            raise _malformed("due_at", "must be an ISO 8601 time with a zone") from None
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

    async def _tell(self, case: _Case, reader: Reader | str) -> _Told:
        key = case.key(reader if isinstance(reader, str) else reader.user)
        log = _log.bind(
            notification=str(notification_id(key)),
            tenant=case.order.tenant,
            lead=case.order.lead,
            kind=case.order.kind.value,
            cycle=case.order.cycle,
            due_at=case.order.due_at,
            attempt=case.attempt,
        )
        try:
            async with self._store.delivery(key) as delivery:
                record = await delivery.look()
                settled = _settled(record, case.order.retry)
                if settled is not None:
                    log.info("notification-settled-before", outcome=settled.outcome.value)
                    return settled
                told = await self._deliver(case, key, reader, delivery, record)
                log.info("notification-told", outcome=told.outcome.value, code=told.code)
                return told
        except DeliveryBusy:
            raise self._again(
                ErrorType.MAIL_BUSY, "another attempt is sending", key, self._patience.busy
            ) from None
        except MailDeferred as error:
            log.warning("notification-deferred", code=error.code)
            pause = self._pause(case, key, self._patience.deferred, self._patience.longest)
            raise self._again(ErrorType.MAIL_DEFERRED, error.code, key, pause) from None
        except MailUnreachable as error:
            log.warning("mail-server-unreachable", code=error.code)
            pause = self._pause(case, key, self._patience.unreachable, self._patience.longest_unreachable)
            raise self._again(ErrorType.MAIL_UNREACHABLE, error.code, key, pause) from None

    async def _show_elsewhere(self, case: _Case, reader: Reader | str, told: _Told) -> None:
        """Puts a reminder that went out where else the tenant wants it, with the dates the mail promised."""
        if (
            case.order.kind is not NotificationKind.REMINDER
            or told.sent_at is None
            or isinstance(reader, str)
        ):
            return
        letter = draft(case.occasion, case.ledger, told.sent_at)
        if letter is None:
            return
        for channel in await self._rules.channels(case.tenant):
            key = case.key(reader.user, channel)
            try:
                async with self._store.delivery(key) as delivery:
                    if _settled(await delivery.look(), retry=False) is None:
                        await delivery.begin(None, _promise(letter))
                        await delivery.sent(told.sent_at)
            except DeliveryBusy:
                raise self._again(
                    ErrorType.MAIL_BUSY, "another attempt is telling", key, self._patience.busy
                ) from None

    async def _deliver(
        self,
        case: _Case,
        key: DeliveryKey,
        reader: Reader | str,
        delivery: Delivery,
        record: DeliveryRecord | None,
    ) -> _Told:
        letter = case.letter
        if letter is None:
            if record is not None and record.status is DeliveryStatus.SENDING:
                await delivery.refused(DeliveryStatus.DEAD, SUPERSEDED, case.sent_at)
            return _Told(NotificationOutcome.SUPERSEDED)
        identity = notification_id(key)
        attempt = await delivery.begin(self._mailer.message_id(identity), _promise(letter))
        if isinstance(reader, str) or reader.address is None:
            await delivery.refused(DeliveryStatus.BOUNCED, NO_ADDRESS, case.sent_at)
            return _Told(NotificationOutcome.BOUNCED, code=NO_ADDRESS)
        mail = Mail(
            message_id=identity,
            address=reader.address,
            language=reader.language,
            date=case.sent_at,
            written=self._writer.write(letter, reader),
            kind=case.order.kind,
            cycle=case.order.cycle,
            lead=case.occasion.lead,
        )
        return await _uninterrupted(self._send_and_record(mail, delivery, attempt))

    async def _send_and_record(self, mail: Mail, delivery: Delivery, attempt: int) -> _Told:
        at = mail.date
        try:
            await self._mailer.send(mail)
        except MailRefused as error:
            await delivery.refused(DeliveryStatus.BOUNCED, error.code, at)
            return _Told(NotificationOutcome.BOUNCED, code=error.code)
        except MailDeferred as error:
            if attempt >= self._patience.deferrals:
                await delivery.refused(DeliveryStatus.DEAD, error.code, at)
                return _Told(NotificationOutcome.BOUNCED, code=error.code)
            await delivery.refused(DeliveryStatus.SENDING, error.code, at)
            raise
        except MailUnreachable as error:
            await delivery.not_reached(error.code, at)
            raise
        await delivery.sent(at)
        return _Told(NotificationOutcome.SENT, sent_at=at)

    def _pause(self, case: _Case, key: DeliveryKey, first: timedelta, longest: timedelta) -> timedelta:
        seed = notification_id(key).int + case.attempt
        return self._patience.pause(first, longest, case.attempt, seed)

    def _again(self, kind: ErrorType, why: str, key: DeliveryKey, after: timedelta) -> ApplicationError:
        return retryable(kind, f"notification {notification_id(key)}: {why}", after=after)


def _settled(record: DeliveryRecord | None, retry: bool) -> _Told | None:
    """What an earlier attempt has brought to an end; None if there is something to do."""
    if record is None or record.status is DeliveryStatus.SENDING:
        return None
    if record.status is DeliveryStatus.SENT:
        return _Told(NotificationOutcome.SENT, sent_at=record.sent_at)
    if retry or record.code == SUPERSEDED:
        return None
    return _Told(NotificationOutcome.BOUNCED, code=record.code)


def _promise(letter: Letter) -> Promise:
    return Promise(
        letter.sent_at, letter.grace_until, letter.progress_until, letter.base_until, letter.valid_until
    )


def _malformed(field: str, message: str) -> ApplicationError:
    return final(ErrorType.MALFORMED_ORDER, f"{field}: {message}")


def _uuid(field: str, text: str) -> UUID:
    try:
        return UUID(text)
    except (AttributeError, TypeError, ValueError):
        raise _malformed(field, "must be a uuid") from None


async def _uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Runs to its end even when the worker is shutting down: a mail handed over is also recorded."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and (failure := task.exception()) is not None:
            _log.warning("notification-failed-at-shutdown", error=type(failure).__name__)
        raise
