"""Credit checks of leads' companies, for whoever may log what was done about the lead."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Response

from adapters.credit.records import CreditStatus
from api.asking import LOCATED, CurrentDesk, PlainAsking, StatelessAsking
from api.dependencies import CurrentWiring
from api.problems import LOCATION, problems
from api.schemas.credit import CheckInput, CheckRead
from services import credit

router: Final = APIRouter(prefix="/api/credit", tags=["credit"])
CheckId = Annotated[UUID, Path(description="id of the check")]
_SAME: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": CheckRead,
        "description": "Answered by what is on record",
        "headers": {"Location": LOCATION},
    },
    202: {
        "model": CheckRead,
        "description": "The bureau has not decided yet; read it again later",
        "headers": {"Location": LOCATION},
    },
}


@router.post("/checks", status_code=201, responses=LOCATED | _SAME | problems(403, 404, 409))
async def check_credit(
    *,
    said: CheckInput,
    asking: StatelessAsking,
    desk: CurrentDesk,
    wiring: CurrentWiring,
    response: Response,
) -> CheckRead:
    """Ask the credit bureau about a lead's company, or answer from what it has said lately.

    201 is a new answer, 200 one on record (setting `credit.cache.ttl`), 202 means that the bureau has not
    decided or could not be asked: the check is seen through and can be read until then. 503 `not-configured`
    where no bureau is connected.
    """
    check = await credit.check(desk, wiring.credit, asking, said.wanted())
    if check.status is CreditStatus.PENDING:
        response.status_code = HTTPStatus.ACCEPTED
    elif check.cached:
        response.status_code = HTTPStatus.OK
    response.headers["Location"] = f"/api/credit/checks/{check.id}"
    return CheckRead.of(check)


@router.get("/checks/{check}", responses=problems(404))
async def read_credit_check(check: CheckId, asking: PlainAsking, desk: CurrentDesk) -> CheckRead:
    """A check as it stands; a pending one changes when the bureau has decided."""
    return CheckRead.of(await credit.check_of(desk, asking, check))
