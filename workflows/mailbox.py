"""The doors of a lead's workflow: updates, signals and queries by name, each taking one JSON value.

Every door accepts anything: the Temporal UI sends no argument at all for an empty box, and a handler
that raises wedges the workflow (a signal) or fails it. Names and payloads are the contract of
architecture.md section 5.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from workflows import names

with workflow.unsafe.imports_passed_through():
    from workflows.mail_messages import BounceReminder
    from workflows.messages import (
        Convert,
        CorrectFact,
        GrantExtension,
        PlaceHold,
        RecordActivity,
        Register,
        Reinstate,
        ReleaseHold,
        ReleaseLead,
        RetryReminder,
        TellsFact,
        Transfer,
    )
    from workflows.request_messages import (
        AdoptPolicy,
        DecideExtension,
        DecideHold,
        Erase,
        RequestExtension,
        RequestHold,
        WithdrawRequest,
    )

_WHO = '"by": "user id", "fact_id"?: "your own id of this message"'
_ACTIVITY = f'JSON: {{"kind": "QUALIFIED_CALL", "occurred_at"?: "2027-01-31T09:30:00Z", {_WHO}}}'
_HOLD = (
    'JSON: {"reason": "FFZ_PRICE_APPROVAL", "hold"?: "id", "start_at"?: "2027-01-31T09:30:00Z", '
    f'"end_at"?: "2027-02-14T09:30:00Z", {_WHO}}}'
)
_RELEASE = f'JSON: {{"hold": "id of the hold", "ended_at"?: "2027-01-31T09:30:00Z", {_WHO}}}'
_CONVERT = f'JSON: {{"customer_no"?: "K000001", "agreement_date"?: "2027-01-31", {_WHO}}}'

_ASK_HOLD = (
    'JSON: {"reason": "CUSTOMER_BLOCKED", "request"?: "id", "start_at"?: "2027-01-31T09:30:00Z", '
    f'"end_at"?: "2027-02-14T09:30:00Z", {_WHO}}}'
)
_DECIDE_HOLD = (
    'JSON: {"request": "id", "approve": true, "start_at"?: "2027-01-31T09:30:00Z", '
    f'"end_at"?: "2027-02-14T09:30:00Z", {_WHO}}}'
)
_ASK_EXTENSION = f'JSON: {{"request"?: "id", "days"?: 30, "next_step_at"?: "2027-01-31T09:30:00Z", {_WHO}}}'
_DECIDE_EXTENSION = f'JSON: {{"request": "id", "approve": true, "days"?: 30, {_WHO}}}'
_BOUNCE = f'JSON: {{"cycle": 1, "code": "5.1.1", {_WHO}}}'
_ADOPT = f'JSON: {{"version": "contract-2", "replaces": "contract-1", "policy": {{…}}, {_WHO}}}'


class Mailbox(ABC):
    """Update, signal and query handlers; what they mean is up to the workflow."""

    @abstractmethod
    async def answer(self, kind: type[TellsFact], raw: Any, extra: Sequence[Any]) -> dict[str, Any]:
        """Takes a fact in and answers once it is recorded."""

    @abstractmethod
    def check(self, kind: type[TellsFact], raw: Any, extra: Sequence[Any]) -> None:
        """Raises the refusal the message would meet; changes nothing."""

    @abstractmethod
    def hear(self, name: str, kind: type[TellsFact] | None, raw: Any, extra: Sequence[Any]) -> None:
        """Takes a signal in; never raises. Without a kind the name itself is unknown."""

    @abstractmethod
    async def send_again(self, kind: type[RetryReminder], raw: Any, extra: Sequence[Any]) -> dict[str, Any]:
        """Has a refused reminder sent again."""

    @abstractmethod
    def check_again(self, kind: type[RetryReminder], raw: Any, extra: Sequence[Any]) -> None:
        """Raises the refusal `send_again` would meet; changes nothing."""

    @abstractmethod
    def record_again(self) -> None:
        """Has projection, holds and requests written anew; never raises."""

    @workflow.update(name=names.RECORD_ACTIVITY, description=_ACTIVITY)
    async def update_record_activity(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(RecordActivity, raw, extra)

    @update_record_activity.validator
    def _check_record_activity(self, raw: Any = None, *extra: Any) -> None:
        self.check(RecordActivity, raw, extra)

    @workflow.update(name=names.PLACE_HOLD, description=_HOLD)
    async def update_place_hold(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(PlaceHold, raw, extra)

    @update_place_hold.validator
    def _check_place_hold(self, raw: Any = None, *extra: Any) -> None:
        self.check(PlaceHold, raw, extra)

    @workflow.update(name=names.RELEASE_HOLD, description=_RELEASE)
    async def update_release_hold(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(ReleaseHold, raw, extra)

    @update_release_hold.validator
    def _check_release_hold(self, raw: Any = None, *extra: Any) -> None:
        self.check(ReleaseHold, raw, extra)

    @workflow.update(name=names.GRANT_EXTENSION, description=f'JSON: {{"days": 30, {_WHO}}}')
    async def update_grant_extension(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(GrantExtension, raw, extra)

    @update_grant_extension.validator
    def _check_grant_extension(self, raw: Any = None, *extra: Any) -> None:
        self.check(GrantExtension, raw, extra)

    @workflow.update(name=names.REGISTER, description=f'JSON: {{"owner": "user id", {_WHO}}}')
    async def update_register(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(Register, raw, extra)

    @update_register.validator
    def _check_register(self, raw: Any = None, *extra: Any) -> None:
        self.check(Register, raw, extra)

    @workflow.update(
        name=names.TRANSFER, description=f'JSON: {{"owner": "user id", "restart_base"?: false, {_WHO}}}'
    )
    async def update_transfer(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(Transfer, raw, extra)

    @update_transfer.validator
    def _check_transfer(self, raw: Any = None, *extra: Any) -> None:
        self.check(Transfer, raw, extra)

    @workflow.update(name=names.CONVERT, description=_CONVERT)
    async def update_convert(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(Convert, raw, extra)

    @update_convert.validator
    def _check_convert(self, raw: Any = None, *extra: Any) -> None:
        self.check(Convert, raw, extra)

    @workflow.update(name=names.RELEASE_LEAD, description=f"JSON: {{{_WHO}}}")
    async def update_release_lead(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(ReleaseLead, raw, extra)

    @update_release_lead.validator
    def _check_release_lead(self, raw: Any = None, *extra: Any) -> None:
        self.check(ReleaseLead, raw, extra)

    @workflow.update(name=names.REINSTATE, description=f'JSON: {{"restart_base"?: false, {_WHO}}}')
    async def update_reinstate(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(Reinstate, raw, extra)

    @update_reinstate.validator
    def _check_reinstate(self, raw: Any = None, *extra: Any) -> None:
        self.check(Reinstate, raw, extra)

    @workflow.update(
        name=names.CORRECT_FACT,
        description=f'JSON: {{"corrects": "fact id", "replacement": {{…}} or null to retract it, {_WHO}}}',
    )
    async def update_correct_fact(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(CorrectFact, raw, extra)

    @update_correct_fact.validator
    def _check_correct_fact(self, raw: Any = None, *extra: Any) -> None:
        self.check(CorrectFact, raw, extra)

    @workflow.update(name=names.REQUEST_HOLD, description=_ASK_HOLD)
    async def update_request_hold(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(RequestHold, raw, extra)

    @update_request_hold.validator
    def _check_request_hold(self, raw: Any = None, *extra: Any) -> None:
        self.check(RequestHold, raw, extra)

    @workflow.update(name=names.DECIDE_HOLD, description=_DECIDE_HOLD)
    async def update_decide_hold(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(DecideHold, raw, extra)

    @update_decide_hold.validator
    def _check_decide_hold(self, raw: Any = None, *extra: Any) -> None:
        self.check(DecideHold, raw, extra)

    @workflow.update(name=names.REQUEST_EXTENSION, description=_ASK_EXTENSION)
    async def update_request_extension(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(RequestExtension, raw, extra)

    @update_request_extension.validator
    def _check_request_extension(self, raw: Any = None, *extra: Any) -> None:
        self.check(RequestExtension, raw, extra)

    @workflow.update(name=names.DECIDE_EXTENSION, description=_DECIDE_EXTENSION)
    async def update_decide_extension(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(DecideExtension, raw, extra)

    @update_decide_extension.validator
    def _check_decide_extension(self, raw: Any = None, *extra: Any) -> None:
        self.check(DecideExtension, raw, extra)

    @workflow.update(name=names.WITHDRAW_REQUEST, description=f'JSON: {{"request": "id", {_WHO}}}')
    async def update_withdraw_request(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(WithdrawRequest, raw, extra)

    @update_withdraw_request.validator
    def _check_withdraw_request(self, raw: Any = None, *extra: Any) -> None:
        self.check(WithdrawRequest, raw, extra)

    @workflow.update(name=names.ADOPT_POLICY, description=_ADOPT)
    async def update_adopt_policy(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(AdoptPolicy, raw, extra)

    @update_adopt_policy.validator
    def _check_adopt_policy(self, raw: Any = None, *extra: Any) -> None:
        self.check(AdoptPolicy, raw, extra)

    @workflow.update(name=names.ERASE, description=f"JSON: {{{_WHO}}}")
    async def update_erase(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(Erase, raw, extra)

    @update_erase.validator
    def _check_erase(self, raw: Any = None, *extra: Any) -> None:
        self.check(Erase, raw, extra)

    @workflow.update(name=names.RETRY_REMINDER, description='JSON: {"by": "user id"}')
    async def update_retry_reminder(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.send_again(RetryReminder, raw, extra)

    @update_retry_reminder.validator
    def _check_retry_reminder(self, raw: Any = None, *extra: Any) -> None:
        self.check_again(RetryReminder, raw, extra)

    @workflow.update(name=names.REMINDER_BOUNCED, description=_BOUNCE)
    async def update_reminder_bounced(self, raw: Any = None, *extra: Any) -> dict[str, Any]:  # noqa: D102
        return await self.answer(BounceReminder, raw, extra)

    @update_reminder_bounced.validator
    def _check_reminder_bounced(self, raw: Any = None, *extra: Any) -> None:
        self.check(BounceReminder, raw, extra)

    @workflow.signal(name=names.RECORD_ACTIVITY, description=_ACTIVITY)
    def signal_record_activity(self, raw: Any = None, *extra: Any) -> None:  # noqa: D102
        self.hear(names.RECORD_ACTIVITY, RecordActivity, raw, extra)

    @workflow.signal(name=names.PLACE_HOLD, description=_HOLD)
    def signal_place_hold(self, raw: Any = None, *extra: Any) -> None:  # noqa: D102
        self.hear(names.PLACE_HOLD, PlaceHold, raw, extra)

    @workflow.signal(name=names.RELEASE_HOLD, description=_RELEASE)
    def signal_release_hold(self, raw: Any = None, *extra: Any) -> None:  # noqa: D102
        self.hear(names.RELEASE_HOLD, ReleaseHold, raw, extra)

    @workflow.signal(name=names.CONVERT, description=_CONVERT)
    def signal_convert(self, raw: Any = None, *extra: Any) -> None:  # noqa: D102
        self.hear(names.CONVERT, Convert, raw, extra)

    @workflow.signal(name=names.RECORD_AGAIN, description="Writes what lists show of this lead anew")
    def signal_record_again(self, *_: Any) -> None:  # noqa: D102
        self.record_again()

    @workflow.signal(dynamic=True)
    def signal_of_another_name(self, name: str, args: Sequence[RawValue]) -> None:  # noqa: D102
        self.hear(name, None, None, args)
