"""Notifications under way: ordered once, awaited beside the loop, turned into facts when they arrive."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from workflows import options
from workflows.sending import send

with workflow.unsafe.imports_passed_through():
    from activities.orders import (
        NotificationKind,
        NotificationOrder,
        NotificationOutcome,
        NotificationResult,
    )
    from protection.dates import format_instant, parse_instant
    from protection.decide import EndProtection, SendNotice, SendReminder
    from protection.facts import (
        ExtensionRequested,
        Fact,
        HoldRequested,
        ReminderBounced,
        ReminderSent,
        RequestDecided,
    )
    from protection.lifecycle import REMINDER_BOUNCED
    from protection.refusal import Code, Refused
    from workflows.desk import Desk


@dataclass(frozen=True, slots=True)
class _Arrival:
    order: NotificationOrder
    result: NotificationResult


class Post:
    """The lead's notifications under way.

    Attributes:
        look_again: not before then is a reminder ordered again that had nothing to say.
    """

    def __init__(self) -> None:
        self.look_again: datetime | None = None
        self._under_way: dict[tuple[NotificationKind, str], asyncio.Task[_Arrival | None]] = {}

    @property
    def arrived(self) -> bool:
        """Whether results wait to be collected."""
        return any(task.done() for task in self._under_way.values())

    @property
    def idle(self) -> bool:
        """Whether nothing is under way or waits to be collected."""
        return not self._under_way

    def reminder(self, desk: Desk, command: SendReminder, now: datetime) -> None:
        """Orders the reminder of a cycle, unless it is under way."""
        if self.look_again is not None and now < self.look_again:
            return
        self.look_again = None
        self._order(desk, NotificationKind.REMINDER, str(command.cycle), command.due_at)

    def notice(self, desk: Desk, command: SendNotice) -> None:
        """Orders a notice ahead of a deadline, once per deadline."""
        desk.announced[command.key] = command.deadline
        self._order(desk, NotificationKind(str(command.notice)), command.cycle, command.deadline)

    def news(self, desk: Desk) -> None:
        """Orders the news of requests: to those who decide, and of the decision to those who asked."""
        heard, desk.news = desk.news, []
        for fact in heard:
            if isinstance(fact, RequestDecided):
                self._order(desk, NotificationKind.REQUEST_DECIDED, fact.request, fact.recorded_at)
            elif isinstance(fact, (HoldRequested, ExtensionRequested)):
                self._order(desk, NotificationKind.REQUEST_MADE, fact.request, fact.recorded_at)

    def lapse(self, desk: Desk, end: EndProtection) -> None:
        """Orders the news that protection has ended; whatever else was under way is called off."""
        self.call_off()
        self._order(desk, NotificationKind.LAPSE, format_instant(end.at), end.at)

    def retry(self, desk: Desk) -> None:
        """Orders the refused reminder of this cycle again.

        Raises:
            Refused: no reminder of this lead was refused.
        """
        due = self.refused_reminder(desk)
        self._order(desk, NotificationKind.REMINDER, str(desk.state.cycle), due, retry=True)

    @staticmethod
    def refused_reminder(desk: Desk) -> datetime:
        """When the reminder was due that was refused for good.

        Raises:
            Refused: no reminder of this lead was refused.
        """
        due = None if desk.state.deadlines is None else desk.state.deadlines.reminder_due_at
        if desk.state.problem != REMINDER_BOUNCED or due is None:
            raise Refused(
                Code.UNKNOWN_FACT, "", "no reminder of this lead was refused, or none is owed any more"
            )
        return due

    def call_off(self) -> None:
        """Calls off everything but the news of a lapse or a decision."""
        for (kind, _), task in self._under_way.items():
            if kind not in {NotificationKind.LAPSE, NotificationKind.REQUEST_DECIDED}:
                task.cancel()

    def collect(self, desk: Desk, now: datetime) -> list[Fact]:
        """The facts that arrived results amount to. A failure of ours comes up here, where it shows."""
        done = [key for key, task in self._under_way.items() if task.done()]
        tasks = [self._under_way.pop(key) for key in done]
        facts: list[Fact] = []
        for arrival in (None if task.cancelled() else task.result() for task in tasks):
            if arrival is None or arrival.order.kind is not NotificationKind.REMINDER:
                continue
            fact = self._fact(desk, arrival, max(now, desk.state.recorded_at))
            if fact is None:
                self.look_again = now + options.SUPERSEDED_PAUSE
            else:
                facts.append(fact)
        return facts

    def _fact(self, desk: Desk, arrival: _Arrival, now: datetime) -> Fact | None:
        cycle, result = int(arrival.order.cycle), arrival.result
        if result.outcome is NotificationOutcome.SENT and result.sent_at is not None:
            sent_at = parse_instant(result.sent_at)
            return ReminderSent(
                fact_id=desk.state.reminder_id(cycle),
                recorded_at=max(now, sent_at),
                by="clock",
                sent_at=sent_at,
                cycle=cycle,
            )
        if result.outcome is NotificationOutcome.BOUNCED:
            number = desk.state.revision + 1
            return ReminderBounced(
                fact_id=f"bounced/{number}",
                recorded_at=now,
                by="mail",
                cycle=cycle,
                code=result.code or "unknown",
            )
        return None

    def _order(
        self, desk: Desk, kind: NotificationKind, cycle: str, due_at: datetime, *, retry: bool = False
    ) -> None:
        if (kind, cycle) in self._under_way:
            return
        order = NotificationOrder(desk.tenant, desk.lead, kind, cycle, format_instant(due_at), retry)
        self._under_way[kind, cycle] = asyncio.create_task(self._deliver(order))

    async def _deliver(self, order: NotificationOrder) -> _Arrival | None:
        try:
            result = await send(order)
        except ActivityError as error:
            if is_cancelled_exception(error):
                return None
            cause = error.cause
            code = (cause.type if isinstance(cause, ApplicationError) else None) or "failed"
            return _Arrival(order, NotificationResult(NotificationOutcome.BOUNCED, code=code))
        return _Arrival(order, result)
