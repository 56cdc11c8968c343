"""Why the contract does not allow something, in words for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from api.pages.texts import N_
from protection.refusal import Code, Refused

CREDIT_WANTED: Final = N_(
    "First the credit bureau has to approve this company. Have it checked on the page Credit of this lead."
)
_TEXTS: Final[Mapping[Code, str]] = MappingProxyType(
    {
        Code.PROTECTION_ENDED: N_("Protection of this lead has ended; nothing can be added to its clock."),
        Code.NOT_REGISTERED: N_("This lead is only pre-registered; register it first."),
        Code.ALREADY_REGISTERED: N_("This lead is registered already."),
        Code.NOT_ENDED: N_("Protection of this lead has not ended, so it cannot be brought back."),
        Code.BASE_PERIOD_OVER: N_("The base period is over; this is not possible any more."),
        Code.UNKNOWN_KIND: N_("Please choose one of the list."),
        Code.UNKNOWN_REASON: N_("Please choose one of the reasons."),
        Code.FUTURE_PROGRESS: N_("This lies in the future; only what has happened can be recorded."),
        Code.HOLD_EXISTS: N_("There is such a hold already."),
        Code.UNKNOWN_HOLD: N_("There is no such hold."),
        Code.END_BEFORE_START: N_("The end lies before the beginning."),
        Code.DAYS_OUT_OF_RANGE: N_("So many days are not possible."),
        Code.UNKNOWN_FACT: N_("There is no such entry."),
        Code.NOT_CORRECTABLE: N_("This entry cannot be corrected."),
        Code.FACT_ID_REUSED: N_("This was sent before with other contents. Please load the page again."),
        Code.LAPSE_NOT_DUE: N_("The lead is not due to lapse yet."),
        Code.RECORDED_BACKWARDS: N_("This lies before something that was recorded already."),
        Code.OWN_REQUEST: N_("Nobody decides a request of his own; somebody else has to."),
        Code.UNKNOWN_REQUEST: N_("There is no such request."),
        Code.REQUEST_DECIDED: N_("This request was decided already."),
        Code.REQUEST_PENDING: N_("Such a request is waiting for a decision already."),
        Code.REVISION_CONFLICT: N_("The lead has changed meanwhile. Please look again."),
        Code.WOULD_HAVE_ENDED: N_("Protection would have ended before that; this cannot be done afterwards."),
        Code.OTHER_POLICY: N_("Another policy holds for this lead."),
        Code.KNOWN_CUSTOMER: N_("This company is a customer already: it was invoiced lately."),
        Code.MALFORMED: N_("This does not fit."),
    }
)


def refusal_text(refused: Refused, say: Callable[..., str]) -> str:
    """Why, in the reader's language."""
    return say(_TEXTS[refused.code])
