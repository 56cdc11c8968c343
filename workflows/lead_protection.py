"""The workflow `lead-protection`: one per lead, alive as long as the lead is.

A loop, not a brain: facts come in, `decide` says what is due, commands go out, then it sleeps until
the next wake-up or the next fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from workflows import names, options
from workflows.alarm import Alarm
from workflows.display import Display
from workflows.mailbox import Mailbox
from workflows.post import Post
from workflows.recorder import Recorder

with workflow.unsafe.imports_passed_through():
    from activities.records import LEDGER_CONFLICT
    from protection.clock import earliest
    from protection.decide import Command, EndProtection, SendNotice, SendReminder, decide
    from protection.explain import explain
    from protection.explain_texts import explanation_text
    from protection.facts import Fact
    from protection.refusal import Code, Refused
    from protection.state import ENDED, Status
    from protection.wire import fact_to_json
    from workflows.desk import Desk
    from workflows.entries import Fate
    from workflows.messages import RetryReminder, StartLead, TellsFact, parse

# Since then a lead is at rest after progress while its reminder was under way.
_RESTS = "lead-protection/0.1.0-rests-when-overtaken"


def _application_error(refused: Refused) -> ApplicationError:
    return ApplicationError(refused.message, refused.field, type=str(refused.code), non_retryable=True)


@workflow.defn(name=names.LEAD_PROTECTION)
class LeadProtection(Mailbox):
    """Protects one lead. See architecture.md section 5 for the contract."""

    @workflow.init
    def __init__(self, raw: Any = None) -> None:
        self._malformed: Refused | None = None
        self._alarm = Alarm()
        self._post = Post()
        self._recorder = Recorder(Display())
        try:
            start = parse(StartLead, raw)
            self._desk = Desk.open(start, workflow.now(), workflow.info().workflow_id)
        except Refused as refused:
            self._malformed = refused

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """Runs until protection has ended, everything is recorded and the last mail is out."""
        if self._malformed is not None:
            raise _application_error(self._malformed)
        if self._desk.awaits_reinstatement:
            await self._await_reinstatement()
        while True:
            self._desk.stirred = False
            await self._settle()
            if self._over():
                await workflow.wait_condition(workflow.all_handlers_finished)
                if self._over() and not self._desk.stirred and await self._handed_over():
                    return self._desk.answer(workflow.now())
                continue
            await self._continue_as_new_if_suggested()
            self._alarm.set(earliest(self._desk.wake_at, self._post.look_again))
            await workflow.wait_condition(self._something_to_do)

    def _something_to_do(self) -> bool:
        return self._desk.stirred or self._post.arrived or self._alarm.rang

    async def _await_reinstatement(self) -> None:
        try:
            await workflow.wait_condition(
                lambda: self._desk.state.status not in ENDED, timeout=options.REINSTATE_WINDOW
            )
        except TimeoutError:
            return

    async def _settle(self) -> None:
        """Runs whatever is due, until nothing is due and nothing is unrecorded."""
        end: EndProtection | None = None
        while True:
            self._take_deliveries()
            decision = decide(self._desk.state, workflow.now(), self._desk.announced)
            self._desk.wake_at = decision.wake_at
            for command in decision.commands:
                if isinstance(command, EndProtection):
                    end = command
                    self._desk.lapse(command, workflow.now())
            await self._recorder.record(self._desk)
            if not self._desk.stirred and not self._post.arrived:
                break
            # Something came in meanwhile: look again before anybody is told anything.
            self._desk.stirred = False
        self._order(decision.commands, end)
        self._recorder.show(self._desk)

    def _order(self, commands: Sequence[Command], end: EndProtection | None) -> None:
        """Orders what is to be told, now that what it rests on is recorded."""
        if self._desk.state.status in ENDED:
            self._post.call_off()
        if end is not None and self._desk.state.status is Status.EXPIRED:
            self._post.lapse(self._desk, end)
        for command in commands:
            if isinstance(command, SendReminder):
                self._post.reminder(self._desk, command, workflow.now())
            elif isinstance(command, SendNotice):
                self._post.notice(self._desk, command)
        if not any(isinstance(command, SendReminder) for command in commands):
            self._look_no_more()
        self._post.news(self._desk)

    def _look_no_more(self) -> None:
        """A reminder that had nothing to say is not due any more: there is nothing to look at again for it.

        Leads that went this way before look again at an instant gone by, over and over, until their next run.
        """
        if self._post.look_again is not None and workflow.patched(_RESTS):
            self._post.look_again = None

    def _take_deliveries(self) -> None:
        for fact in self._post.collect(self._desk, workflow.now()):
            try:
                self._desk.take(fact)
            except Refused as refused:
                # The lead moved on while the mail was under way; that it went out stays on record.
                self._desk.refuse(fact.type, refused, workflow.now(), str(workflow.uuid4()))

    def _over(self) -> bool:
        return (
            self._desk.state.status in ENDED and self._post.idle and not self._desk.unrecorded(workflow.now())
        )

    async def _handed_over(self) -> bool:
        """Leaves what is personal to the erasure, and answers whether nothing came in meanwhile."""
        if self._desk.state.status is Status.CONVERTED or not self._desk.hands_over:
            return True
        try:
            await workflow.start_child_workflow(
                names.LEAD_ERASURE,
                self._desk.erasure(),
                id=names.erasure_id(self._desk.tenant, self._desk.lead),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            # Whoever asked for the erasure has started it; it was waiting for this end.
            return self._over()
        return self._over() and not self._desk.stirred

    async def _continue_as_new_if_suggested(self) -> None:
        """Begins a new run, unless something is under way; then the next look is another chance."""
        if not workflow.info().is_continue_as_new_suggested() or not self._post.idle:
            return
        # Handlers whose facts were just recorded have not answered yet.
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() or self._something_to_do())
        if not self._something_to_do():
            workflow.continue_as_new(args=[self._desk.carry_over()])

    # What the mailbox hands in.

    async def answer(self, kind: type[TellsFact], raw: Any, extra: Sequence[Any]) -> dict[str, Any]:
        """See `Mailbox.answer`."""
        self._require_well_formed(extra)
        try:
            ticket, repeated = self._desk.tell(kind, raw, workflow.now(), str(workflow.uuid4()))
        except Refused as refused:
            raise _application_error(refused) from refused
        await workflow.wait_condition(lambda: ticket.fate is not Fate.PENDING)
        if ticket.fate is Fate.LOST:
            raise ApplicationError(
                "the ledger holds another fact here", type=LEDGER_CONFLICT, non_retryable=True
            )
        return self._desk.answer(workflow.now()) | {
            "revision": ticket.revision,
            "duplicate": repeated,
        }

    def check(self, kind: type[TellsFact], raw: Any, extra: Sequence[Any]) -> None:
        """See `Mailbox.check`."""
        self._require_well_formed(extra)
        try:
            self._desk.try_out(kind, raw, workflow.now())
        except Refused as refused:
            raise _application_error(refused) from refused

    def hear(self, name: str, kind: type[TellsFact] | None, raw: Any, extra: Sequence[Any]) -> None:
        """See `Mailbox.hear`."""
        if self._malformed is not None:
            return
        now, spare = workflow.now(), str(workflow.uuid4())
        try:
            if kind is None:
                raise Refused(Code.MALFORMED, "", "there is no signal of this name")
            if extra:
                raise Refused(Code.MALFORMED, "", "expected one JSON object, got several")
            self._desk.tell(kind, raw, now, spare)
        except Refused as refused:
            self._desk.refuse(name if kind else "unknown-signal", refused, now, spare)

    async def send_again(self, kind: type[RetryReminder], raw: Any, extra: Sequence[Any]) -> dict[str, Any]:
        """See `Mailbox.send_again`."""
        self.check_again(kind, raw, extra)
        self._post.retry(self._desk)
        self._desk.stirred = True
        return self._desk.answer(workflow.now())

    def check_again(self, kind: type[RetryReminder], raw: Any, extra: Sequence[Any]) -> None:
        """See `Mailbox.check_again`."""
        self._require_well_formed(extra)
        try:
            parse(kind, raw)
            self._post.refused_reminder(self._desk)
        except Refused as refused:
            raise _application_error(refused) from refused

    def record_again(self) -> None:
        """See `Mailbox.record_again`."""
        if self._malformed is None:
            self._desk.record_again()

    def _require_well_formed(self, extra: Sequence[Any]) -> None:
        if self._malformed is not None:
            raise _application_error(self._malformed)
        if extra:
            raise _application_error(Refused(Code.MALFORMED, "", "expected one JSON object, got several"))

    # Queries.

    @workflow.query(name=names.PROTECTION, description="Status, deadlines, paused, next wake-up")
    def query_protection(self, raw: Any = None) -> dict[str, Any]:
        """Where the lead stands now."""
        if self._malformed is not None:
            return {"problem": self._malformed.message}
        return self._desk.view(workflow.now())

    @workflow.query(name=names.EXPLAIN, description='The steps behind every deadline; "de" or "en" for text')
    def query_explain(self, raw: Any = None) -> Any:
        """Why the deadlines are what they are."""
        if self._malformed is not None:
            return {"problem": self._malformed.message}
        explanation = explain(self._desk.state, workflow.now())
        if raw == "de" or raw == "en":  # noqa: PLR1714 - narrows the type
            return explanation_text(explanation, raw)
        return explanation.to_json()

    @workflow.query(name=names.LEDGER, description="The facts this workflow works with")
    def query_ledger(self, raw: Any = None) -> list[dict[str, Any]]:
        """The facts in order of recording."""
        facts: tuple[Fact, ...] = () if self._malformed is not None else self._desk.state.facts
        return [fact_to_json(fact) for fact in facts]

    @workflow.query(name=names.REFUSED, description="The last messages that were refused, and why")
    def query_refused(self, raw: Any = None) -> list[dict[str, Any]]:
        """Refused messages, newest last."""
        return [] if self._malformed is not None else list(self._desk.last_refused)
