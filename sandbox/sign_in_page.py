"""The page of the demo issuer on which somebody says who he is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, Literal

from sandbox.people import DemoPerson
from sandbox.sign_in import Asked

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #f6f5f1; --card: #fff; --ink: #1d2725; --soft: #5b6865;
        --line: #dcdad2; --brand: #1f5c57; --glow: #e3efec }
@media (prefers-color-scheme: dark) {
  :root { --paper: #131918; --card: #1b2321; --ink: #e6ece9; --soft: #9fb0aa;
          --line: #30403b; --brand: #7fc9bd; --glow: #223430 }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem 1rem;
       font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
       color: var(--ink); background: var(--paper) }
main { width: 100%; max-width: 30rem; background: var(--card); border: 1px solid var(--line);
       border-radius: 1rem; padding: clamp(1.25rem, 5vw, 2.25rem) }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em }
p { margin: 0 0 1.25rem; color: var(--soft) }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .6rem }
button { width: 100%; display: block; text-align: left; font: inherit; color: inherit; cursor: pointer;
         background: transparent; border: 1px solid var(--line); border-radius: .75rem; padding: .75rem 1rem }
button:hover { border-color: var(--brand); background: var(--glow) }
button:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px }
strong { display: block; font-weight: 600 }
button span { color: var(--soft); font-size: .95rem }
footer { margin-top: 1.25rem; font-size: .875rem; color: var(--soft) }
"""

_Language = Literal["de", "en"]

_TEXTS: Final[Mapping[_Language, Mapping[str, str]]] = {
    "de": {
        "title": "Als wer möchten Sie sich umsehen?",
        "lead": "Das ist die Demo-Anmeldung: ein Klick, kein Passwort. Alle Daten sind erfunden.",
        "agent": "Vertrieb: sieht die eigenen Leads, hält Fortschritt fest, beantragt Hemmungen",
        "manager": "Leitung: sieht alle Leads, entscheidet Anträge, setzt Hemmungen",
        "admin": "Verwaltung: dazu Einstellungen, Mails, Löschung",
        "auditor": "Revision: liest alles, ändert nichts",
        "foot": "Diese Anmeldung gibt es nur neben der eingebetteten Datenbank.",
        "broken": "So geht es nicht",
        "again": "Bitte beginnen Sie die Anmeldung in Fristwerk.",
    },
    "en": {
        "title": "As whom would you like to look around?",
        "lead": "This is the demo sign-in: one click, no password. All data are made up.",
        "agent": "Agent: sees his own leads, records progress, asks for holds",
        "manager": "Manager: sees every lead, decides requests, places holds",
        "admin": "Administrator: settings, mails and erasure too",
        "auditor": "Auditor: reads everything, changes nothing",
        "foot": "This sign-in exists beside the embedded database only.",
        "broken": "That does not work",
        "again": "Please start the sign-in in Fristwerk.",
    },
}


def language_of(ui_locales: str, accepted: str) -> _Language:
    """German where the client or the browser asks for it first, otherwise English."""
    for tag in (*ui_locales.split(), *(part.partition(";")[0].strip() for part in accepted.split(","))):
        match tag.lower().partition("-")[0]:
            case "de":
                return "de"
            case "en":
                return "en"
            case _:
                continue
    return "en"


def people_page(people: Sequence[DemoPerson], request: Asked, language: _Language) -> str:
    """Everybody there is, to choose from."""
    texts = _TEXTS[language]
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">'
        for name, value in request.model_dump().items()
    )
    listed = "".join(
        f'<li><button type="submit" name="person" value="{escape(one.name)}">'
        f"<strong>{escape(one.called or one.name)}</strong>"
        f"<span>{escape('; '.join(texts.get(role, role) for role in one.roles))}</span></button></li>"
        for one in people
    )
    form = f'<form method="post" action="/authorize">{hidden}<ul>{listed}</ul></form>'
    return _page(language, texts["title"], texts["lead"], form + f"<footer>{texts['foot']}</footer>")


def broken_page(reason: str, language: _Language) -> str:
    """Why nobody can sign in with this request."""
    texts = _TEXTS[language]
    return _page(language, texts["broken"], texts["again"], f"<footer>{escape(reason)}</footer>")


def _page(language: _Language, title: str, lead: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Fristwerk</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1><p>{escape(lead)}</p>{body}</main></body></html>"
    )
