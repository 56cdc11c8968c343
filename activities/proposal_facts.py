"""What can be proposed about a lead, for a person to confirm: codes, instants and ids, nobody's words."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Final, TypeAlias
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from activities.sample_orders import ContactRole

_Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]{1,39}$")]
_Number = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}$")]


class ProposalKind(StrEnum):
    """What is proposed. Wire names."""

    CUSTOMER_REACTION = "CUSTOMER_REACTION"
    CONVERSION = "CONVERSION"
    LEAD_CLASS = "LEAD_CLASS"
    CONTACT_ROLE = "CONTACT_ROLE"


class Segment(StrEnum):
    """What sort of customer a company would be. Wire names."""

    RESTAURANT = "RESTAURANT"
    HOTEL = "HOTEL"
    CANTEEN = "CANTEEN"
    CATERING = "CATERING"
    CARE_HOME = "CARE_HOME"
    HOSPITAL = "HOSPITAL"
    SCHOOL = "SCHOOL"
    RETAIL = "RETAIL"
    WHOLESALE = "WHOLESALE"
    INDUSTRY = "INDUSTRY"
    OTHER = "OTHER"


class Potential(StrEnum):
    """How much such a customer would buy. Wire names."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CustomerReaction(_Facts):
    """The customer answered; confirming records progress.

    Attributes:
        occurred_at: when he did, a UTC instant.
        category: what his answer is about, a code; None where nobody has said.
    """

    KIND: ClassVar[ProposalKind] = ProposalKind.CUSTOMER_REACTION

    occurred_at: AwareDatetime
    category: _Code | None = None


class Conversion(_Facts):
    """The lead has become a customer; confirming converts it.

    Attributes:
        customer_no: the number of the customer.
        agreement_date: since when he is one.
        document: what shows it, such as the number of the first invoice.
    """

    KIND: ClassVar[ProposalKind] = ProposalKind.CONVERSION

    customer_no: _Number | None = None
    agreement_date: date | None = None
    document: _Number | None = None


class LeadClass(_Facts):
    """What sort of customer the lead would be; confirming notes it."""

    KIND: ClassVar[ProposalKind] = ProposalKind.LEAD_CLASS

    segment: Segment
    potential: Potential


class ContactRoleFound(_Facts):
    """What a contact does in his company; confirming notes it."""

    KIND: ClassVar[ProposalKind] = ProposalKind.CONTACT_ROLE

    contact: UUID
    role: ContactRole


ProposalFacts: TypeAlias = CustomerReaction | Conversion | LeadClass | ContactRoleFound
_FORMS: Final[dict[ProposalKind, type[ProposalFacts]]] = {
    form.KIND: form for form in (CustomerReaction, Conversion, LeadClass, ContactRoleFound)
}


def facts_of(kind: ProposalKind, said: object) -> ProposalFacts:
    """What was proposed, as it was kept.

    Raises:
        pydantic.ValidationError: it is not in the form of its kind.
    """
    return _FORMS[kind].model_validate(said)
