"""The workflow `credit-check`: waits for what the bureau says to a question it did not answer at once.

The bureau tells us by webhook, and is asked besides, in growing pauses. The check is on record; a look asks
the bureau and writes down what it says. After a week without an answer the check goes to a person.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows import names, options

with workflow.unsafe.imports_passed_through():
    from activities.credit_orders import COMPLETE_CREDIT_CHECK, PENDING, CreditOrder, CreditSeen
    from protection.refusal import Refused
    from workflows.credit_start import StartCredit
    from workflows.messages import parse, to_json


@workflow.defn(name=names.CREDIT_CHECK)
class CreditCheck:
    """Sees one check through."""

    def __init__(self) -> None:
        self._seen: CreditSeen | None = None
        self._told = 0

    @workflow.run
    async def run(self, raw: Any = None) -> dict[str, Any]:
        """Answers where the check stood in the end: `{"status"}`."""
        try:
            start = parse(StartCredit, raw)
        except Refused as refused:
            raise ApplicationError(
                refused.message, refused.field, type=str(refused.code), non_retryable=True
            ) from refused
        looks = start.looks
        while True:
            heard = self._told
            seen = self._seen = await self._look(start)
            looks += 1
            workflow.set_current_details(_in_words(seen, looks))
            if seen.status != PENDING:
                return asdict(seen)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(to_json(replace(start, looks=looks)))
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    partial(self._hears_more, heard),
                    timeout=pause(looks),
                    timeout_summary="asks the bureau again",
                )

    @workflow.signal(name=names.LOOK_AGAIN)
    def look_again(self, _: Any = None) -> None:
        """Something new is on record."""
        self._told += 1

    @workflow.query(name=names.PROGRESS)
    def progress(self) -> dict[str, Any] | None:
        """Where the check stands; None before the first look."""
        return None if self._seen is None else asdict(self._seen)

    def _hears_more(self, heard: int) -> bool:
        return self._told != heard

    async def _look(self, start: StartCredit) -> CreditSeen:
        answer: CreditSeen = await workflow.execute_activity(
            COMPLETE_CREDIT_CHECK,
            CreditOrder(start.tenant, start.check),
            result_type=CreditSeen,
            start_to_close_timeout=options.CREDIT_ATTEMPT,
            retry_policy=options.CREDIT_RETRY,
        )
        return answer


def pause(looks: int) -> timedelta:
    """How long until the next look after so many: doubling, from seconds to a quarter of an hour."""
    doublings = min(looks - 1, 20)
    growing: timedelta = options.CREDIT_PAUSE * float(2**doublings)
    return min(growing, options.CREDIT_LONGEST_PAUSE)


def _in_words(seen: CreditSeen, looks: int) -> str:
    if seen.status != PENDING:
        return f"Answered: {seen.status}."
    return f"Waits for the credit bureau; asked {looks} times."
