"""What happens to a lead: activities, and what hands it over, ends, revives or corrects it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from api.asking import ACTED, CREATED, CurrentAsking, CurrentDesk, StatelessAsking, acted, etag, plainly
from api.problems import ApiError, Kind, problems
from api.schemas.acts import (
    Acted,
    ActivityInput,
    ConvertInput,
    CorrectionInput,
    NoteInput,
    ReinstateInput,
    ReminderOrdered,
    TransferInput,
)
from protection.refusal import Code, Refused
from services import governing, mailing
from services.door import Done

router: Final = APIRouter(prefix="/api/leads/{lead}", tags=["facts"])


@router.post("/activities", status_code=201, responses=CREATED | problems(403, 404, 409, 412))
async def log_activity(
    lead: UUID, said: ActivityInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> Acted:
    """Log something the agent did or the customer said; progress if its kind qualifies.

    Progress is QUALIFIED_CALL, CUSTOMER_REACTION, SCHEDULED_FOLLOWUP, SAMPLE_FEEDBACK, ROI_PRESENTATION.
    EMAIL_SENT, NOTE, CALL_ATTEMPT, MEETING_PLANNED and the like are recorded and move no deadline.
    """
    done = await governing.log_activity(
        desk, asking, lead, kind=said.kind, occurred_at=said.occurred_at, note=said.note
    )
    return _created(done, response)


@router.post("/transfer", responses=ACTED | problems(403, 404, 409, 412))
async def transfer_lead(
    lead: UUID, said: TransferInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> Acted:
    """Hand the lead over: a new tenure starts, with its own 60 days for progress. For managers."""
    done = await governing.transfer(
        desk, asking, lead, owner=said.owner, reason=said.reason, restart_base=said.restart_base
    )
    return _acted(done, response)


@router.post("/release", responses=ACTED | problems(403, 404, 409, 412))
async def release_lead(
    lead: UUID, said: NoteInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> Acted:
    """Give the lead up: protection ends at once and anybody may win it."""
    return _acted(await governing.release_lead(desk, asking, lead, note=said.note), response)


@router.post("/convert", responses=ACTED | problems(403, 404, 409, 412))
async def convert_lead(
    lead: UUID, said: ConvertInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> Acted:
    """The lead has become a customer: a written agreement exists. Its clock ends here. For managers."""
    done = await governing.convert(
        desk,
        asking,
        lead,
        customer_no=said.customer_no,
        agreement_date=said.agreement_date,
        note=said.note,
    )
    return _acted(done, response)


@router.post("/reinstate", responses=ACTED | problems(403, 404, 409, 412))
async def reinstate_lead(
    lead: UUID, said: ReinstateInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> Acted:
    """Bring a lapsed or released lead back; progress is counted from now. For managers."""
    done = await governing.reinstate(desk, asking, lead, reason=said.reason, restart_base=said.restart_base)
    return _acted(done, response)


@router.post("/corrections", status_code=201, responses=CREATED | problems(403, 404, 409, 412))
async def correct_fact(
    lead: UUID, said: CorrectionInput, asking: CurrentAsking, desk: CurrentDesk, response: Response
) -> Acted:
    """Say that an earlier fact was wrong; the ledger keeps both, the audit both deadlines. For managers."""
    done = await governing.correct(
        desk,
        asking,
        lead,
        corrects=said.corrects,
        replacement=None if said.replacement is None else said.replacement.said(),
        reason=said.reason,
    )
    return _created(done, response)


@router.post("/reminder", status_code=202, responses=problems(403, 404, 409))
async def resend_reminder(lead: UUID, asking: StatelessAsking, desk: CurrentDesk) -> ReminderOrdered:
    """Have the reminder sent again that the mail server had refused for good. For managers.

    Mend the owner's address first. While a refused reminder is owed, no grace runs.
    """
    try:
        done = await mailing.resend_reminder(desk, asking, lead)
    except Refused as refused:
        if refused.code is not Code.UNKNOWN_FACT:
            raise
        raise ApiError(
            Kind.CONFLICT, "No reminder of this lead was refused.", code="no-reminder-refused"
        ) from refused
    told = acted(done)
    return ReminderOrdered(**{name: told[name] for name in ReminderOrdered.model_fields})


def _created(done: Done, response: Response) -> Acted:
    response.headers["Location"] = f"/api/leads/{done.lead}/timeline#{done.fact_id}"
    return _acted(done, response)


def _acted(done: Done, response: Response) -> Acted:
    response.headers.update(etag(done))
    return plainly(done)
