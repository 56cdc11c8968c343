"""Samples: boxes, test phases, results, feedback; for whoever may log what was done about the lead."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response

from adapters.sample_records import Item
from api.asking import LOCATED, CurrentDesk, PlainAsking, StatelessAsking
from api.problems import problems
from api.schemas.samples import (
    BoxInput,
    BoxList,
    BoxRead,
    FeedbackList,
    FeedbackRead,
    HeardInput,
    MomentInput,
    PhaseInput,
    PhaseRead,
    ResultsInput,
)
from services import samples

router: Final = APIRouter(tags=["samples"])
BoxId = Annotated[UUID, Path(description="id of the box")]
PhaseId = Annotated[UUID, Path(description="id of the test phase")]
_CHANGED: Final[dict[int | str, dict[str, Any]]] = problems(403, 404, 409)


@router.get("/api/leads/{lead}/sample-boxes", responses=problems(404))
async def read_sample_boxes(lead: UUID, asking: PlainAsking, desk: CurrentDesk) -> BoxList:
    """All boxes of a lead with what came of them, the newest first."""
    return BoxList(items=[BoxRead.of(box) for box in await samples.boxes_of(desk, asking, lead)])


@router.get("/api/sample-boxes/{box}", responses=problems(404))
async def read_sample_box(box: BoxId, asking: PlainAsking, desk: CurrentDesk) -> BoxRead:
    """A box with all that came of it."""
    return BoxRead.of(await samples.box_of(desk, asking, box))


@router.post("/api/sample-boxes", status_code=201, responses=LOCATED | _CHANGED)
async def promise_sample_box(
    said: BoxInput, asking: StatelessAsking, desk: CurrentDesk, response: Response
) -> BoxRead:
    """Promise a box of samples.

    Its workflow follows it: a shipment that comes later than promised proposes a hold (setting
    `sample.delay.hold`), feedback is asked for after the delivery, and closes the box.
    """
    wanted = samples.WantedBox(
        lead=said.lead_id,
        items=[Item(item.sku, item.qty) for item in said.items],
        account=said.account_id,
        notes=said.notes,
        promised_at=said.promised_at,
    )
    box = await samples.promise(desk, asking, wanted)
    response.headers["Location"] = f"/api/sample-boxes/{box.id}"
    return BoxRead.of(box)


@router.post("/api/sample-boxes/{box}/shipped", responses=_CHANGED)
async def ship_sample_box(
    box: BoxId, said: MomentInput, asking: StatelessAsking, desk: CurrentDesk
) -> BoxRead:
    """Note that a box is on its way."""
    return BoxRead.of(await samples.ship(desk, asking, box, said.at))


@router.post("/api/sample-boxes/{box}/delivered", responses=_CHANGED)
async def deliver_sample_box(
    box: BoxId, said: MomentInput, asking: StatelessAsking, desk: CurrentDesk
) -> BoxRead:
    """Note that a box has arrived; a hold because it was late ends."""
    return BoxRead.of(await samples.deliver(desk, asking, box, said.at))


@router.post("/api/sample-boxes/{box}/cancelled", responses=_CHANGED)
async def cancel_sample_box(box: BoxId, asking: StatelessAsking, desk: CurrentDesk) -> BoxRead:
    """Call a box off; its feedback form closes."""
    return BoxRead.of(await samples.cancel(desk, asking, box))


@router.post("/api/sample-boxes/{box}/feedback", status_code=201, responses=LOCATED | _CHANGED)
async def note_feedback(
    *, box: BoxId, said: HeardInput, asking: StatelessAsking, desk: CurrentDesk, response: Response
) -> FeedbackRead:
    """Put on record what a customer has told one of us.

    On the phone, in a mail, or at a visit. It counts as progress.
    """
    heard = samples.Heard(
        source=said.source,
        contact_role=said.contact_role,
        ratings=[rating.said() for rating in said.ratings],
        given_at=said.given_at,
    )
    feedback = await samples.note_feedback(desk, asking, box, heard)
    response.headers["Location"] = f"/api/sample-boxes/{box}"
    return FeedbackRead.of(feedback)


@router.post("/api/test-phases", status_code=201, responses=LOCATED | _CHANGED)
async def plan_test_phase(
    said: PhaseInput, asking: StatelessAsking, desk: CurrentDesk, response: Response
) -> PhaseRead:
    """Plan a test phase of a box; feedback is asked for when it is over."""
    wanted = samples.WantedPhase(
        box=said.box_id, stage=said.stage, starts_at=said.starts_at, ends_at=said.ends_at
    )
    phase = await samples.plan_phase(desk, asking, wanted)
    response.headers["Location"] = f"/api/sample-boxes/{said.box_id}"
    return PhaseRead.of(phase)


@router.post("/api/test-phases/{phase}/results", responses=_CHANGED)
async def note_test_results(
    phase: PhaseId, said: ResultsInput, asking: StatelessAsking, desk: CurrentDesk
) -> BoxRead:
    """Note how products did in a test phase."""
    results = [one.said() for one in said.results]
    return BoxRead.of(await samples.note_results(desk, asking, phase, results))


@router.get("/api/test-phases/{phase}/feedback", responses=problems(404))
async def read_test_feedback(phase: PhaseId, asking: PlainAsking, desk: CurrentDesk) -> FeedbackList:
    """What was said about the samples of a test phase, the newest first."""
    said = await samples.feedback_of_phase(desk, asking, phase)
    return FeedbackList(items=[FeedbackRead.of(one) for one in said])
