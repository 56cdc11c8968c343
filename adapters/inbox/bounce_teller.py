"""Tells leads' clocks of reminders that came back after a mail server had taken them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from activities.inbox import NotYet
from adapters.database import Pool, load_queries, transaction
from adapters.inbox.sorting import WORKFLOW, PostgresMailDesk
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, TemporalLeadGateway
from protection.refusal import Code, Refused
from protection.state import ENDED, Status
from workflows.mail_messages import BounceReminder

_SQL: Final = load_queries("sample_work")


class TemporalBounceTeller:
    """See `activities.inbox.BounceTeller`.

    Args:
        pool: connections as the worker role.
        desk: where the mail is on record.
        leads: the workflows of leads.
    """

    def __init__(self, pool: Pool, desk: PostgresMailDesk, leads: TemporalLeadGateway) -> None:
        self._pool = pool
        self._desk = desk
        self._leads = leads

    async def tell(self, tenant: UUID, mail: UUID) -> str:
        """Tells of it, once; answers what came of it, as a code.

        Raises:
            NotYet: nobody answered, or the ledger does not know yet that the reminder went out.
        """
        returned = await self._desk.returned(tenant, mail)
        if returned is None:
            return "settled"
        over = await self._is_over(tenant, returned.lead)
        if not returned.on_record and not over:
            raise NotYet("the ledger does not say yet that the reminder went out")
        message = BounceReminder(
            by=WORKFLOW, fact_id=f"bounced-{mail}", cycle=returned.cycle, code=returned.code
        )
        try:
            await self._leads.tell(tenant, returned.lead, message)
            outcome = "grace-stopped"
        except Refused as refused:
            outcome = _REFUSED.get(refused.code, "refused")
        except LeadsUnavailable as error:
            raise NotYet("nobody answered for the lead") from error
        except NoRunningLead as error:
            if not over:
                raise NotYet("nobody keeps the lead's clock") from error
            outcome = "lead-ended"
        await self._desk.settle(tenant, mail, outcome)
        return outcome

    async def _is_over(self, tenant: UUID, lead: UUID) -> bool:
        async with transaction(
            self._pool, tenant, WORKFLOW, reading=True, at=datetime.now(UTC)
        ) as connection:
            status = await _SQL.lead_status(connection, tenant=tenant, lead=lead)
        return status is not None and Status(status) in ENDED


# Came too late: protection had ended before anybody knew that the reminder had reached nobody.
_REFUSED: Final = {Code.PROTECTION_ENDED: "lead-ended"}
