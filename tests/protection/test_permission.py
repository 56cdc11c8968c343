"""Every cell of the matrix, once allowed and once denied, and what the matrix must never say."""

from __future__ import annotations

from itertools import product

import pytest

from protection.permission import MATRIX, Act, Actor, Relation, Role, Scope, Share, may

ME, OTHER = "agent-1", "agent-2"
MINE, FOREIGN = Relation(ME), Relation(OTHER)
WRITING = frozenset(Act) - {
    Act.READ_LEAD,
    Act.READ_CONTACT,
    Act.READ_SETTINGS,
    Act.READ_AUDIT,
    Act.EXPORT_OWN,
}

# Section 6 of the domain's law by hand, so that the code is not compared with itself:
# act, then the columns agent, manager, admin, auditor, VIEW, ASSIST, NEGOTIATE.
LAW = """
read-lead           | own  | all | all | all | yes | yes | yes
read-contact        | own  | all | all | all | yes | yes | yes
register            | self | all | all | -   | -   | -   | -
register-for-others | -    | all | all | -   | -   | -   | -
log-activity        | own  | all | all | -   | -   | yes | yes
add-note            | own  | all | all | -   | -   | yes | yes
request             | own  | -   | -   | -   | -   | -   | yes
decide              | -    | all | all | -   | -   | -   | -
govern              | -    | all | all | -   | -   | -   | -
resend-mail         | -    | all | all | -   | -   | -   | -
release-lead        | own  | all | all | -   | -   | -   | -
edit-lead           | own  | all | all | -   | -   | -   | -
share               | own  | all | all | -   | -   | -   | -
read-settings       | -    | all | all | all | -   | -   | -
change-settings     | -    | -   | all | -   | -   | -   | -
read-audit          | own  | all | all | all | -   | -   | -
erase               | -    | -   | all | -   | -   | -   | -
export-own          | self | self | self | self | - | -  | -
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in LAW.strip().splitlines()]
ROLE_CELLS = [(Act(row[0]), role, row[1 + place]) for row in ROWS for place, role in enumerate(Role)]
SHARE_CELLS = [(Act(row[0]), share, row[5 + place]) for row in ROWS for place, share in enumerate(Share)]


def actor(*roles: Role, user: str = ME) -> Actor:
    return Actor(user, frozenset(roles))


def test_the_law_names_every_act_once() -> None:
    assert sorted(row[0] for row in ROWS) == sorted(Act) == sorted(MATRIX)


@pytest.mark.parametrize(("act", "role", "cell"), ROLE_CELLS)
def test_a_role_may_what_its_cell_says(act: Act, role: Role, cell: str) -> None:
    asked = {"mine": MINE, "foreign": FOREIGN, "none": None}
    allowed = {
        "all": {"mine", "foreign", "none"},
        "own": {"mine"},
        "self": {"mine", "none"},
        "-": set(),
    }[cell]
    assert {name for name, lead in asked.items() if may(act, actor(role), lead)} == allowed


@pytest.mark.parametrize(("act", "share", "cell"), SHARE_CELLS)
def test_sharing_gives_an_agent_what_its_cell_says(act: Act, share: Share, cell: str) -> None:
    assert may(act, actor(Role.AGENT), Relation(OTHER, share)) is (cell == "yes")


@pytest.mark.parametrize(("act", "role", "share"), list(product(Act, [*Role][1:], Share)))
def test_sharing_helps_agents_only(act: Act, role: Role, share: Share) -> None:
    assert may(act, actor(role), Relation(OTHER, share)) is may(act, actor(role), FOREIGN)
    assert not may(act, actor(), Relation(OTHER, share))


@pytest.mark.parametrize("act", sorted(WRITING))
def test_an_auditor_writes_nothing_whatever_else_he_is(act: Act) -> None:
    for others in ([], [Role.AGENT], [Role.MANAGER], [Role.ADMIN], [*Role]):
        for lead in (None, MINE, Relation(ME, Share.NEGOTIATE), Relation(OTHER, Share.NEGOTIATE)):
            assert not may(act, actor(Role.AUDITOR, *others), lead)


@pytest.mark.parametrize("act", Act)
def test_without_a_role_nothing_may_be_done(act: Act) -> None:
    for lead in (None, MINE, Relation(ME, Share.NEGOTIATE)):
        assert not may(act, actor(), lead)


@pytest.mark.parametrize("act", Act)
def test_the_owner_loses_nothing_by_being_named_a_collaborator_too(act: Act) -> None:
    for share in Share:
        assert may(act, actor(Role.AGENT), Relation(ME, share)) is may(act, actor(Role.AGENT), MINE)


def test_roles_add_up() -> None:
    both = actor(Role.AGENT, Role.MANAGER)
    assert may(Act.REQUEST, both, MINE)
    assert not may(Act.REQUEST, both, FOREIGN)
    assert may(Act.REQUEST, both, Relation(OTHER, Share.NEGOTIATE))
    assert may(Act.DECIDE, both, FOREIGN)


def test_a_matrix_nobody_can_change_by_accident() -> None:
    for act in Act:
        assert {scope for grantee, scope in MATRIX[act].items() if isinstance(grantee, Share)} <= {
            Scope.SHARED
        }
        assert Scope.SHARED not in {MATRIX[act].get(role) for role in Role}
        with pytest.raises(TypeError):
            MATRIX[act][Role.AGENT] = Scope.TENANT  # type: ignore[index]
