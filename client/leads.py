"""The subject leads. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.shared import Acted, CollaboratorOutput, Protection
from client.words import Due, EndReason, LeadSource, Status


class BackdatingInput(Sent):
    """Why protection began before it was entered; `evidence` is a link to what proves it."""

    registered_at: datetime
    reason: str
    evidence: str


class Changed(Told):
    """The lead's version after a change, as in its ETag."""

    lead: UUID
    revision: int
    changed: int


class ConfirmInput(Sent):
    """Why this is another company than the similar ones that were named."""

    reason: str


class ContactInput(Sent):
    """Whom to ask for; at least one of them. Kept encrypted."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class ContactRead(Told):
    """Whom to ask for, or the documented first contact; personal data, kept encrypted.

    Attributes:
        kind: CONTACT or FIRST_CONTACT.
        note: what was spoken about at the first contact.
    """

    kind: Literal["CONTACT", "FIRST_CONTACT"]
    name: str | None
    email: str | None
    phone: str | None
    note: str | None
    occurred_at: datetime | None
    channel: str | None


class FirstContactInput(Sent):
    """The documented first contact. `occurredAt` left out is now; never in the future."""

    note: str
    occurred_at: datetime | None = None
    channel: str | None = None


class LeadChange(Sent):
    """What is to be different (merge patch): fields left out stay, null empties one.

    A contact replaces the old one as a whole.
    """

    external_id: str | None = None
    postcode: str | None = None
    industry: str | None = None
    source: LeadSource | None = None
    contact: ContactInput | None = None


class LeadDetail(Told):
    """A lead with everything the caller may see.

    Attributes:
        protection: null for the moment in which its clock has not begun.
        contacts: empty where they are not the caller's to read (any more), or erased.
    """

    id: UUID
    external_id: str | None
    company: str
    city: str
    postcode: str | None
    industry: str | None
    source: str | None
    owner: str
    created_at: datetime
    protection: Protection | None
    collaborators: list[CollaboratorOutput]
    contacts: list[ContactRead]


class LeadListed(Told):
    """A lead in a list.

    Attributes:
        active_holds: reasons for which the clock stands still.
        problem: what an operator has to look at, a stable word.
    """

    id: UUID
    external_id: str | None
    company: str
    city: str
    postcode: str | None
    industry: str | None
    source: str | None
    owner: str
    created_at: datetime
    status: Status
    paused: bool
    active_holds: list[str]
    registered_at: datetime | None
    last_qual_activity_at: datetime | None
    reminder_due_at: datetime | None
    grace_until: datetime | None
    base_until: datetime | None
    progress_until: datetime | None
    valid_until: datetime | None
    reason: EndReason | None
    problem: str | None
    policy_version: str
    revision: int
    updated_at: datetime


class OverrideInput(Sent):
    """Why a second live lead of the same company is right; for managers."""

    reason: str


class NewLeadInput(Sent):
    """A lead to open.

    Attributes:
        owner: whose lead it is; left out, the caller's. Another owner needs a manager.
        preregistration: only note company, city and industry; nothing personal, nothing protected.
    """

    contact: ContactInput | None = None
    first_contact: FirstContactInput | None = None
    backdating: BackdatingInput | None = None
    override_duplicate: OverrideInput | None = None
    confirm_similar: ConfirmInput | None = None
    company: str
    city: str
    postcode: str | None = None
    industry: str | None = None
    source: LeadSource | None = None
    external_id: str | None = None
    owner: str | None = None
    preregistration: bool = False


class LeadListedPage(Told):
    """A page of a list."""

    items: list[LeadListed]
    next_cursor: str | None


class RegisterInput(Sent):
    """What a pre-registered lead still lacks. `source` where it is known by now."""

    contact: ContactInput | None = None
    first_contact: FirstContactInput | None = None
    backdating: BackdatingInput | None = None
    override_duplicate: OverrideInput | None = None
    confirm_similar: ConfirmInput | None = None
    source: LeadSource | None = None


class SimilarLeadOutput(Told):
    """A lead the caller may see that may be the same company; `score` is 0.7 to 1."""

    lead: UUID
    company: str
    city: str
    score: float


class SimilarOutput(Told):
    """Nothing was entered: confirm with `confirmSimilar.reason` that this is another company."""

    candidates: list[SimilarLeadOutput]


class Leads(Group):
    """Operations of the subject leads."""

    def list_leads_page(
        self,
        *,
        mine: bool | None = None,
        shared: bool | None = None,
        owner: str | None = None,
        city: str | None = None,
        status: Status | None = None,
        paused: bool | None = None,
        due_within: int | None = None,
        due_before: datetime | None = None,
        due: Due | None = None,
        text: str | None = None,
        sort: Literal[
            "validUntil",
            "-validUntil",
            "company",
            "-company",
            "registeredAt",
            "-registeredAt",
            "updatedAt",
            "-updatedAt",
        ]
        | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Answer[LeadListedPage]:
        """List the leads the caller may see, a page at a time, or all of them as CSV."""
        call = Call(
            method="GET",
            path="/api/leads",
            query={
                "mine": mine,
                "shared": shared,
                "owner": owner,
                "city": city,
                "status": status,
                "paused": paused,
                "dueWithin": due_within,
                "dueBefore": due_before,
                "due": due,
                "text": text,
                "sort": sort,
                "limit": limit,
                "cursor": cursor,
            },
        )
        return self._asker.ask(call, {200: LeadListedPage})

    def list_leads_page_csv(
        self,
        *,
        mine: bool | None = None,
        shared: bool | None = None,
        owner: str | None = None,
        city: str | None = None,
        status: Status | None = None,
        paused: bool | None = None,
        due_within: int | None = None,
        due_before: datetime | None = None,
        due: Due | None = None,
        text: str | None = None,
        sort: Literal[
            "validUntil",
            "-validUntil",
            "company",
            "-company",
            "registeredAt",
            "-registeredAt",
            "updatedAt",
            "-updatedAt",
        ]
        | None = None,
    ) -> Answer[str]:
        """List the leads the caller may see, a page at a time, or all of them as CSV."""
        call = Call(
            method="GET",
            path="/api/leads",
            query={
                "mine": mine,
                "shared": shared,
                "owner": owner,
                "city": city,
                "status": status,
                "paused": paused,
                "dueWithin": due_within,
                "dueBefore": due_before,
                "due": due,
                "text": text,
                "sort": sort,
                "format": "csv",
            },
        )
        return self._asker.ask_text(call, "text/csv")

    def open_lead(
        self, body: NewLeadInput, *, idempotency_key: str | None = None
    ) -> Answer[Acted | SimilarOutput]:
        """Register a lead: its protection starts.

        Or, with `preregistration`, only note it.

        A registration needs a contact or a documented first contact; TRADE_FAIR and PHONE need the first
        contact. Where a live lead of the same company and place exists, the answer is a 409 that says nothing
        about it. Where there are similar ones you may see, it is a 202 that names them, and nothing is
        entered.
        """
        call = Call(
            method="POST",
            path="/api/leads",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: Acted, 202: SimilarOutput})

    def get_lead(self, lead: UUID) -> Answer[LeadDetail]:
        """Read one lead: company, protection, collaborators, and contacts where the caller may read them."""
        call = Call(method="GET", path=address("/api/leads/{lead}", lead=lead))
        return self._asker.ask(call, {200: LeadDetail})

    def change_lead(self, lead: UUID, body: LeadChange, *, if_match: str | None = None) -> Answer[Changed]:
        """Change what describes a lead, or its contact.

        Fields left out stay as they are; null empties one.
        """
        call = Call(
            method="PATCH",
            path=address("/api/leads/{lead}", lead=lead),
            headers={"If-Match": if_match},
            body=body,
        )
        return self._asker.ask(call, {200: Changed})

    def register_preregistered_lead(
        self,
        lead: UUID,
        body: RegisterInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[Acted | SimilarOutput]:
        """Register a lead that was pre-registered; looks for duplicates again."""
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/register", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: Acted, 202: SimilarOutput})

    def correct_registered_at(
        self, lead: UUID, body: BackdatingInput, *, if_match: str | None = None
    ) -> Answer[Acted]:
        """Correct when protection began: moves the base period, not the progress period.

        For managers.
        """
        call = Call(
            method="PUT",
            path=address("/api/leads/{lead}/registered-at", lead=lead),
            headers={"If-Match": if_match},
            body=body,
        )
        return self._asker.ask(call, {200: Acted})
