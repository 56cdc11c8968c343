"""Brings what a desk holds into the ledger, however long the database is away."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from workflows import options
from workflows.display import Display

with workflow.unsafe.imports_passed_through():
    from activities.records import LEDGER_CONFLICT, RECORD_FACTS, Recorded
    from workflows.desk import Desk


class Recorder:
    """Records by local activity; between tries the workflow waits, and says why."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._away = False
        self._pause = options.DB_PAUSE

    async def record(self, desk: Desk) -> None:
        """Returns when nothing is unrecorded.

        Raises:
            ApplicationError: type `ledger-conflict`; the ledger holds another beginning of this lead.
        """
        while desk.unrecorded(workflow.now()):
            command = desk.command(workflow.now())
            try:
                answer = await workflow.execute_local_activity(
                    RECORD_FACTS,
                    command,
                    start_to_close_timeout=options.DB_ATTEMPT,
                    schedule_to_close_timeout=options.DB_IN_ALL,
                    retry_policy=options.DB_RETRY,
                )
            except FailureError as error:
                if is_cancelled_exception(error):
                    raise
                # A local activity's failure comes as it is, or wrapped as that of an activity.
                await self._wait(desk, error.cause if isinstance(error, ActivityError) else error)
            else:
                self._away = False
                self._pause = options.DB_PAUSE
                desk.recorded(command, Recorded.read(answer, len(command.facts)))

    def show(self, desk: Desk) -> None:
        """Tells the operators where the lead stands."""
        self._display.show(desk, database_away=self._away)

    async def _wait(self, desk: Desk, cause: BaseException | None) -> None:
        if isinstance(cause, ApplicationError) and cause.type == LEDGER_CONFLICT:
            ledger = cause.details[0] if cause.details else []
            if desk.catch_up(ledger, workflow.now()):
                return
            if not desk.give_up(workflow.now(), str(workflow.uuid4())):
                raise ApplicationError(
                    "the ledger already holds this lead", type=LEDGER_CONFLICT, non_retryable=True
                ) from cause
        else:
            self._away = True
        self.show(desk)
        await workflow.sleep(self._pause, summary="recording failed: next try")
        self._pause = min(2 * self._pause, options.DB_LONGEST_PAUSE)
