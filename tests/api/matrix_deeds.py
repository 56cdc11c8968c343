"""What can be done over HTTP, by act of the matrix: every route below /api that asks for a right.

A new route belongs into `DEEDS`, or with a reason into `EVERYBODYS`; `test_matrix_routes.py` asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from protection.permission import Act
from tests.api.matrix_deed import Body, Deed, nothing, said
from tests.api.matrix_samples import SAMPLES
from tests.api.matrix_world import CALL, CONTACT, NEXT_STEP, OTHER, in_days
from tests.api.shop import new_company

_PAST: Final = {
    "registeredAt": in_days(-1),
    "reason": "Agreed upon at the fair",
    "evidence": "https://files.example/fair",
}


def _new_lead(**body: Any) -> Body:
    return lambda _: {**new_company(), "contact": CONTACT, **body}


def _import(**row: Any) -> Body:
    return lambda _: {"leads": [{**new_company(), "contact": CONTACT, **row}]}


def _all_taken(told: Any) -> bool:
    return bool(told["done"] == told["registered"] == told["total"])


_LEAD: Final = "/api/leads/{lead}"
_READING: Final = tuple(
    Deed(act=Act.READ_LEAD, route=f"GET {_LEAD}{part}")
    for part in (
        "",
        "/protection",
        "/protection?asOf=2050-01-01T00:00:00Z&explain=true",
        "/timeline",
        "/holds",
        "/requests",
        "/collaborators",
    )
)
_OWN_STEP: Final = said(reason="Sie kosten noch", days=20, nextStep=NEXT_STEP)

DEEDS: Final[tuple[Deed, ...]] = (
    *_READING,
    Deed(act=Act.READ_LEAD, route=f"GET {_LEAD}/holds/{{hold}}", needs="hold"),
    Deed(act=Act.READ_LEAD, route=f"GET {_LEAD}/extensions/{{extension}}", needs="extension"),
    Deed(act=Act.READ_LEAD, route=f"GET {_LEAD}/collaborators/{{user}}", needs="user"),
    Deed(
        act=Act.READ_LEAD,
        route=f"POST {_LEAD}/protection/preview",
        body=nothing,
        changes_nothing="only computes",
    ),
    Deed(act=Act.READ_CONTACT, route=f"GET {_LEAD}", effect=lambda told: bool(told["contacts"])),
    Deed(act=Act.REGISTER, route="POST /api/leads", status=201, body=_new_lead()),
    Deed(
        act=Act.REGISTER,
        route=f"POST {_LEAD}/register",
        body=said(contact=CONTACT),
        fresh=True,
        noted=True,
    ),
    Deed(act=Act.REGISTER_FOR_OTHERS, route="POST /api/leads", status=201, body=_new_lead(owner=OTHER.user)),
    Deed(
        act=Act.REGISTER,
        route="POST /api/leads/import",
        status=202,
        body=_import(),
        effect=_all_taken,
        all_or_nothing=True,
    ),
    Deed(
        act=Act.REGISTER_FOR_OTHERS,
        route="POST /api/leads/import",
        status=202,
        body=_import(owner=OTHER.user),
        instead=Act.REGISTER,
        effect=_all_taken,
        all_or_nothing=True,
    ),
    Deed(
        act=Act.GOVERN,
        route="POST /api/leads/import",
        status=202,
        body=_import(backdating=_PAST),
        instead=Act.REGISTER,
        effect=_all_taken,
        all_or_nothing=True,
    ),
    Deed(act=Act.LOG_ACTIVITY, route=f"POST {_LEAD}/activities", status=201, body=said(**CALL)),
    *SAMPLES,
    Deed(
        act=Act.LOG_ACTIVITY,
        route="POST /api/credit/checks",
        status=202,
        body=lambda things: {"leadId": str(things.lead), "amount": "100.00"},
        sends_lead=True,
        like=True,
    ),
    Deed(act=Act.READ_LEAD, route="GET /api/credit/checks/{check}", needs="check", like=True),
    # Whoever may ask is told that there is nobody to be asked; answers are in tests/ai.
    Deed(
        act=Act.EDIT_LEAD,
        route="POST /api/ai/{useCase}",
        status=503,
        body=lambda things: {"leadId": str(things.lead), "input": {"company": "Hotel", "city": "Weimar"}},
        sends_lead=True,
        like=True,
    ),
    Deed(act=Act.READ_SETTINGS, route="GET /api/ai/usage"),
    *(
        Deed(
            act=Act.EDIT_LEAD,
            route=f"POST /api/proposals/{{proposal}}/{deed}",
            needs="proposal",
            fresh=True,
            like=True,
        )
        for deed in ("confirm", "reject")
    ),
    Deed(
        act=Act.ADD_NOTE,
        route=f"POST {_LEAD}/activities",
        status=201,
        body=said(kind="NOTE", note="Frau Geheim kostet"),
    ),
    Deed(
        act=Act.REQUEST,
        route=f"POST {_LEAD}/holds",
        status=201,
        body=said(reason="CUSTOMER_BLOCKED"),
        instead=Act.DECIDE,
        effect=lambda told: told["effect"] == "REQUESTED",
    ),
    Deed(
        act=Act.REQUEST,
        route=f"POST {_LEAD}/extensions",
        status=201,
        body=_OWN_STEP,
        fresh=True,
        instead=Act.DECIDE,
        effect=lambda told: told["effect"] == "REQUESTED",
    ),
    Deed(
        act=Act.REQUEST,
        route=f"POST {_LEAD}/holds/{{hold}}/withdraw",
        needs="hold_request",
        asks=True,
        fresh=True,
    ),
    Deed(
        act=Act.REQUEST,
        route=f"POST {_LEAD}/extensions/{{extension}}/withdraw",
        needs="extension",
        asks=True,
        fresh=True,
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/holds",
        status=201,
        body=said(reason="FFZ_SUPPLY_ISSUE", note="Der Lieferant schweigt"),
        instead=Act.REQUEST,
        effect=lambda told: told["effect"] == "PLACED",
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/holds/{{hold}}/approve",
        body=nothing,
        needs="hold_request",
        fresh=True,
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/holds/{{hold}}/reject",
        body=said(reason="It came yesterday"),
        needs="hold_request",
        fresh=True,
    ),
    Deed(act=Act.DECIDE, route=f"DELETE {_LEAD}/holds/{{hold}}", status=204, needs="hold", fresh=True),
    Deed(
        act=Act.DECIDE,
        route="POST /api/holds/campaigns",
        body=said(reason="OTHER", filter={"text": "nobody is called that"}),
        changes_nothing="only a plan; that the campaign itself is audited is in tests/campaigns",
    ),
    Deed(
        act=Act.DECIDE,
        route="POST /api/holds/campaigns/{campaign}/end",
        status=202,
        body=said(why="The price list is out"),
        changes_nothing="it is over already; the end of one that runs is in tests/campaigns",
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/extensions",
        status=201,
        body=_OWN_STEP,
        fresh=True,
        instead=Act.REQUEST,
        effect=lambda told: told["effect"] == "GRANTED",
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/extensions/{{extension}}/approve",
        body=said(days=10),
        needs="extension",
        fresh=True,
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/extensions/{{extension}}/reject",
        body=said(reason="Six months are enough"),
        needs="extension",
        fresh=True,
    ),
    Deed(
        act=Act.GOVERN,
        route=f"POST {_LEAD}/transfer",
        body=said(owner=OTHER.user, reason="Another district"),
        fresh=True,
    ),
    Deed(act=Act.GOVERN, route=f"POST {_LEAD}/convert", body=said(customerNo="K-1"), fresh=True),
    Deed(
        act=Act.GOVERN,
        route=f"POST {_LEAD}/reinstate",
        body=said(reason="Given up by mistake"),
        fresh=True,
        ended=True,
    ),
    Deed(
        act=Act.GOVERN,
        route=f"POST {_LEAD}/corrections",
        status=201,
        body=lambda things: {"corrects": things.fact, "reason": "It never took place"},
        needs="fact",
        fresh=True,
    ),
    Deed(act=Act.GOVERN, route=f"PUT {_LEAD}/registered-at", body=said(**_PAST), fresh=True),
    Deed(
        act=Act.GOVERN,
        route=f"POST {_LEAD}/register",
        body=said(contact=CONTACT, backdating=_PAST),
        fresh=True,
        noted=True,
    ),
    Deed(
        act=Act.GOVERN,
        route="POST /api/leads",
        status=201,
        body=_new_lead(overrideDuplicate={"reason": "A second kitchen of theirs"}),
    ),
    Deed(act=Act.RELEASE_LEAD, route=f"POST {_LEAD}/release", body=nothing, fresh=True),
    Deed(act=Act.EDIT_LEAD, route=f"PATCH {_LEAD}", body=said(industry="HOTEL", contact=CONTACT), fresh=True),
    Deed(
        act=Act.SHARE,
        route=f"POST {_LEAD}/collaborators",
        status=201,
        body=said(userId=OTHER.user, role="VIEW"),
        fresh=True,
    ),
    Deed(
        act=Act.SHARE,
        route=f"DELETE {_LEAD}/collaborators/{{user}}",
        status=204,
        needs="user",
        fresh=True,
    ),
    Deed(act=Act.READ_SETTINGS, route="GET /api/settings"),
    Deed(act=Act.READ_SETTINGS, route="GET /api/settings/effective"),
    Deed(act=Act.READ_SETTINGS, route="GET /api/settings/resolve/{key}"),
    Deed(
        act=Act.READ_SETTINGS,
        route="POST /api/policy/rehearsals",
        status=201,
        body=said(policy={"graceDays": 14}),
        changes_nothing="only tries a draft out",
    ),
    Deed(act=Act.READ_SETTINGS, route="GET /api/policy/rehearsals/{rehearsal}"),
    Deed(act=Act.READ_SETTINGS, route="GET /api/webhook-events"),
    Deed(act=Act.READ_SETTINGS, route="GET /api/erp"),
    Deed(
        act=Act.GOVERN,
        route="POST /api/erp/sync",
        status=202,
        body=nothing,
        changes_nothing="only has it read sooner; what comes of it is told by itself",
    ),
    Deed(act=Act.CHANGE_SETTINGS, route="POST /api/webhook-events/{event}/replay", status=404, body=nothing),
    Deed(
        act=Act.CHANGE_SETTINGS,
        route="PUT /api/settings/{key}",
        body=said(scope="tenant", value={"days": 55}),
    ),
    Deed(
        act=Act.RESEND_MAIL,
        route=f"POST {_LEAD}/reminder",
        status=202,
        needs="bounced",
        fresh=True,
    ),
    Deed(
        act=Act.ERASE,
        route=f"POST {_LEAD}/erasure",
        status=202,
        body=said(reason="Request of today"),
        fresh=True,
    ),
    Deed(
        act=Act.ERASE,
        route=f"POST {_LEAD}/erasure",
        body=said(reason="Request of today", dryRun=True),
        changes_nothing="only says what would be erased",
        effect=lambda told: told["obstacle"] is None,
    ),
    Deed(act=Act.READ_AUDIT, route=f"GET {_LEAD}/erasures"),
    Deed(act=Act.READ_AUDIT, route=f"GET {_LEAD}/audit"),
    Deed(act=Act.READ_AUDIT, route="GET /api/audit"),
    Deed(act=Act.READ_AUDIT, route="GET /api/audit/verification"),
    Deed(act=Act.EXPORT_OWN, route="GET /api/me/export"),
)

# Routes that ask for no right, and why that is right.
EVERYBODYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "GET /healthz": "says that the process lives",
        "GET /api/products": "names what can be put into a box, the same for everybody of the tenant",
        "GET /readyz": "names the parts that are away, nothing of any tenant",
        "GET /metrics": "counts by route, without tenants and people; for machines inside",
        "GET /api/openapi.json": "the document is the same for everybody",
        "GET /api/docs": "a page over the document",
        "GET /api/docs/start.js": "a page over the document",
        "GET /api/docs/{name}": "a page over the document",
        "GET /api/feedback/{token}": "whoever has the secret link; see tests/samples/test_tokens.py",
        "POST /api/feedback/{token}": "whoever has the secret link; see tests/samples/test_tokens.py",
        "POST /api/webhooks/{source}": "whoever signs with the secret; see tests/webhooks/test_taking.py",
        "GET /api/me": "says what the caller's own token says",
        "GET /api/leads/import/{job}": "the caller's own; see test_an_import_is_its_callers_own",
        "GET /api/leads": "lists what read-lead shows; see test_lists_show_what_may_be_read",
        "GET /api/requests": "lists what read-lead shows; see test_lists_show_what_may_be_read",
        "GET /api/holds/campaigns/{campaign}": "shows who reads the whole tenant; see test_campaigns",
        "GET /api/proposals": "lists what read-lead shows; see tests/proposals",
        "GET /api/late-corrections": "lists what read-lead shows; see test_late_corrections",
        "GET /api/kpis": "counts what read-lead shows; see test_lists_show_what_may_be_read",
    }
)
