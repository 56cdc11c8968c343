"""What can be done about samples over HTTP, by act of the matrix."""

from __future__ import annotations

from typing import Final

from protection.permission import Act
from tests.api.matrix_deed import Deed, nothing, said
from tests.api.matrix_world import in_days

_LEAD: Final = "/api/leads/{lead}"
_SOUP: Final = [{"sku": "SOUP", "qty": 1}]
_RATED: Final = {"source": "PHONE", "contactRole": "CHEF", "ratings": [{"sku": "SOUP", "rating": 5}]}
SAMPLES: Final = (
    Deed(
        act=Act.LOG_ACTIVITY,
        route="POST /api/sample-boxes",
        status=201,
        body=lambda things: {"leadId": str(things.lead), "items": _SOUP},
        sends_lead=True,
    ),
    Deed(act=Act.READ_LEAD, route=f"GET {_LEAD}/sample-boxes", like=True),
    Deed(act=Act.READ_LEAD, route="GET /api/sample-boxes/{box}", needs="box", like=True),
    Deed(act=Act.READ_LEAD, route="GET /api/test-phases/{phase}/feedback", needs="phase", like=True),
    *(
        Deed(
            act=Act.LOG_ACTIVITY,
            route=f"POST /api/sample-boxes/{{box}}/{part}",
            body=nothing,
            needs="box",
            fresh=True,
            like=True,
        )
        for part in ("shipped", "delivered")
    ),
    Deed(
        act=Act.LOG_ACTIVITY,
        route="POST /api/sample-boxes/{box}/cancelled",
        needs="box",
        fresh=True,
        like=True,
    ),
    Deed(
        act=Act.LOG_ACTIVITY,
        route="POST /api/sample-boxes/{box}/feedback",
        status=201,
        body=said(**_RATED),
        needs="box",
        like=True,
    ),
    Deed(
        act=Act.LOG_ACTIVITY,
        route="POST /api/test-phases",
        status=201,
        body=lambda things: {"boxId": things.box, "stage": "TRIAL", "startsAt": in_days(1)},
        needs="box",
        like=True,
        sends_lead=True,
    ),
    Deed(
        act=Act.LOG_ACTIVITY,
        route="POST /api/test-phases/{phase}/results",
        body=said(results=[{"sku": "SOUP", "outcome": "SUCCESS", "sellThrough": 12.5}]),
        needs="phase",
        like=True,
    ),
)
