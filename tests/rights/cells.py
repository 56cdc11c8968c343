"""The matrix as cases: who tries what on which lead, and whether it must succeed.

Generated from `protection.permission.MATRIX`, which tests/protection compares with the law by hand. The
database and the API are both asked every case.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from protection.permission import MATRIX, Act, Grantee, Role, Scope, Share


class Target(StrEnum):
    """On what somebody tries it.

    Attributes:
        OWN: a lead of his own.
        SHARED: a lead of somebody else that is shared with him as the cell's share; for roles: as NEGOTIATE.
        FOREIGN: a lead of somebody else in the tenant.
        ELSEWHERE: a lead of another tenant, owned there by somebody of the same name.
        NONE: nothing that exists yet, or the tenant as a whole.
    """

    OWN = "own"
    SHARED = "shared"
    FOREIGN = "foreign"
    ELSEWHERE = "elsewhere"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the tenant; `roles` are those of the token."""

    user: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One try.

    Attributes:
        grantee: the column of the matrix.
        allowed: whether it must succeed.
    """

    act: Act
    grantee: Grantee
    target: Target
    allowed: bool

    def __str__(self) -> str:
        return f"{self.act}-{self.grantee}-{self.target}-{'allowed' if self.allowed else 'denied'}"


# One person a column. Collaborators are agents: with a lead of their own they would be the first column.
PEOPLE: Final[dict[Grantee, Person]] = {
    Role.AGENT: Person("agent", (Role.AGENT,)),
    Role.MANAGER: Person("manager", (Role.MANAGER,)),
    Role.ADMIN: Person("admin", (Role.ADMIN,)),
    Role.AUDITOR: Person("auditor", (Role.AUDITOR,)),
    Share.VIEW: Person("viewer", (Role.AGENT,)),
    Share.ASSIST: Person("assistant", (Role.AGENT,)),
    Share.NEGOTIATE: Person("negotiator", (Role.AGENT,)),
}
# The owner of SHARED and FOREIGN leads: an agent who tries nothing.
BYSTANDER: Final = Person("bystander", (Role.AGENT,))

_GRANTED: Final = {
    Scope.TENANT: {Target.OWN, Target.SHARED, Target.FOREIGN, Target.NONE},
    Scope.OWN: {Target.OWN},
    Scope.SELF: {Target.OWN, Target.NONE},
    Scope.SHARED: {Target.SHARED},
    Scope.NEVER: set(),
}


def cases() -> list[Case]:
    """Every cell on every target; each has at least one case that must fail, another tenant's lead."""
    made = []
    for act in Act:
        for grantee in PEOPLE:
            scope = MATRIX[act].get(grantee)
            granted = set() if scope is None else _GRANTED[scope]
            if isinstance(grantee, Share):
                targets = [Target.SHARED, Target.FOREIGN, Target.ELSEWHERE]
            else:
                targets = [*Target]
            if grantee is Role.AGENT:
                # Shared with an agent is what the columns of the shares are about.
                targets.remove(Target.SHARED)
            made += [Case(act, grantee, target, target in granted) for target in targets]
    return made
