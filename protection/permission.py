"""Who may do what: the matrix of roles, ownership and sharing, and the one question asked of it.

The service asks here before it acts; the database asks its table `permission`, which holds the same
rows, once more. That nobody decides a request of his own is not a matter of roles but of the ledger
(refusal `own-request`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias


class Role(StrEnum):
    """What a token may say of a person."""

    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Share(StrEnum):
    """What a collaborator may do on the one lead that is shared with him."""

    VIEW = "VIEW"
    ASSIST = "ASSIST"
    NEGOTIATE = "NEGOTIATE"


class Act(StrEnum):
    """Everything that can be done through the service. Wire names; the database knows the same ones."""

    READ_LEAD = "read-lead"
    READ_CONTACT = "read-contact"  # only while the lead is alive, for whoever does not read the whole tenant
    REGISTER = "register"  # a new lead, or one's own pre-registered one
    REGISTER_FOR_OTHERS = "register-for-others"
    LOG_ACTIVITY = "log-activity"
    ADD_NOTE = "add-note"  # the words that go with an act
    REQUEST = "request"  # a hold or an extension; withdraw it
    DECIDE = "decide"  # place, approve, reject, release a hold; decide an extension
    GOVERN = "govern"  # transfer, override a duplicate, backdate, reinstate, correct, convert
    RESEND_MAIL = "resend-mail"  # a reminder that the mail server had refused for good
    RELEASE_LEAD = "release-lead"
    EDIT_LEAD = "edit-lead"
    SHARE = "share"
    READ_SETTINGS = "read-settings"
    CHANGE_SETTINGS = "change-settings"
    READ_AUDIT = "read-audit"
    ERASE = "erase"
    EXPORT_OWN = "export-own"


class Scope(StrEnum):
    """How far a permission reaches.

    Attributes:
        TENANT: every lead of the tenant, and what belongs to no lead.
        OWN: leads the actor owns.
        SELF: leads the actor owns, and what is about no lead yet.
        SHARED: the leads shared with the actor in this way.
        NEVER: not at all, whatever else the actor is.
    """

    TENANT = "tenant"
    OWN = "own"
    SELF = "self"
    SHARED = "shared"
    NEVER = "never"


Grantee: TypeAlias = Role | Share


@dataclass(frozen=True, slots=True)
class Actor:
    """Who wants to act.

    Attributes:
        user: id of the person.
        roles: all roles of the token; what one of them grants is granted.
    """

    user: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Relation:
    """What makes a lead somebody's.

    Attributes:
        owner: whose lead it is.
        share: how it is shared with the actor, if it is.
    """

    owner: str
    share: Share | None = None


def _cells(
    agent: Scope | None,
    manager: Scope | None = None,
    admin: Scope | None = None,
    auditor: Scope | None = None,
    *shares: Share,
) -> Mapping[Grantee, Scope]:
    by_role: dict[Grantee, Scope | None] = {
        Role.AGENT: agent,
        Role.MANAGER: manager,
        Role.ADMIN: admin,
        Role.AUDITOR: auditor,
    }
    by_role |= dict.fromkeys(shares, Scope.SHARED)
    return MappingProxyType({grantee: scope for grantee, scope in by_role.items() if scope is not None})


_T, _O, _S, _N = Scope.TENANT, Scope.OWN, Scope.SELF, Scope.NEVER
_VIEW, _ASSIST, _NEGOTIATE = Share

# One row an act: agent, manager, admin, auditor, then the shares. An auditor writes nothing even if his
# token names another role beside: who examines the books does not keep them.
MATRIX: Final[Mapping[Act, Mapping[Grantee, Scope]]] = MappingProxyType(
    {
        Act.READ_LEAD: _cells(_O, _T, _T, _T, _VIEW, _ASSIST, _NEGOTIATE),
        Act.READ_CONTACT: _cells(_O, _T, _T, _T, _VIEW, _ASSIST, _NEGOTIATE),
        Act.REGISTER: _cells(_S, _T, _T, _N),
        Act.REGISTER_FOR_OTHERS: _cells(None, _T, _T, _N),
        Act.LOG_ACTIVITY: _cells(_O, _T, _T, _N, _ASSIST, _NEGOTIATE),
        Act.ADD_NOTE: _cells(_O, _T, _T, _N, _ASSIST, _NEGOTIATE),
        Act.REQUEST: _cells(_O, None, None, _N, _NEGOTIATE),
        Act.DECIDE: _cells(None, _T, _T, _N),
        Act.GOVERN: _cells(None, _T, _T, _N),
        Act.RESEND_MAIL: _cells(None, _T, _T, _N),
        Act.RELEASE_LEAD: _cells(_O, _T, _T, _N),
        Act.EDIT_LEAD: _cells(_O, _T, _T, _N),
        Act.SHARE: _cells(_O, _T, _T, _N),
        Act.READ_SETTINGS: _cells(None, _T, _T, _T),
        Act.CHANGE_SETTINGS: _cells(None, None, _T, _N),
        Act.READ_AUDIT: _cells(_O, _T, _T, _T),
        Act.ERASE: _cells(None, None, _T, _N),
        Act.EXPORT_OWN: _cells(_S, _S, _S, _S),
    }
)


def may(act: Act, actor: Actor, lead: Relation | None = None) -> bool:
    """Whether the actor may do this to the lead.

    Args:
        act: what is to be done.
        actor: who wants to; without a role he may nothing.
        lead: his relation to the lead; None for what is about no lead, or about the whole tenant.
    """
    granted = MATRIX[act]
    scopes = {granted[role] for role in actor.roles if role in granted}
    if Scope.NEVER in scopes:
        return False
    if Scope.TENANT in scopes:
        return True
    if lead is None:
        return Scope.SELF in scopes
    if lead.owner == actor.user:
        return not scopes.isdisjoint((Scope.OWN, Scope.SELF))
    # Sharing adds to what an agent may; it gives no other role anything.
    return Role.AGENT in actor.roles and lead.share in granted
