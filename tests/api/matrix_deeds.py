"""What can be done over HTTP, by act of the matrix: every route below /api that asks for a right.

A new route belongs into `DEEDS`, or with a reason into `EVERYBODYS`; `test_matrix_routes.py` asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID

from protection.permission import Act, Actor, Relation, may
from tests.api.matrix_world import CALL, CONTACT, NEXT_STEP, OTHER, Things, in_days
from tests.api.shop import new_company
from tests.rights.cells import PEOPLE, Case, Target, cases

Body: TypeAlias = "Callable[[Things], dict[str, Any]]"
_PAST: Final = {
    "registeredAt": in_days(-1),
    "reason": "Agreed upon at the fair",
    "evidence": "https://files.example/fair",
}


def _nothing(_: Things) -> dict[str, Any]:
    return {}


def _said(**body: Any) -> Body:
    return lambda _: dict(body)


def _new_lead(**body: Any) -> Body:
    return lambda _: {**new_company(), "contact": CONTACT, **body}


def _import(**row: Any) -> Body:
    return lambda _: {"leads": [{**new_company(), "contact": CONTACT, **row}]}


def _all_taken(told: Any) -> bool:
    return bool(told["done"] == told["registered"] == told["total"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One way to do an act.

    Attributes:
        route: method and address; `{lead}`, `{hold}` and so on stand for what the lead has.
        status: of the answer where it is allowed.
        body: None sends none.
        needs: what the lead must have before: a field of `Things`.
        asks: the request in `needs` must be the caller's own.
        fresh: it changes the lead, so whoever may gets one of his own.
        noted: it wants a lead that is only pre-registered.
        ended: it wants a lead that was given up.
        instead: whoever may do this is served too, with another effect.
        effect: whether the answer shows the effect meant here.
    """

    act: Act
    route: str
    status: int = 200
    body: Body | None = None
    needs: str | None = None
    asks: bool = False
    fresh: bool = False
    noted: bool = False
    ended: bool = False
    instead: Act | None = None
    effect: Callable[[Any], bool] | None = None

    def __str__(self) -> str:
        words = self.route.replace("/api/leads/{lead}", "lead").replace("/api/", "").split()
        return "-".join((str(self.act), *words)).replace("/", "-").replace("{", "").replace("}", "")

    @property
    def about_a_lead(self) -> bool:
        """Whether its address names one."""
        return "{lead}" in self.route

    def at(self, things: Things, rehearsal: UUID) -> str:
        """The route to this lead's things."""
        return self.route.format(
            lead=things.lead,
            hold=things.hold_request if self.needs == "hold_request" else things.hold,
            extension=things.extension,
            user=things.user,
            rehearsal=rehearsal,
            key="lead.protection.maxHoldDays",
        )

    def cases(self) -> list[Case]:
        """Every case of its act that it can try."""
        return [
            case
            for case in cases()
            if case.act is self.act and (case.target is not Target.NONE) is self.about_a_lead
        ]

    def outcome(self, case: Case, relation: Relation | None) -> int:
        """The status the law demands; `relation` is None where the lead is of another tenant, or none."""
        person = PEOPLE[case.grantee]
        actor = Actor(person.user, frozenset(person.roles))
        if case.allowed or (self.instead is not None and self._may(self.instead, actor, case, relation)):
            return self.status
        if not self.about_a_lead or self._may(Act.READ_LEAD, actor, case, relation):
            return 403
        return 404

    @staticmethod
    def _may(act: Act, actor: Actor, case: Case, relation: Relation | None) -> bool:
        return case.target is not Target.ELSEWHERE and may(act, actor, relation)


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
_OWN_STEP: Final = _said(reason="Sie kosten noch", days=20, nextStep=NEXT_STEP)

