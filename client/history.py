"""The subject history. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Told
from client.shared import CollaboratorOutput
from client.words import HoldReason, RequestKind, RequestStatus


class CollaboratorList(Told):
    """Everybody a lead is shared with."""

    items: list[CollaboratorOutput]


class RequestRead(Told):
    """Something that was asked for, and what became of it.

    Attributes:
        start_at: of the hold, as approved once it is.
        days: of the extension, as granted once it is.
        next_step_at: when the next step with the customer is planned.
        decided_at: when it was decided, withdrawn or became void.
        words: what was written about it, by part (`reason`, `next-step`, `note`), for whoever may read it.
        decision_words: the same of the decision.
    """

    id: str
    kind: RequestKind
    status: RequestStatus
    reason: HoldReason | None
    start_at: datetime | None
    end_at: datetime | None
    days: int | None
    next_step_at: datetime | None
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    words: dict[str, str]
    decision_words: dict[str, str]


class ExtensionStanding(Told):
    """An extension of the base period, the request for it, or both.

    Attributes:
        id: of the request, or of the fact that granted the days without one.
        days: as granted; null while nothing is. What was corrected later is in the timeline.
        request: null where nobody had to ask.
    """

    id: str
    days: int | None
    granted_by: str | None
    granted_at: datetime | None
    request: RequestRead | None


class HoldRead(Told):
    """A hold of the lead, past, present or planned.

    Attributes:
        active: the clock stands still because of it now.
    """

    id: str
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None
    placed_by: str | None
    active: bool


class HoldList(Told):
    """All holds of a lead, by start."""

    items: list[HoldRead]


class HoldStanding(Told):
    """A hold, the request for it, or both: they have one id.

    Attributes:
        hold: null while it is only asked for, or was never approved.
        request: null where nobody had to ask.
    """

    id: str
    hold: HoldRead | None
    request: RequestRead | None


class TimelineEntry(Told):
    """Something that happened.

    Attributes:
        kind: a fact of the ledger, or a mail we sent.
        id: of the fact, or of the mail.
        type: the fact's type, or the kind of mail.
        at: when it was recorded or sent.
        by: who said so; of a mail, whom it went to.
        by_name: what that person is called, where the caller may know.
        text: the same in words.
        fact: the fact itself.
        notes: what was written about it, where the caller may read it.
        mail_status: `sending`, `sent`, `bounced` or `dead`.
    """

    kind: Literal["fact", "mail"]
    id: str
    type: str
    at: datetime
    by: str
    by_name: str | None
    text: str
    fact: dict[str, Any] | None
    notes: list[str]
    mail_status: str | None


class TimelineEntryPage(Told):
    """A page of a list."""

    items: list[TimelineEntry]
    next_cursor: str | None


class RequestList(Told):
    """All requests about a lead, in order of asking."""

    items: list[RequestRead]


class History(Group):
    """Operations of the subject history."""

    def read_timeline(
        self,
        lead: UUID,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        lang: Literal["de", "en"] | None = None,
    ) -> Answer[TimelineEntryPage]:
        """Tell what happened to the lead, the newest first: facts and mails, in words.

        Notes are there for whoever may read the lead's personal data.
        """
        call = Call(
            method="GET",
            path=address("/api/leads/{lead}/timeline", lead=lead),
            query={"limit": limit, "cursor": cursor, "lang": lang},
        )
        return self._asker.ask(call, {200: TimelineEntryPage})

    def read_holds(self, lead: UUID) -> Answer[HoldList]:
        """List every hold of the lead, by start, those that are over and those that are planned too."""
        call = Call(method="GET", path=address("/api/leads/{lead}/holds", lead=lead))
        return self._asker.ask(call, {200: HoldList})

    def read_hold(self, lead: UUID, hold: str) -> Answer[HoldStanding]:
        """Show one hold and the request for it, whichever of the two there is."""
        call = Call(method="GET", path=address("/api/leads/{lead}/holds/{hold}", lead=lead, hold=hold))
        return self._asker.ask(call, {200: HoldStanding})

    def read_extension(self, lead: UUID, extension: str) -> Answer[ExtensionStanding]:
        """Show one extension and the request for it, whichever of the two there is."""
        call = Call(
            method="GET",
            path=address("/api/leads/{lead}/extensions/{extension}", lead=lead, extension=extension),
        )
        return self._asker.ask(call, {200: ExtensionStanding})

    def read_requests(self, lead: UUID) -> Answer[RequestList]:
        """List what was asked for about the lead, in order of asking, and how it was decided."""
        call = Call(method="GET", path=address("/api/leads/{lead}/requests", lead=lead))
        return self._asker.ask(call, {200: RequestList})

    def read_collaborators(self, lead: UUID) -> Answer[CollaboratorList]:
        """List with whom the lead is shared."""
        call = Call(method="GET", path=address("/api/leads/{lead}/collaborators", lead=lead))
        return self._asker.ask(call, {200: CollaboratorList})

    def read_collaborator(self, lead: UUID, user: str) -> Answer[CollaboratorOutput]:
        """Show how the lead is shared with somebody."""
        call = Call(
            method="GET", path=address("/api/leads/{lead}/collaborators/{user}", lead=lead, user=user)
        )
        return self._asker.ask(call, {200: CollaboratorOutput})
