"""What came of samples, told to the clocks of their leads: progress, and holds while samples are late."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from activities.sample_orders import DelayHold
from activities.samples import RECORDED, Box, NotYet
from adapters.database import Pool, load_queries, transaction
from adapters.delay_teller import DelayTeller
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from adapters.notification_store import PostgresPeople
from adapters.sample_delays import delay_of_box, delay_subject
from adapters.sample_work import WORKFLOW
from protection.refusal import Code, Refused
from protection.state import ENDED, Status
from workflows.messages import RecordActivity, TellsFact

_SQL: Final = load_queries("sample_work")
PROGRESS: Final = "SAMPLE_FEEDBACK"


class TemporalSampleTeller:
    """See `activities.samples.LeadTeller`.

    Args:
        pool: connections as the worker role.
        leads: the workflows of leads.
    """

    def __init__(self, pool: Pool, leads: TemporalLeadGateway) -> None:
        self._pool = pool
        self._leads = leads
        self._delays = DelayTeller(pool, leads, PostgresPeople(pool))

    async def settle(self, box: Box, submission: UUID) -> str:
        """Tells of feedback as progress, once; answers `recorded`, or the code of the refusal.

        Raises:
            NotYet: nobody answered, or the clock there is behind.
        """
        async with transaction(self._pool, box.tenant, WORKFLOW, reading=True) as connection:
            row = await _SQL.submission_to_settle(connection, tenant=box.tenant, box=box.box, id=submission)
        if row is None:
            return Code.UNKNOWN_FACT
        if row["settled_at"] is not None:
            return str(row["outcome"])
        outcome = await self._tell(
            box,
            RecordActivity(
                kind=PROGRESS,
                occurred_at=row["given_at"],
                by=row["told_by"],
                fact_id=f"feedback-{submission}",
            ),
        )
        if outcome == Code.FUTURE_PROGRESS:
            raise NotYet("the lead's clock is behind")
        async with transaction(self._pool, box.tenant, WORKFLOW, at=box.at) as connection:
            await _SQL.settle_submission(
                connection, tenant=box.tenant, id=submission, at=box.at, outcome=outcome
            )
        return outcome

    async def open_delay(self, box: Box, mode: DelayHold, since: datetime) -> str:
        """Places a hold, or asks for one, because samples are late; answers as `settle`."""
        return await self._tell_delay(box, mode)

    async def end_delay(self, box: Box) -> str:
        """Ends that hold when the delay ended; what is only asked for is given that end too."""
        return await self._tell_delay(box, DelayHold.OFF)

    async def _tell_delay(self, box: Box, mode: DelayHold) -> str:
        async with transaction(self._pool, box.tenant, WORKFLOW, reading=True) as connection:
            delay = await delay_of_box(connection, box.tenant, box.box, box.at)
        subject = delay_subject(box.box, mode, by=WORKFLOW)
        return await self._delays.tell(box.tenant, box.lead, subject, delay, at=box.at)

    async def _tell(self, box: Box, message: TellsFact) -> str:
        try:
            await self._leads.tell(box.tenant, box.lead, message)
        except Refused as refused:
            return refused.code
        except LeadsUnavailable as error:
            raise NotYet("nobody answered for the lead") from error
        except NoRunningLead as error:
            async with transaction(self._pool, box.tenant, WORKFLOW, reading=True) as connection:
                status = await _SQL.lead_status(connection, tenant=box.tenant, lead=box.lead)
            if status is None or Status(status) not in ENDED:
                raise NotYet("nobody keeps the lead's clock") from error
            return Code.PROTECTION_ENDED
        return RECORDED
