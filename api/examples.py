"""Bodies to begin with, shown in the OpenAPI document; each is tried by tests, so each is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Example:
    """One body.

    Attributes:
        says: what it does.
        body: as JSON says it.
    """

    says: str
    body: Mapping[str, Any]


_CONTACT: Final = {"name": "Jo Beispiel", "email": "jo@gasthof.example", "phone": "+49 361 1234567"}
_COMPANY: Final = {"company": "Gasthof Beispiel GmbH", "city": "Erfurt", "postcode": "99084"}
_FIRST: Final = {"note": "At the fair: wants samples of the goulash.", "occurredAt": "2026-11-20T10:00:00Z"}
_REJECTED: Final = {"why": Example("No, and why", {"reason": "The samples were sent last week."})}

# By operation, then by name.
EXAMPLES: Final[Mapping[str, Mapping[str, Example]]] = MappingProxyType(
    {
        "openLead": {
            "registration": Example(
                "Register a lead of one's own",
                {**_COMPANY, "industry": "HOTEL", "source": "REFERRAL", "contact": _CONTACT},
            ),
            "trade-fair": Example(
                "From a trade fair: with the documented first contact",
                {**_COMPANY, "source": "TRADE_FAIR", "firstContact": {**_FIRST, "channel": "fair"}},
            ),
            "preregistration": Example(
                "Only note it: company, city and, if known, industry",
                {
                    "company": "Kantine Beispiel",
                    "city": "Weimar",
                    "industry": "CANTEEN",
                    "preregistration": True,
                },
            ),
            "similar": Example(
                "It is another company than the similar ones a 202 has named",
                {
                    **_COMPANY,
                    "contact": _CONTACT,
                    "confirmSimilar": {"reason": "Another family, another street"},
                },
            ),
        },
        "promiseSampleBox": {
            "two": Example(
                "Two products, to be shipped by a day that was promised",
                {
                    "leadId": "0f7e0000-0000-4000-8000-0000000000a1",
                    "items": [{"sku": "GOULASH-1", "qty": 2}, {"sku": "SOUP-2", "qty": 6}],
                    "promisedAt": "2026-11-30T12:00:00+01:00",
                },
            ),
        },
        "askAi": {
            "classify": Example(
                "What sort of customer would it be?",
                {
                    "input": {"company": "Hotel Beispiel", "city": "Weimar", "industry": "HOTEL"},
                },
            ),
        },
        "checkCredit": {
            "first-order": Example(
                "May it order for 2,500 EUR?",
                {
                    "leadId": "0f7e0000-0000-4000-8000-0000000000a1",
                    "vatNumber": "DE123456789",
                    "amount": "2500.00",
                    "purpose": "FIRST_ORDER",
                },
            ),
        },
        "shipSampleBox": {"then": Example("It left the day before", {"at": "2026-11-20T10:00:00Z"})},
        "deliverSampleBox": {"then": Example("It came this morning", {"at": "2026-11-23T08:30:00Z"})},
        "planTestPhase": {
            "two-weeks": Example(
                "Two weeks in the kitchen",
                {
                    "boxId": "0f7e0000-0000-4000-8000-0000000000b1",
                    "stage": "TRIAL",
                    "startsAt": "2026-12-01T08:00:00+01:00",
                    "endsAt": "2026-12-15T18:00:00+01:00",
                },
            ),
        },
        "noteTestResults": {
            "sold": Example(
                "It sold better, and less was thrown away",
                {
                    "results": [
                        {"sku": "GOULASH-1", "outcome": "SUCCESS", "sellThrough": 12.5, "wasteChange": -3.25}
                    ]
                },
            ),
        },
        "noteFeedback": {
            "phone": Example(
                "What the chef said on the phone",
                {
                    "source": "PHONE",
                    "contactRole": "CHEF",
                    "ratings": [{"sku": "GOULASH-1", "rating": 5, "comment": "Like home-made."}],
                },
            ),
        },
        "giveFeedback": {
            "chef": Example(
                "Two products rated",
                {
                    "contactRole": "CHEF",
                    "ratings": [{"sku": "GOULASH-1", "rating": 5}, {"sku": "SOUP-2", "rating": 3}],
                },
            ),
        },
        "importLeads": {
            "two": Example(
                "A lead to register, and one that is only noted",
                {
                    "leads": [
                        {**_COMPANY, "source": "REFERRAL", "contact": _CONTACT},
                        {"company": "Kantine Beispiel", "city": "Weimar", "preregistration": True},
                    ]
                },
            ),
        },
        "registerPreregisteredLead": {
            "contact": Example(
                "Now there is somebody to ask for", {"source": "REFERRAL", "contact": _CONTACT}
            ),
        },
        "correctRegisteredAt": {
            "earlier": Example(
                "It was agreed upon before it was entered",
                {
                    "registeredAt": "2026-11-02T09:30:00+01:00",
                    "reason": "Agreed upon at the fair",
                    "evidence": "https://files.example/fair-2026",
                },
            ),
        },
        "changeLead": {
            "master-data": Example("Another postcode, no industry", {"postcode": "99085", "industry": None}),
            "contact": Example("Somebody else to ask for", {"contact": _CONTACT}),
        },
        "logActivity": {
            "call": Example(
                "A call that counts as progress",
                {"kind": "QUALIFIED_CALL", "occurredAt": "2026-11-20T10:00:00Z", "note": "Wants an offer"},
            ),
            "mail": Example("A mail: recorded, moves no deadline", {"kind": "EMAIL_SENT"}),
        },
        "transferLead": {
            "leave": Example("Somebody takes over", {"owner": "ben", "reason": "Anna is on leave until May"}),
        },
        "releaseLead": {"plainly": Example("Give it up", {"note": "They have chosen another caterer."})},
        "convertLead": {
            "agreement": Example(
                "The agreement is signed", {"customerNo": "K-10234", "agreementDate": "2026-11-20"}
            ),
        },
        "reinstateLead": {"back": Example("It lapsed by our fault", {"reason": "The offer lay on our desk"})},
        "correctFact": {
            "field": Example(
                "The call was on another day",
                {
                    "corrects": "9c5a2c1e-4a3e-4b62-9d53-2f0a7a1c3c11",
                    "replacement": {"occurredAt": "2026-11-19T10:00:00Z"},
                    "reason": "Wrong day in the calendar",
                },
            ),
            "all": Example(
                "There was no such call",
                {"corrects": "9c5a2c1e-4a3e-4b62-9d53-2f0a7a1c3c11", "reason": "Meant for another lead"},
            ),
        },
        "askForHold": {
            "open": Example(
                "From now on, without end", {"reason": "FFZ_SAMPLE_DELAY", "note": "Samples are not ready"}
            ),
            "bounded": Example(
                "Closed for a time",
                {
                    "reason": "CUSTOMER_BLOCKED",
                    "startAt": "2026-12-20T00:00:00+01:00",
                    "endAt": "2027-01-07T00:00:00+01:00",
                },
            ),
        },
        "planOrBeginCampaign": {
            "look": Example(
                "What would a hold over all leads in Erfurt do?",
                {"filter": {"city": "Erfurt"}, "reason": "FFZ_PRICE_APPROVAL"},
            ),
        },
        "endCampaign": {"out": Example("What was waited for is there", {"why": "The price list is out"})},
        "approveHold": {
            "as-asked": Example("As it was asked for", {}),
            "other-end": Example("With another end", {"endAt": "2027-01-07T00:00:00+01:00"}),
        },
        "rejectHold": _REJECTED,
        "askForExtension": {
            "next-step": Example(
                "More days, and what for",
                {
                    "reason": "They decide after the season",
                    "days": 30,
                    "nextStep": {"what": "Tasting with the chef", "at": "2026-12-10T14:00:00+01:00"},
                },
            ),
        },
        "approveExtension": {"days": Example("Twenty days", {"days": 20})},
        "rejectExtension": _REJECTED,
        "erasePersonalData": {
            "look": Example(
                "Only look what it would meet", {"reason": "Request of 23 November", "dryRun": True}
            ),
            "erase": Example("Somebody asks to be forgotten", {"reason": "Request of 23 November"}),
        },
        "addCollaborator": {"assist": Example("Let Ben help", {"userId": "ben", "role": "ASSIST"})},
        "previewProtection": {
            "hold-ends": Example(
                "What if a hold began now and ended on Friday?",
                {
                    "facts": [{"type": "hold_placed", "endAt": "2027-01-08T18:00:00+01:00"}],
                    "until": "2027-06-01T00:00:00Z",
                },
            ),
            "extension": Example(
                "What if it were extended by 30 days?", {"facts": [{"type": "extension_granted", "days": 30}]}
            ),
            "policy": Example("What if grace were 14 days?", {"policy": {"graceDays": 14}}),
        },
        "changeSetting": {
            "tenant": Example(
                "For the whole tenant", {"scope": "tenant", "value": 14, "reason": "Agreed with the agents"}
            ),
            "back": Example("What holds for everybody shall hold again", {"scope": "tenant", "value": None}),
        },
        "takeWebhook": {
            "invoice": Example(
                "The ERP tells of an invoice",
                {
                    "eventId": "evt-7f2a",
                    "eventType": "invoice.created",
                    "occurredAt": "2026-11-23T09:30:00Z",
                },
            ),
        },
        "rehearsePolicy": {"grace": Example("Fourteen days of grace", {"policy": {"graceDays": 14}})},
    }
)
