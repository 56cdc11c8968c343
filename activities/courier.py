"""One notification to one reader on one channel: exactly once, however often it is tried.

How a mail goes out exactly once, and what window remains, is said in docs/decisions/0030.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID, uuid5

import structlog
from temporalio.exceptions import ApplicationError

from activities.errors import (
    DeliveryBusy,
    ErrorType,
    MailDeferred,
    MailPaced,
    MailRefused,
    MailUnreachable,
    final,
    retryable,
)
from activities.orders import NotificationOutcome
from activities.ports import (
    Delivery,
    DeliveryKey,
    DeliveryRecord,
    DeliveryStatus,
    Language,
    Mail,
    Mailer,
    NotificationStore,
    Promise,
    Written,
)

NOTIFICATIONS: Final = UUID("5b0c6d0e-2f4b-5a5e-9d0a-6f1f0d7c3a10")
NO_ADDRESS: Final = "no-address"
SUPERSEDED: Final = "superseded"
PACED: Final = "paced"

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
class Told:
    """How it went with one reader."""

    outcome: NotificationOutcome
    sent_at: datetime | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What there is to tell one reader.

    Attributes:
        address: where to; None if there is none on file.
        promise: the dates it tells; `sent_at` is when it counts as sent.
        write: puts it into words; asked only when it goes out.
    """

    address: str | None
    language: Language
    promise: Promise
    write: Callable[[], Written]


@dataclass(frozen=True, slots=True)
class Trip:
    """One attempt at telling one reader.

    Attributes:
        at: when this attempt began, a UTC instant.
        attempt: its number, from 1.
        retry: an operator asks for a mail again that was refused before.
    """

    key: DeliveryKey
    at: datetime
    attempt: int
    retry: bool = False


def notification_id(key: DeliveryKey) -> UUID:
    """The id of a notification: the same for every try."""
    return uuid5(
        NOTIFICATIONS,
        "\n".join((str(key.tenant), str(key.lead), key.cycle, key.kind, key.recipient, key.channel)),
    )


def malformed(field: str, message: str) -> ApplicationError:
    """An order that nobody can carry out."""
    return final(ErrorType.MALFORMED_ORDER, f"{field}: {message}")


def as_uuid(field: str, text: str) -> UUID:
    """The id in a field of an order.

    Raises:
        ApplicationError: it is none; final, `malformed-order`.
    """
    try:
        return UUID(text)
    except (AttributeError, TypeError, ValueError):
        raise malformed(field, "must be a uuid") from None


