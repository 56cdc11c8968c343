"""What may be wrong with the opening of a lead, by field: for the form and for the rows of an import."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from api.pages.texts import N_
from services.words import LeadSource

TAKEN: Final = N_(
    "This company is taken: a live lead of the same company and place exists. Whose it is, is not told."
)
SIMILAR: Final = N_("Similar leads exist. Say why this is another company.")
ID_TAKEN: Final = N_("Another lead has this id of yours.")
SOURCES: Final[Mapping[LeadSource, str]] = MappingProxyType(
    {
        LeadSource.TRADE_FAIR: N_("Trade fair"),
        LeadSource.REFERRAL: N_("Referral"),
        LeadSource.PHONE: N_("Phone"),
        LeadSource.WEB_FORM: N_("Web form"),
        LeadSource.PARTNER: N_("Partner"),
        LeadSource.OTHER: N_("Other"),
    }
)
_A_LINE: Final = N_("One line of at most 200 characters, please.")
_REASON: Final = N_("Say why, in 10 to 250 characters.")

# By the field as services name it.
_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "company": _A_LINE,
        "city": _A_LINE,
        "postcode": N_("One line of at most 20 characters, please; a pre-registration has none."),
        "industry": _A_LINE,
        "source": N_("Please choose one of the list; a pre-registration has none."),
        "external_id": N_("One line of at most 100 characters, please."),
        "owner": N_("There is no such person here who could have a lead."),
        "contact": N_(
            "Name a contact, or document the first contact. A pre-registration has neither: nothing personal."
        ),
        "contact.name": _A_LINE,
        "contact.email": N_("This is no mail address."),
        "contact.phone": N_("One line of at most 50 characters, please."),
        "first_contact": N_("A pre-registration has no first contact: it holds nothing personal."),
        "first_contact.note": N_(
            "Say what was spoken about, in 10 characters or more."
            " Leads from a trade fair or by phone need it."
        ),
        "first_contact.occurred_at": N_("The first contact must have happened already."),
        "first_contact.channel": _A_LINE,
        "backdating": N_("A pre-registration cannot be backdated."),
        "backdating.registered_at": N_("The registration counts from now at the latest."),
        "backdating.reason": _REASON,
        "backdating.evidence": N_("A link to what proves it, on one line, please."),
        "override_duplicate.reason": _REASON,
        "confirm_similar.reason": _REASON,
    }
)


def trouble_with(field: str) -> str | None:
    """What would be right in a field, in English; None where we do not know the field."""
    return _FIELDS.get(field)
