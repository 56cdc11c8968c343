"""Registrations: what opens a lead, and what is answered."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.base import Choice, Id, Input, Instant, Line, Output
from services import openings
from services.words import (
    MAX_EXTERNAL_ID,
    MAX_LINK,
    MAX_NOTE,
    MAX_PHONE,
    MAX_POSTCODE,
    MAX_REASON,
    MIN_FIRST_CONTACT,
    MIN_GRAVE_REASON,
    MIN_REASON,
    LeadSource,
)

# Lines and texts as in `api.schemas.base`, of other lengths.
_LINE: Final = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
_TEXT: Final = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
Postcode = Annotated[str, StringConstraints(max_length=MAX_POSTCODE, pattern=_LINE)]
ExternalId = Annotated[str, StringConstraints(max_length=MAX_EXTERNAL_ID, pattern=_LINE)]
# Looked at by the service, which knows more of addresses than a pattern does.
Address = Annotated[Line, Field(json_schema_extra={"format": "email"})]
Phone = Annotated[str, StringConstraints(max_length=MAX_PHONE, pattern=_LINE)]
Link = Annotated[str, StringConstraints(max_length=MAX_LINK, pattern=_LINE)]
Reason = Annotated[str, StringConstraints(min_length=MIN_REASON, max_length=MAX_REASON, pattern=_TEXT)]
GraveReason = Annotated[
    str, StringConstraints(min_length=MIN_GRAVE_REASON, max_length=MAX_REASON, pattern=_TEXT)
]
Note = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NOTE, pattern=_TEXT)]
FirstNote = Annotated[
    str, StringConstraints(min_length=MIN_FIRST_CONTACT, max_length=MAX_NOTE, pattern=_TEXT)
]


class ContactInput(Input):
    """Whom to ask for; at least one of them. Kept encrypted."""

    name: Line | None = None
    email: Address | None = None
    phone: Phone | None = None

    def said(self) -> openings.Contact:
        """The same for the service."""
        return openings.Contact(name=self.name, email=self.email, phone=self.phone)


class FirstContactInput(Input):
    """The documented first contact. `occurredAt` left out is now; never in the future."""

    note: FirstNote
    occurred_at: Instant | None = None
    channel: Line | None = None

    def said(self) -> openings.FirstContact:
        """The same for the service."""
        return openings.FirstContact(note=self.note, at=self.occurred_at, channel=self.channel)


class BackdatingInput(Input):
    """Why protection began before it was entered; `evidence` is a link to what proves it."""

    registered_at: Instant
    reason: GraveReason
    evidence: Link

    def said(self) -> openings.Backdating:
        """The same for the service."""
        return openings.Backdating(
            registered_at=self.registered_at, reason=self.reason, evidence=self.evidence
        )


class OverrideInput(Input):
    """Why a second live lead of the same company is right; for managers."""

    reason: GraveReason


class ConfirmInput(Input):
    """Why this is another company than the similar ones that were named."""

    reason: Reason


class OpeningInput(Input):
    """What a registration says beside company and owner."""

    contact: ContactInput | None = None
    first_contact: FirstContactInput | None = None
    backdating: BackdatingInput | None = None
    override_duplicate: OverrideInput | None = None
    confirm_similar: ConfirmInput | None = None

    def opening(self) -> openings.Opening:
        """The same for the service."""
        return openings.Opening(
            contact=None if self.contact is None else self.contact.said(),
            first_contact=None if self.first_contact is None else self.first_contact.said(),
            backdating=None if self.backdating is None else self.backdating.said(),
            override=None if self.override_duplicate is None else self.override_duplicate.reason,
            similar=None if self.confirm_similar is None else self.confirm_similar.reason,
        )


class NewLeadInput(OpeningInput):
    """A lead to open.

    Attributes:
        owner: whose lead it is; left out, the caller's. Another owner needs a manager.
        preregistration: only note company, city and industry; nothing personal, nothing protected.
    """

    company: Line
    city: Line
    postcode: Postcode | None = None
    industry: Line | None = None
    source: Choice[LeadSource] | None = None
    external_id: ExternalId | None = None
    owner: Id | None = None
    preregistration: bool = False

    def said(self) -> openings.Company:
        """Company and place for the service."""
        return openings.Company(
            company=self.company,
            city=self.city,
            postcode=self.postcode,
            industry=self.industry,
            source=self.source,
            external_id=self.external_id,
        )


class RegisterInput(OpeningInput):
    """What a pre-registered lead still lacks. `source` where it is known by now."""

    source: Choice[LeadSource] | None = None


class SimilarLeadOutput(Output):
    """A lead the caller may see that may be the same company; `score` is 0.7 to 1."""

    lead: UUID
    company: str
    city: str
    score: float


class SimilarOutput(Output):
    """Nothing was entered: confirm with `confirmSimilar.reason` that this is another company."""

    candidates: list[SimilarLeadOutput]