DEEDS: Final[tuple[Deed, ...]] = (
    *_READING,
    Deed(act=Act.READ_LEAD, route=f"GET {_LEAD}/holds/{{hold}}", needs="hold"),
    Deed(act=Act.READ_LEAD, route=f"GET {_LEAD}/extensions/{{extension}}", needs="extension"),
    Deed(act=Act.READ_LEAD, route=f"GET {_LEAD}/collaborators/{{user}}", needs="user"),
    Deed(act=Act.READ_LEAD, route=f"POST {_LEAD}/protection/preview", body=_nothing),
    Deed(act=Act.READ_CONTACT, route=f"GET {_LEAD}", effect=lambda told: bool(told["contacts"])),
    Deed(act=Act.REGISTER, route="POST /api/leads", status=201, body=_new_lead()),
    Deed(
        act=Act.REGISTER,
        route=f"POST {_LEAD}/register",
        body=_said(contact=CONTACT),
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
    ),
    Deed(
        act=Act.REGISTER_FOR_OTHERS,
        route="POST /api/leads/import",
        status=202,
        body=_import(owner=OTHER.user),
        instead=Act.REGISTER,
        effect=_all_taken,
    ),
    Deed(
        act=Act.GOVERN,
        route="POST /api/leads/import",
        status=202,
        body=_import(backdating=_PAST),
        instead=Act.REGISTER,
        effect=_all_taken,
    ),
    Deed(act=Act.LOG_ACTIVITY, route=f"POST {_LEAD}/activities", status=201, body=_said(**CALL)),
    Deed(
        act=Act.ADD_NOTE,
        route=f"POST {_LEAD}/activities",
        status=201,
        body=_said(kind="NOTE", note="Frau Geheim kostet"),
    ),
    Deed(
        act=Act.REQUEST,
        route=f"POST {_LEAD}/holds",
        status=201,
        body=_said(reason="CUSTOMER_BLOCKED"),
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
        body=_said(reason="FFZ_SUPPLY_ISSUE", note="Der Lieferant schweigt"),
        instead=Act.REQUEST,
        effect=lambda told: told["effect"] == "PLACED",
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/holds/{{hold}}/approve",
        body=_nothing,
        needs="hold_request",
        fresh=True,
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/holds/{{hold}}/reject",
        body=_said(reason="It came yesterday"),
        needs="hold_request",
        fresh=True,
    ),
    Deed(act=Act.DECIDE, route=f"DELETE {_LEAD}/holds/{{hold}}", status=204, needs="hold", fresh=True),
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
        body=_said(days=10),
        needs="extension",
        fresh=True,
    ),
    Deed(
        act=Act.DECIDE,
        route=f"POST {_LEAD}/extensions/{{extension}}/reject",
        body=_said(reason="Six months are enough"),
        needs="extension",
        fresh=True,
    ),
    Deed(
        act=Act.GOVERN,
        route=f"POST {_LEAD}/transfer",
        body=_said(owner=OTHER.user, reason="Another district"),
        fresh=True,
    ),
    Deed(act=Act.GOVERN, route=f"POST {_LEAD}/convert", body=_said(customerNo="K-1"), fresh=True),
    Deed(
        act=Act.GOVERN,
        route=f"POST {_LEAD}/reinstate",
        body=_said(reason="Given up by mistake"),
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
    Deed(act=Act.GOVERN, route=f"PUT {_LEAD}/registered-at", body=_said(**_PAST), fresh=True),
    Deed(
        act=Act.GOVERN,
        route=f"POST {_LEAD}/register",
        body=_said(contact=CONTACT, backdating=_PAST),
        fresh=True,
        noted=True,
    ),
    Deed(
        act=Act.GOVERN,
        route="POST /api/leads",
        status=201,
        body=_new_lead(overrideDuplicate={"reason": "A second kitchen of theirs"}),
    ),
    Deed(act=Act.RELEASE_LEAD, route=f"POST {_LEAD}/release", body=_nothing, fresh=True),
    Deed(
        act=Act.EDIT_LEAD, route=f"PATCH {_LEAD}", body=_said(industry="HOTEL", contact=CONTACT), fresh=True
    ),
    Deed(
        act=Act.SHARE,
        route=f"POST {_LEAD}/collaborators",
        status=201,
        body=_said(userId=OTHER.user, role="VIEW"),
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
        body=_said(policy={"graceDays": 14}),
    ),
    Deed(act=Act.READ_SETTINGS, route="GET /api/policy/rehearsals/{rehearsal}"),
    Deed(
        act=Act.CHANGE_SETTINGS,
        route="PUT /api/settings/{key}",
        body=_said(scope="tenant", value={"days": 55}),
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
        body=_said(reason="Request of today"),
        fresh=True,
    ),
    Deed(
        act=Act.ERASE,
        route=f"POST {_LEAD}/erasure",
        body=_said(reason="Request of today", dryRun=True),
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
        "GET /readyz": "names the parts that are away, nothing of any tenant",
        "GET /metrics": "counts by route, without tenants and people; for machines inside",
        "GET /api/openapi.json": "the document is the same for everybody",
        "GET /api/docs": "a page over the document",
        "GET /api/docs/start.js": "a page over the document",
        "GET /api/docs/{name}": "a page over the document",
        "GET /api/me": "says what the caller's own token says",
        "GET /api/leads/import/{job}": "the caller's own; see test_an_import_is_its_callers_own",
        "GET /api/leads": "lists what read-lead shows; see test_lists_show_what_may_be_read",
        "GET /api/requests": "lists what read-lead shows; see test_lists_show_what_may_be_read",
        "GET /api/late-corrections": "lists what read-lead shows; see test_late_corrections",
        "GET /api/kpis": "counts what read-lead shows; see test_lists_show_what_may_be_read",
    }
)
