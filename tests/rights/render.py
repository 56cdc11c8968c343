"""The matrix as the page shows it: `python -m tests.rights.render` writes docs/authorisation.md anew."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from protection.permission import MATRIX, Act, Role, Scope, Share

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "authorisation.md"
_BEGIN: Final = "<!-- matrix: written by python -m tests.rights.render -->\n"
_END: Final = "<!-- end of matrix -->\n"

_MEANS: Final = {
    Act.READ_LEAD: "company, clock, ledger, holds, mails, samples, explanation",
    Act.READ_CONTACT: "contacts and notes; owner and collaborators only while the lead is alive",
    Act.REGISTER: "a new lead, or a pre-registered one of one's own",
    Act.REGISTER_FOR_OTHERS: "a lead that somebody else will own",
    Act.LOG_ACTIVITY: "what was done about the lead, progress or not; its samples",
    Act.ADD_NOTE: "the words that go with an act",
    Act.REQUEST: "ask for a hold or an extension, withdraw the request",
    Act.DECIDE: "place, approve, reject, release a hold; decide an extension; never one's own request",
    Act.GOVERN: "transfer, override a duplicate, backdate, reinstate, correct, convert",
    Act.RESEND_MAIL: "have a reminder sent again that the mail server had refused for good",
    Act.RELEASE_LEAD: "give the lead up",
    Act.EDIT_LEAD: "external id, postcode, industry, source",
    Act.SHARE: "add, change and remove collaborators",
    Act.READ_SETTINGS: "what is set, where, and what comes of it",
    Act.CHANGE_SETTINGS: "settings and policy versions",
    Act.READ_AUDIT: "who did what, when and why",
    Act.ERASE: "destroy a lead's personal data on request",
    Act.EXPORT_OWN: "what the service knows about oneself",
}
_SHOWN: Final = {
    None: "–",
    Scope.NEVER: "–",
    Scope.TENANT: "yes",
    Scope.OWN: "own",
    Scope.SELF: "own, new",
    Scope.SHARED: "yes",
}


def matrix() -> str:
    """The table in Markdown."""
    columns = [*Role, *Share]
    lines = [
        "| act | " + " | ".join(columns) + " | what it is |",
        "|---|" + "---|" * len(columns) + "---|",
    ]
    for act in Act:
        cells = [_SHOWN[MATRIX[act].get(column)] for column in columns]
        lines.append(f"| `{act}` | " + " | ".join(cells) + f" | {_MEANS[act]} |")
    return "\n".join(lines) + "\n"


def rendered(page: str) -> str:
    """The page with the table of the code in its place."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return before + _BEGIN + matrix() + _END + after


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
