"""What codes of proposals are called on the pages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from activities.ai.cases.mails import MailCategory
from activities.proposal_facts import Potential, Segment
from activities.sample_orders import ContactRole
from adapters.database import Connection
from adapters.proposal_store import ProposalSource, class_of, proposals_of
from api.pages.texts import N_
from api.pages.view import PublicView, View

_MOST: Final = 5
SEGMENTS: Final[Mapping[Segment, str]] = MappingProxyType(
    {
        Segment.RESTAURANT: N_("Restaurant"),
        Segment.HOTEL: N_("Hotel"),
        Segment.CANTEEN: N_("Canteen"),
        Segment.CATERING: N_("Catering"),
        Segment.CARE_HOME: N_("Care home"),
        Segment.HOSPITAL: N_("Hospital"),
        Segment.SCHOOL: N_("School"),
        Segment.RETAIL: N_("Retail"),
        Segment.WHOLESALE: N_("Wholesale"),
        Segment.INDUSTRY: N_("Food industry"),
        Segment.OTHER: N_("Something else"),
    }
)
POTENTIALS: Final[Mapping[Potential, str]] = MappingProxyType(
    {
        Potential.HIGH: N_("high potential"),
        Potential.MEDIUM: N_("medium potential"),
        Potential.LOW: N_("low potential"),
    }
)
CONTACT_ROLES: Final[Mapping[ContactRole, str]] = MappingProxyType(
    {
        ContactRole.CHEF: N_("Runs the kitchen"),
        ContactRole.BUYER: N_("Buys"),
        ContactRole.GM: N_("Runs the house"),
        ContactRole.OTHER: N_("Does something else"),
    }
)
_CATEGORIES: Final[Mapping[MailCategory, str]] = MappingProxyType(
    {
        MailCategory.INTEREST: N_("shows interest"),
        MailCategory.QUESTION: N_("asks something"),
        MailCategory.PRICE_REQUEST: N_("asks for prices"),
        MailCategory.SAMPLE_REQUEST: N_("asks for samples"),
        MailCategory.APPOINTMENT: N_("is about an appointment"),
        MailCategory.ORDER: N_("wants to order"),
        MailCategory.FEEDBACK: N_("says how it was"),
        MailCategory.COMPLAINT: N_("complains"),
        MailCategory.REJECTION: N_("declines"),
        MailCategory.AUTOMATIC: N_("was written by a machine"),
        MailCategory.NEWSLETTER: N_("is advertising"),
        MailCategory.OTHER: N_("is about something else"),
    }
)
_SOURCES: Final[Mapping[ProposalSource, str]] = MappingProxyType(
    {
        ProposalSource.INBOX: N_("from the inbox"),
        ProposalSource.ERP: N_("from the ERP"),
        ProposalSource.AI: N_("from the AI"),
    }
)


async def proposed_on(view: View, connection: Connection, lead: UUID) -> dict[str, Any]:
    """What was proposed about a lead and waits, and what somebody has confirmed of its class."""
    tenant = view.caller.tenant
    return {
        "proposals": await proposals_of(connection, tenant, lead=lead, most=_MOST),
        "known_class": await class_of(connection, tenant, lead),
        **proposal_words(view),
    }


def proposal_words(view: PublicView) -> dict[str, Any]:
    """What the templates of proposals ask to have said in the reader's words, by code."""
    tables: dict[str, Mapping[Any, str]] = {
        "segments": SEGMENTS,
        "potentials": POTENTIALS,
        "contact_roles": CONTACT_ROLES,
        "categories": _CATEGORIES,
        "proposers": _SOURCES,
    }
    return {
        name: {str(code): view.text(text) for code, text in table.items()} for name, table in tables.items()
    }