class Courier:
    """Brings notifications to their readers."""

    def __init__(self, store: NotificationStore, mailer: Mailer, patience: Patience | None = None) -> None:
        self._store = store
        self._mailer = mailer
        self._patience = patience or Patience()

    async def bring(self, trip: Trip, item: Item | None) -> Told:
        """Send the mail, unless an earlier attempt has brought it to an end.

        Args:
            trip: which notification, and the how-manieth attempt.
            item: what to tell; None if by now there is nothing.

        Raises:
            ApplicationError: retryable `mail-deferred`, `mail-unreachable`, `mail-busy` or `mail-paced`.
        """
        key = trip.key
        log = _log.bind(
            notification=str(notification_id(key)),
            tenant=str(key.tenant),
            lead=str(key.lead),
            kind=key.kind.value,
            cycle=key.cycle,
            attempt=trip.attempt,
        )
        patience = self._patience
        try:
            async with self._store.delivery(key) as delivery:
                record = await delivery.look()
                settled = _settled(record, trip.retry)
                if settled is not None:
                    log.info("notification-settled-before", outcome=settled.outcome.value)
                    return settled
                told = await self._deliver(trip, item, delivery, record)
                log.info("notification-told", outcome=told.outcome.value, code=told.code)
                return told
        except DeliveryBusy:
            raise _again(ErrorType.MAIL_BUSY, "another attempt is sending", key, patience.busy) from None
        except MailPaced as error:
            raise _again(ErrorType.MAIL_PACED, PACED, key, error.retry_after) from None
        except MailDeferred as error:
            log.warning("notification-deferred", code=error.code)
            pause = self._pause(trip, patience.deferred, patience.longest)
            raise _again(ErrorType.MAIL_DEFERRED, error.code, key, pause) from None
        except MailUnreachable as error:
            log.warning("mail-server-unreachable", code=error.code)
            pause = self._pause(trip, patience.unreachable, patience.longest_unreachable)
            raise _again(ErrorType.MAIL_UNREACHABLE, error.code, key, pause) from None

    async def show(self, key: DeliveryKey, promise: Promise) -> None:
        """Put the notification where people find it inside, once.

        Raises:
            ApplicationError: retryable `mail-busy`.
        """
        try:
            async with self._store.delivery(key) as delivery:
                if _settled(await delivery.look(), retry=False) is None:
                    await delivery.begin(None, promise)
                    await delivery.sent(promise.sent_at)
        except DeliveryBusy:
            raise _again(
                ErrorType.MAIL_BUSY, "another attempt is telling", key, self._patience.busy
            ) from None

    async def _deliver(
        self, trip: Trip, item: Item | None, delivery: Delivery, record: DeliveryRecord | None
    ) -> Told:
        if item is None:
            if record is not None and record.status is DeliveryStatus.SENDING:
                await delivery.refused(DeliveryStatus.DEAD, SUPERSEDED, trip.at)
            return Told(NotificationOutcome.SUPERSEDED)
        identity = notification_id(trip.key)
        attempt = await delivery.begin(self._mailer.message_id(identity), item.promise)
        if item.address is None:
            await delivery.refused(DeliveryStatus.BOUNCED, NO_ADDRESS, trip.at)
            return Told(NotificationOutcome.BOUNCED, code=NO_ADDRESS)
        mail = Mail(
            message_id=identity,
            address=item.address,
            language=item.language,
            date=trip.at,
            written=item.write(),
            kind=trip.key.kind,
            cycle=trip.key.cycle,
            lead=trip.key.lead,
        )
        return await _uninterrupted(self._send_and_record(mail, delivery, attempt))

    async def _send_and_record(self, mail: Mail, delivery: Delivery, attempt: int) -> Told:
        at = mail.date
        try:
            await self._mailer.send(mail)
        except MailRefused as error:
            await delivery.refused(DeliveryStatus.BOUNCED, error.code, at)
            return Told(NotificationOutcome.BOUNCED, code=error.code)
        except MailDeferred as error:
            if attempt >= self._patience.deferrals:
                await delivery.refused(DeliveryStatus.DEAD, error.code, at)
                return Told(NotificationOutcome.BOUNCED, code=error.code)
            await delivery.refused(DeliveryStatus.SENDING, error.code, at)
            raise
        except MailUnreachable as error:
            await delivery.not_reached(error.code, at)
            raise
        except MailPaced:
            await delivery.not_reached(PACED, at)
            raise
        await delivery.sent(at)
        return Told(NotificationOutcome.SENT, sent_at=at)

    def _pause(self, trip: Trip, first: timedelta, longest: timedelta) -> timedelta:
        seed = notification_id(trip.key).int + trip.attempt
        return self._patience.pause(first, longest, trip.attempt, seed)


def _again(kind: ErrorType, why: str, key: DeliveryKey, after: timedelta) -> ApplicationError:
    return retryable(kind, f"notification {notification_id(key)}: {why}", after=after)


def _settled(record: DeliveryRecord | None, retry: bool) -> Told | None:
    """What an earlier attempt has brought to an end; None if there is something to do."""
    if record is None or record.status is DeliveryStatus.SENDING:
        return None
    if record.status is DeliveryStatus.SENT:
        return Told(NotificationOutcome.SENT, sent_at=record.sent_at)
    if retry or record.code == SUPERSEDED:
        return None
    return Told(NotificationOutcome.BOUNCED, code=record.code)


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
