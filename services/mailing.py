"""Mails that people have a say in: a refused reminder goes out again when its address was mended."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from adapters.lead_gateway import LeadsUnavailable, NoRunningLead
from adapters.read_model import Protection, protection_of
from protection.dates import format_instant
from protection.lifecycle import REMINDER_BOUNCED
from protection.permission import Act
from protection.refusal import Code, Refused
from protection.state import ENDED
from services.acting import done_of, ended
from services.asking import Asking
from services.desk import Desk
from services.door import Done, enter, finish, new_entry, relation, stand
from services.errors import NobodyKeepsIt, NotFound, Unavailable
from workflows.messages import RetryReminder


async def resend_reminder(desk: Desk, asking: Asking, lead: UUID) -> Done:
    """Have the reminder sent again that the mail server had refused for good.

    No fact tells of it; the audit says who asked for it.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not.
        Refused: protection has ended, or no reminder was refused.
        KeyReused: the idempotency key stands for another request.
        Unavailable: nobody took it up in time; doing it again sends nothing twice.
        NobodyKeepsIt: the lead has no workflow.
    """
    async with desk.writing(asking) as connection:
        standing = await stand(connection, asking, lead)
        asking.require(Act.RESEND_MAIL, relation(standing))
        entry = new_entry(desk, asking, lead, Act.RESEND_MAIL, {})
        known = await enter(connection, entry)
        if known is not None:
            if known.done is not None:
                return known.done
            entry = replace(entry, id=known.id)
        if standing.status in ENDED:
            raise ended(standing.status)
        found = await protection_of(connection, asking.tenant, lead)
        if found is None:
            raise NotFound
        if found.problem != REMINDER_BOUNCED:
            if known is not None:
                # It arrived although nobody answered in time, or somebody else had it sent.
                return _already(asking, lead, found)
            raise Refused(Code.UNKNOWN_FACT, "", "no reminder of this lead was refused")
    try:
        told = await desk.gateway.tell(asking.tenant, lead, RetryReminder(by=asking.caller.user))
    except LeadsUnavailable as error:
        raise Unavailable from error
    except NoRunningLead as error:
        raise NobodyKeepsIt from error
    return await finish(desk, asking, entry, done_of(asking, lead, told), None)


def _already(asking: Asking, lead: UUID, found: Protection) -> Done:
    until = found.valid_until
    return Done(
        lead=lead,
        fact_id=asking.fact_id,
        revision=found.revision,
        duplicate=True,
        status=str(found.status),
        paused=found.paused,
        valid_until=None if until is None else format_instant(until),
    )
