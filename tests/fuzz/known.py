"""What generated requests may name: leads, holds, requests, facts, people that are really there.

Without this nearly every generated request would be a 404. Whatever a request was generated to have wrong
stays wrong: only parts that are meant to be right are replaced.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, Final
from uuid import uuid4

import httpx
from schemathesis import Case
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation

from protection.permission import Role
from tests.api.matrix_world import CALL, CONTACT, NEXT_STEP
from tests.api.shop import new_company

# A lead somebody has changed so often is left to the reading routes.
_USES: Final = 4
# One of so many requests keeps the ids that were made up.
_STRANGE: Final = 8
_KEYS: Final = ("lead.protection.maxHoldDays", "lead.protection.graceDays", "lead.protection.holdApproval")

# Who asks in which role, and who sees to it that there is something to ask about.
ASKERS: Final = {Role.AGENT: "anna", Role.MANAGER: "maria", Role.ADMIN: "adam", Role.AUDITOR: "olga"}
OWNER, OTHER, BOSS = "anna", "ben", "max"


@dataclass(slots=True)
class Lead:
    """A lead of the owner's, and what it has."""

    id: str
    hold: str = "none"
    extension: str = "none"
    fact: str = "none"
    uses: int = 0


@dataclass
class Known:
    """What there is.

    Attributes:
        http: a client of the API under test.
        tokens: of everybody, by user.
        rehearsal: of the tenant; there may be one at a time.
    """

    http: httpx.Client
    tokens: dict[str, str]
    rehearsal: str
    _fresh: dict[str, Lead] = field(default_factory=dict)
    _standing: list[Lead] = field(default_factory=list)
    _job: str = field(default_factory=lambda: str(uuid4()))
    _campaign: str = field(default_factory=lambda: str(uuid4()))
    _turn: count[int] = field(default_factory=count)
    _turns: defaultdict[str, count[int]] = field(default_factory=lambda: defaultdict(partial(count, 1)))

    def done(self, user: str, method: str, path: str, json: Any = None) -> dict[str, Any]:
        """One request that must succeed."""
        headers = {"Authorization": f"Bearer {self.tokens[user]}"}
        answer = self.http.request(method, path, json=json, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told

    def stock_up(self, role: Role) -> None:
        """Make what reading routes name, for whoever asks in this role."""
        self._standing = [self._whole() for _ in range(3)]
        self._campaign = self._placed()
        if role is not Role.AUDITOR:
            rows = {"leads": [{**new_company(), "contact": CONTACT}]}
            self._job = self.done(ASKERS[role], "POST", "/api/leads/import", rows)["id"]

    def put_into(self, case: Case[Any], role: Role) -> None:
        """Let a generated request name things that are there."""
        route = f"{case.method} {case.path}"
        # Counted by route, so that a new one moves nothing for the others.
        turn = next(self._turns[route])
        if turn % _STRANGE:
            lead = self._lead_for(route, role)
            self._path(case, lead)
            self._headers(case, turn)
            self._body(case, lead, turn)

    # ---------------------------------------------------------------- parts of a request

    def _path(self, case: Case[Any], lead: Lead) -> None:
        if not _is_right(case, ParameterLocation.PATH):
            return
        there = {
            "lead": lead.id,
            "hold": lead.hold,
            "extension": lead.extension,
            "user": OTHER,
            "rehearsal": self.rehearsal,
            "job": self._job,
            "campaign": self._campaign,
            "key": _KEYS[lead.uses % len(_KEYS)],
        }
        for name in case.path_parameters or ():
            # A box or a phase is made for the one that asks for it; a secret link nobody has.
            made = {"box": self._box, "phase": self._phase}.get(name)
            case.path_parameters[name] = (
                there.get(name, case.path_parameters[name]) if made is None else made()
            )

    def _headers(self, case: Case[Any], turn: int) -> None:
        if not _is_right(case, ParameterLocation.HEADER):
            return
        if "If-Match" in case.headers and turn % 3:
            case.headers["If-Match"] = "*"
        if "Idempotency-Key" in case.headers and turn % 3:
            case.headers["Idempotency-Key"] = uuid4().hex

    def _body(self, case: Case[Any], lead: Lead, turn: int) -> None:
        body = case.body
        if (
            isinstance(body, NotSet)
            or not isinstance(body, dict)
            or not _is_right(case, ParameterLocation.BODY)
        ):
            return
        right: dict[str, Any] = {}
        match case.operation.definition.raw["operationId"]:
            case "openLead":
                right = new_company()
                if not body.get("preregistration"):
                    right |= {"contact": body.get("contact") or CONTACT, "owner": OWNER}
            case "registerPreregisteredLead":
                right = {"contact": body.get("contact") or CONTACT}
            case "changeSetting" if turn % 2:
                right = {"scope": "tenant", "value": None}
            case other if other in _RIGHT:
                right = _RIGHT[other](self, lead)
            case "shipSampleBox" | "deliverSampleBox":
                right = dict.fromkeys(body)
        for name, value in right.items():
            if name not in body or turn % 5:
                body[name] = value
        if case.operation.definition.raw["operationId"] == "changeSetting" and body.get("scope") == "tenant":
            body.pop("scopeId", None)

    # ---------------------------------------------------------------- leads

    def _lead_for(self, route: str, role: Role) -> Lead:
        making = _FRESH.get(route)
        if making is None or role is Role.AUDITOR:
            return self._standing[next(self._turn) % len(self._standing)]
        lead = self._fresh.get(route)
        if lead is None or lead.uses >= _USES:
            lead = self._fresh[route] = making(self)
        lead.uses += 1
        return lead

    def _opened(self, **said: Any) -> Lead:
        body = {**new_company(), "owner": OWNER, "contact": CONTACT, **said}
        return Lead(self.done(BOSS, "POST", "/api/leads", body)["lead"])

    def _noted(self) -> Lead:
        body = {**new_company(), "owner": OWNER, "preregistration": True}
        return Lead(self.done(BOSS, "POST", "/api/leads", body)["lead"])

    def _released(self) -> Lead:
        lead = self._opened()
        self.done(BOSS, "POST", f"/api/leads/{lead.id}/release", {})
        return lead

    def _held(self, by: str) -> Lead:
        lead = self._opened()
        self._share(lead)
        lead.hold = self.done(by, "POST", f"/api/leads/{lead.id}/holds", {"reason": "OTHER"})["id"]
        return lead

    def _asked(self) -> Lead:
        lead = self._opened()
        self._share(lead)
        wish = {"reason": "Sie kosten noch", "days": 20, "nextStep": NEXT_STEP}
        lead.extension = self.done(OTHER, "POST", f"/api/leads/{lead.id}/extensions", wish)["id"]
        return lead

    def _told(self) -> Lead:
        lead = self._opened()
        lead.fact = self.done(OWNER, "POST", f"/api/leads/{lead.id}/activities", CALL)["factId"]
        return lead

    def _whole(self) -> Lead:
        lead = self._held(OTHER)
        wish = {"reason": "Sie kosten noch", "days": 20, "nextStep": NEXT_STEP}
        lead.extension = self.done(OTHER, "POST", f"/api/leads/{lead.id}/extensions", wish)["id"]
        lead.fact = self.done(OWNER, "POST", f"/api/leads/{lead.id}/activities", CALL)["factId"]
        return lead

    def _placed(self) -> str:
        """A hold over one lead that is nothing else's."""
        company = {**new_company(), "owner": OWNER, "contact": CONTACT, "industry": uuid4().hex}
        self.done(BOSS, "POST", "/api/leads", company)
        wanted = {"reason": "OTHER", "filter": {"industry": company["industry"]}}
        plan = self.done(BOSS, "POST", "/api/holds/campaigns", wanted)["plan"]
        meant = {**wanted, "dryRun": False, "plan": plan, "why": "Nobody waits for it"}
        told: str = self.done(BOSS, "POST", "/api/holds/campaigns", meant)["id"]
        return told

    def _box(self) -> str:
        body = {"leadId": self._standing[0].id, "items": [{"sku": "SOUP", "qty": 1}]}
        told: str = self.done(BOSS, "POST", "/api/sample-boxes", body)["id"]
        return told

    def _phase(self) -> str:
        body = {"boxId": self._box(), "stage": "TRIAL", "startsAt": NEXT_STEP["at"]}
        told: str = self.done(BOSS, "POST", "/api/test-phases", body)["id"]
        return told

    def _share(self, lead: Lead) -> None:
        body = {"userId": OTHER, "role": "NEGOTIATE"}
        self.done(BOSS, "POST", f"/api/leads/{lead.id}/collaborators", body)


# What belongs into bodies, by operation.
_RIGHT: Final[dict[str, Callable[[Known, Lead], dict[str, Any]]]] = {
    "promiseSampleBox": lambda _, lead: {"leadId": lead.id, "promisedAt": None},
    "planTestPhase": lambda known, _: {"boxId": known._box(), "endsAt": None},
    "noteFeedback": lambda *_: {"ratings": [{"sku": "SOUP", "rating": 5}], "givenAt": None},
    "noteTestResults": lambda *_: {"results": [{"sku": "SOUP", "outcome": "SUCCESS"}]},
    # Of many leads none is told: what others ask about stays as it is.
    "planOrBeginCampaign": lambda *_: {"dryRun": True, "startAt": None, "endAt": None},
    "transferLead": lambda *_: {"owner": OTHER},
    "addCollaborator": lambda *_: {"userId": OTHER},
    "correctFact": lambda _, lead: {"corrects": lead.fact},
}
_LEAD: Final = "/api/leads/{lead}"
# What changes a lead for good gets leads of its own, by route.
_FRESH: Final[dict[str, Callable[[Known], Lead]]] = {
    f"POST {_LEAD}/register": Known._noted,
    f"POST {_LEAD}/release": Known._opened,
    f"POST {_LEAD}/transfer": Known._opened,
    f"POST {_LEAD}/convert": Known._opened,
    f"POST {_LEAD}/erasure": Known._opened,
    f"POST {_LEAD}/reinstate": Known._released,
    f"PUT {_LEAD}/registered-at": Known._opened,
    f"POST {_LEAD}/corrections": Known._told,
    f"POST {_LEAD}/activities": Known._opened,
    f"POST {_LEAD}/holds": Known._opened,
    f"POST {_LEAD}/extensions": Known._opened,
    f"DELETE {_LEAD}/holds/{{hold}}": lambda known: known._held(BOSS),
    f"DELETE {_LEAD}/collaborators/{{user}}": lambda known: known._held(BOSS),
    **{
        f"POST {_LEAD}/holds/{{hold}}/{deed}": lambda known: known._held(OTHER)
        for deed in ("approve", "reject", "withdraw")
    },
    **{
        f"POST {_LEAD}/extensions/{{extension}}/{deed}": Known._asked
        for deed in ("approve", "reject", "withdraw")
    },
}


def _is_right(case: Case[Any], where: ParameterLocation) -> bool:
    return case.meta is not None and not case.meta.is_negative_at(where)
