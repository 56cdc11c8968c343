"""The subject collaborators. Made by `make openapi`."""

from __future__ import annotations

from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent
from client.shared import CollaboratorOutput
from client.words import Share


class CollaboratorInput(Sent):
    """Whom the lead is shared with, and how."""

    user_id: str
    role: Share


class Collaborators(Group):
    """Operations of the subject collaborators."""

    def add_collaborator(
        self, lead: UUID, body: CollaboratorInput, *, idempotency_key: str | None = None
    ) -> Answer[CollaboratorOutput]:
        """Share the lead with somebody; a new role takes the old one's place.

        For its owner and managers.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/collaborators", lead=lead),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: CollaboratorOutput})

    def remove_collaborator(self, lead: UUID, user: str) -> Answer[None]:
        """Share the lead with somebody no longer."""
        call = Call(
            method="DELETE", path=address("/api/leads/{lead}/collaborators/{user}", lead=lead, user=user)
        )
        return self._asker.tell(call)
