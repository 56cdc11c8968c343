"""What codes of mails that came in are called on the pages."""

from __future__ import annotations

from typing import Any, Final

from adapters.inbox.matching import Match
from api.pages.proposal_texts import proposal_words
from api.pages.texts import N_
from api.pages.view import View

_WHYS: Final = {
    "nobody": N_("Nothing in it points to a lead."),
    "ambiguous": N_("It could belong to several leads."),
    "lead-ended": N_("It answers a mail about a lead whose protection is over."),
    "automatic": N_("A program wrote it."),
    "newsletter": N_("It went to many."),
    "unreadable": N_("Nothing in it could be read."),
    "own": N_("It came from this installation itself."),
    "colleague": N_("A colleague wrote it."),
    "proposed": N_("Proposed as a reaction of the customer."),
    "not-proposed": N_("Not proposed: protection was over, or it was proposed before."),
    "not-ours": N_("It is about a mail that was not sent from here, or was refused before."),
    "not-final": N_("The mail server still tries, or tells that it succeeded."),
    "noted": N_("The mail that came back is noted as refused."),
    "grace-stopped": N_("The reminder came back: its grace was stopped."),
    "settled": N_("Nothing was left to do."),
    "refused": N_("The lead's clock refused it."),
}
_MATCHES: Final = {
    Match.REPLY: N_("It answers a mail of ours."),
    Match.ADDRESS: N_("Its sender is a contact of the lead."),
    Match.DOMAIN: N_("Its sender's domain is that of a contact."),
    Match.NAME: N_("It names the company."),
    Match.HAND: N_("Somebody said so."),
}


def inbox_words(view: View) -> dict[str, Any]:
    """What mails are told with, in the reader's language."""
    return {
        "whys": {code: view.text(text) for code, text in _WHYS.items()},
        "matches": {match.value: view.text(text) for match, text in _MATCHES.items()},
        "categories": proposal_words(view)["categories"],
    }
