"""Who asks for something, and what tells the request from its repetition."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar
from uuid import UUID, uuid4, uuid5

from adapters.database import Caller
from protection.permission import Act, Actor, Relation, Role, may
from protection.refusal import Refused
from services.errors import Forbidden
from services.words import malformed
from workflows.messages import parse

M = TypeVar("M")
_ROLES: Final = {str(role): role for role in Role}


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of one caller.

    Attributes:
        caller: on whose behalf.
        fact_id: id of the fact it will tell; the same for a repetition under the same key.
        key: the caller's idempotency key, if he brings one.
        lasting: whether a repetition of the request has the same fact id.
        if_revision: act only if the lead's ledger has so many facts; None acts on any.
        dry_run: only say what would come of it.
    """

    caller: Caller
    fact_id: str
    key: str | None = None
    lasting: bool = False
    if_revision: int | None = None
    dry_run: bool = False

    @classmethod
    def of(
        cls,
        caller: Caller,
        *,
        key: str | None = None,
        fact_id: str | None = None,
        if_revision: int | None = None,
        dry_run: bool = False,
    ) -> Self:
        """A request, with the fact id that belongs to it.

        Args:
            fact_id: where the caller names the fact himself.
        """
        told = fact_id or str(uuid4() if key is None else uuid5(caller.tenant, f"act/{key}"))
        lasting = key is not None or fact_id is not None
        return cls(caller, told, key, lasting, if_revision, dry_run)

    @property
    def tenant(self) -> UUID:
        """Whose leads."""
        return self.caller.tenant

    @property
    def actor(self) -> Actor:
        """The caller as the matrix of rights sees him; roles we do not know grant nothing."""
        return Actor(
            self.caller.user, frozenset(_ROLES[role] for role in self.caller.roles if role in _ROLES)
        )

    def may(self, act: Act, lead: Relation | None = None) -> bool:
        """Whether the caller may do this."""
        return may(act, self.actor, lead)

    def require(self, act: Act, lead: Relation | None = None) -> None:
        """Go on only if the caller may do this.

        Raises:
            Forbidden: he may not.
        """
        if not self.may(act, lead):
            raise Forbidden(act)

    def message(self, kind: type[M], /, **values: Any) -> M:
        """The message that tells this, said by the caller; None leaves a field at its default.

        Raises:
            Malformed: a value makes no sense; names the field.
        """
        said = {name: value for name, value in values.items() if value is not None}
        if self.if_revision is not None:
            said["if_revision"] = self.if_revision
        try:
            return parse(kind, {**said, "by": self.caller.user, "fact_id": self.fact_id})
        except Refused as refused:
            raise malformed(refused.field, refused.message) from refused


def spelled(act: str, lead: UUID | None, values: Mapping[str, Any], words: Sequence[str] = ()) -> str:
    """What must be the same for a request to be the same. Holds what somebody typed: never to be kept.

    Args:
        act: what is to be done.
        lead: to which lead; None for a new one.
        values: the fields of the request.
        words: what somebody wrote about it.
    """
    return json.dumps([act, str(lead), values, list(words)], sort_keys=True, default=str, ensure_ascii=False)
