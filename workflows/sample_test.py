"""The workflow `sample-test`: one per box of samples, from the promise to the customer's word about it.

What happened to a box is in the database; this follows it: waits for the shipment, the delivery and the test,
asks for feedback, reminds once, tells the lead's clock what was said, and closes the form. Messages only say
that there is something to look at, so that none can be lost, come twice, or come in the wrong order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows import names, options

with workflow.unsafe.imports_passed_through():
    from activities.orders import (
        MAIL_QUEUE,
        SEND_INVITATION,
        InvitationKind,
        InvitationOrder,
        NotificationResult,
    )
    from activities.sample_orders import (
        CLOSE_INVITATION,
        END_SAMPLE_DELAY,
        ISSUE_INVITATION,
        OPEN_SAMPLE_DELAY,
        READ_SAMPLE,
        SETTLE_FEEDBACK,
        Closed,
        SampleOrder,
        SampleSeen,
        Settled,
    )
    from protection.dates import format_instant
    from protection.refusal import Code, Refused
    from workflows.messages import parse, to_json
    from workflows.sample_plan import Plan, Step, plan
    from workflows.sample_start import SampleNews, StartSample

T = TypeVar("T")
_NEWS = 'JSON: {"by": "user id", "at"?: "2027-01-31T09:30:00Z"}'


def _application_error(refused: Refused) -> ApplicationError:
    return ApplicationError(refused.message, refused.field, type=str(refused.code), non_retryable=True)


@workflow.defn(name=names.SAMPLE_TEST)
class SampleTest:
    """Follows one box of samples."""

    @workflow.init
    def __init__(self, raw: Any = None) -> None:
        self._malformed: Refused | None = None
        self._stirred = True
        self._seen = SampleSeen(wanted=True)
        self._plan = Plan()
        self._done: list[Step] = []
        try:
            self._start = parse(StartSample, raw)
        except Refused as refused:
            self._malformed = refused
            return
        self._done = list(self._start.done)

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """Answers where the box stood in the end: see `query_sample`."""
        if self._malformed is not None:
            raise _application_error(self._malformed)
        while True:
            self._stirred = False
            await self._settle()
            if self._plan.over and not self._stirred:
                return self._view()
            if workflow.info().is_continue_as_new_suggested() and not self._stirred:
                workflow.continue_as_new(args=[to_json(self._carried_over())])
            await self._sleep(self._plan.wake_at)

    async def _settle(self) -> None:
        """Does whatever is due, one thing after the other, each after a new look."""
        while True:
            self._seen = await self._do(READ_SAMPLE, SampleSeen)
            self._plan = plan(self._seen, workflow.now(), self._done)
            self._show()
            if self._plan.step is None:
                return
            await self._take(self._plan.step)
            if self._plan.step is not Step.SETTLE:
                self._done.append(self._plan.step)

    async def _take(self, step: Step) -> None:
        match step:
            case Step.SETTLE:
                for submission in self._seen.unsettled:
                    await self._do(SETTLE_FEEDBACK, Settled, submission=submission)
            case Step.OPEN_DELAY:
                await self._do(
                    OPEN_SAMPLE_DELAY, Settled, mode=self._seen.delay_mode, since=self._seen.promised_at
                )
            case Step.END_DELAY:
                await self._do(END_SAMPLE_DELAY, Settled)
            case Step.ISSUE:
                await self._do(ISSUE_INVITATION, Settled)
            case Step.INVITE:
                await self._mail(InvitationKind.INVITATION)
            case Step.REMIND:
                await self._mail(InvitationKind.REMINDER)
            case Step.CLOSE:
                cancelled = self._seen.cancelled_at is not None
                await self._do(
                    CLOSE_INVITATION, Settled, why=Closed.CANCELLED if cancelled else Closed.CLOSED
                )

    async def _do(self, name: str, kind: type[T], **more: str | None) -> T:
        answer: T = await workflow.execute_activity(
            name,
            SampleOrder(
                tenant=self._start.tenant,
                lead=self._start.lead,
                box=self._start.box,
                at=format_instant(workflow.now()),
                **more,
            ),
            result_type=kind,
            start_to_close_timeout=options.SAMPLE_ATTEMPT,
            retry_policy=options.SAMPLE_RETRY,
        )
        return answer

    async def _mail(self, kind: InvitationKind) -> None:
        if self._seen.invitation is None:
            return
        await workflow.execute_activity(
            SEND_INVITATION,
            InvitationOrder(self._start.tenant, self._start.lead, self._seen.invitation, kind),
            task_queue=MAIL_QUEUE,
            result_type=NotificationResult,
            start_to_close_timeout=options.MAIL_ATTEMPT,
            heartbeat_timeout=options.MAIL_HEARTBEAT,
            retry_policy=options.MAIL_RETRY,
            summary=str(kind),
        )

    async def _sleep(self, wake_at: datetime | None) -> None:
        """Until there is news, or the time has come."""
        timeout = None if wake_at is None else wake_at - workflow.now()
        try:
            await workflow.wait_condition(
                lambda: self._stirred, timeout=timeout, timeout_summary=self._plan.waits_for
            )
        except TimeoutError:
            return

    def _carried_over(self) -> StartSample:
        return StartSample(
            tenant=self._start.tenant,
            lead=self._start.lead,
            box=self._start.box,
            done=self._done,
        )

    def _view(self) -> dict[str, Any]:
        wake_at = self._plan.wake_at
        return {
            "shipped_at": self._seen.shipped_at,
            "delivered_at": self._seen.delivered_at,
            "cancelled_at": self._seen.cancelled_at,
            "done": [str(step) for step in self._done],
            "rated": self._seen.rated,
            "over": self._plan.over,
            "waits_for": self._plan.waits_for,
            "wake_at": None if wake_at is None else format_instant(wake_at),
        }

    def _show(self) -> None:
        if self._plan.over:
            workflow.set_current_details("Nothing is left to wait for.")
            return
        until = "" if self._plan.wake_at is None else f", looks again at {format_instant(self._plan.wake_at)}"
        workflow.set_current_details(f"Waits for {self._plan.waits_for or self._plan.step}{until}.")

    # What it is told: that there is something to look at.

    def _hear(self, raw: Any, extra: Sequence[Any]) -> dict[str, Any]:
        self._check(raw, extra)
        self._stirred = True
        return self._view()

    def _check(self, raw: Any, extra: Sequence[Any]) -> None:
        if self._malformed is not None:
            raise _application_error(self._malformed)
        try:
            if extra:
                raise Refused(Code.MALFORMED, "", "expected one JSON object, got several")
            parse(SampleNews, raw)
        except Refused as refused:
            raise _application_error(refused) from refused

    @workflow.update(name=names.OPENED, description=_NEWS)
    def update_opened(self, raw: Any = None, *extra: Any) -> dict[str, Any]:
        """The box was promised."""
        return self._hear(raw, extra)

    @update_opened.validator
    def _check_opened(self, raw: Any = None, *extra: Any) -> None:
        self._check(raw, extra)

    @workflow.update(name=names.SHIPPED, description=_NEWS)
    def update_shipped(self, raw: Any = None, *extra: Any) -> dict[str, Any]:
        """The box is on its way."""
        return self._hear(raw, extra)

    @update_shipped.validator
    def _check_shipped(self, raw: Any = None, *extra: Any) -> None:
        self._check(raw, extra)

    @workflow.update(name=names.DELIVERED, description=_NEWS)
    def update_delivered(self, raw: Any = None, *extra: Any) -> dict[str, Any]:
        """The box has arrived."""
        return self._hear(raw, extra)

    @update_delivered.validator
    def _check_delivered(self, raw: Any = None, *extra: Any) -> None:
        self._check(raw, extra)

    @workflow.update(name=names.TEST_PHASE, description=_NEWS)
    def update_test_phase(self, raw: Any = None, *extra: Any) -> dict[str, Any]:
        """A test phase was planned."""
        return self._hear(raw, extra)

    @update_test_phase.validator
    def _check_test_phase(self, raw: Any = None, *extra: Any) -> None:
        self._check(raw, extra)

    @workflow.update(name=names.FEEDBACK, description=_NEWS)
    def update_feedback(self, raw: Any = None, *extra: Any) -> dict[str, Any]:
        """Somebody has said how the samples were."""
        return self._hear(raw, extra)

    @update_feedback.validator
    def _check_feedback(self, raw: Any = None, *extra: Any) -> None:
        self._check(raw, extra)

    @workflow.update(name=names.CANCEL, description=_NEWS)
    def update_cancel(self, raw: Any = None, *extra: Any) -> dict[str, Any]:
        """The box was called off."""
        return self._hear(raw, extra)

    @update_cancel.validator
    def _check_cancel(self, raw: Any = None, *extra: Any) -> None:
        self._check(raw, extra)

    @workflow.query(name=names.SAMPLE, description="Where the box stands, and what is waited for")
    def query_sample(self, raw: Any = None) -> dict[str, Any]:
        """Where the box stands."""
        return {"problem": self._malformed.message} if self._malformed is not None else self._view()
