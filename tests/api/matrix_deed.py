"""One way to do an act over HTTP, and on which cells of the matrix it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

from protection.permission import Act, Actor, Relation, Role, Share, may
from tests.api.matrix_world import Things
from tests.rights.cells import PEOPLE, Case, Target, cases

Body: TypeAlias = "Callable[[Things], dict[str, Any]]"


def nothing(_: Things) -> dict[str, Any]:
    """An empty object."""
    return {}


def said(**body: Any) -> Body:
    """The same whatever the lead."""
    return lambda _: dict(body)


# His own, one that is only shown to somebody, and one of another tenant.
_OF_A_KIND: Final = {
    (Role.AGENT, Target.OWN),
    (Share.VIEW, Target.SHARED),
    (Role.AGENT, Target.ELSEWHERE),
}


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
        like: asks for its right as another deed does, which is tried on every cell: here one of a kind is.
        sends_lead: what is sent names the lead.
        all_or_nothing: served without the right, it does nothing and says why in its answer.
        changes_nothing: why it leaves no row in the audit though it is no reading.
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
    like: bool = False
    sends_lead: bool = False
    all_or_nothing: bool = False
    changes_nothing: str | None = None

    def __str__(self) -> str:
        words = self.route.replace("/api/leads/{lead}", "lead").replace("/api/", "").split()
        return "-".join((str(self.act), *words)).replace("/", "-").replace("{", "").replace("}", "")

    def changes_something(self, case: Case) -> bool:
        """Whether something is different afterwards, for which somebody has to answer."""
        if self.all_or_nothing and not case.allowed:
            return False
        return not self.route.startswith("GET ") and self.changes_nothing is None

    @property
    def about_a_lead(self) -> bool:
        """Whether its address, or what is sent, names one or something that belongs to one."""
        return (
            any(name in self.route for name in ("{lead}", "{box}", "{phase}", "{proposal}", "{check}"))
            or self.sends_lead
        )

    def at(self, things: Things, rehearsal: UUID, campaign: UUID) -> str:
        """The route to this lead's things, or the tenant's."""
        return self.route.format(
            lead=things.lead,
            hold=things.hold_request if self.needs == "hold_request" else things.hold,
            extension=things.extension,
            user=things.user,
            rehearsal=rehearsal,
            campaign=campaign,
            key="lead.protection.maxHoldDays",
            box=things.box,
            phase=things.phase,
            proposal=things.proposal,
            check=things.check,
            useCase="LEAD_CLASSIFY",
            # Nobody's: whoever may look for it is told so. Dead letters are in tests/webhooks.
            event=UUID(int=0),
        )

    def cases(self) -> list[Case]:
        """Every case of its act that it can try, or those of one agent."""
        return [
            case
            for case in cases()
            if case.act is self.act
            and (case.target is not Target.NONE) is self.about_a_lead
            and (not self.like or (case.grantee, case.target) in _OF_A_KIND)
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
