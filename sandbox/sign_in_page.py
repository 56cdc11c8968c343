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
section { padding: .9rem 0 1.1rem; border-top: 1px solid var(--line) }
h2 { font-size: 1rem; margin: 0 } section p { margin: 0 0 .6rem; font-size: .95rem }
section div { display: flex; flex-wrap: wrap; gap: .5rem }
button { font: inherit; font-weight: 560; color: inherit; cursor: pointer; min-height: 2.75rem;
         background: transparent; border: 1px solid var(--soft); border-radius: .6rem; padding: .4rem 1rem }
button:hover { border-color: var(--brand); background: var(--glow) }
button:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px }
footer { padding-top: .9rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--soft) }
"""

_Language = Literal["de", "en"]

_TEXTS: Final[Mapping[_Language, Mapping[str, str]]] = {
    "de": {
        "title": "Als wer möchten Sie sich umsehen?",
        "lead": "Das ist die Demo-Anmeldung: ein Klick, kein Passwort. Alle Daten sind erfunden.",
        "agent": "Handelsvertreter",
        "agent may": "Sehen die eigenen Leads, halten Fortschritt fest, beantragen Hemmungen.",
        "manager": "Leitung",
        "manager may": "Sieht alle Leads, entscheidet Anträge, setzt Hemmungen.",
        "admin": "Verwaltung",
        "admin may": "Was die Leitung darf, dazu Einstellungen, Mails und Löschung.",
        "auditor": "Revision",
        "auditor may": "Liest alles, ändert nichts.",
        "foot": "Diese Anmeldung gibt es nur neben der eingebetteten Datenbank.",
        "broken": "So geht es nicht",
        "again": "Bitte beginnen Sie die Anmeldung in Fristwerk.",
    },
    "en": {
        "title": "As whom would you like to look around?",
        "lead": "This is the demo sign-in: one click, no password. All data are made up.",
        "agent": "Agents",
        "agent may": "See their own leads, record progress, ask for holds.",
        "manager": "Manager",
        "manager may": "Sees every lead, decides requests, places holds.",
        "admin": "Administrator",
        "admin may": "What managers may, and settings, mails and erasure.",
        "auditor": "Auditor",
        "auditor may": "Reads everything, changes nothing.",
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
    roles = dict.fromkeys(one.roles for one in people)
    listed = "".join(_group(role, [one for one in people if one.roles == role], texts) for role in roles)
    form = f'<form method="post" action="/authorize">{hidden}{listed}</form>'
    return _page(language, texts["title"], texts["lead"], form + f"<footer>{texts['foot']}</footer>")


def _group(roles: tuple[str, ...], people: Sequence[DemoPerson], texts: Mapping[str, str]) -> str:
    buttons = "".join(
        f'<button type="submit" name="person" value="{escape(one.name)}">'
        f"{escape(one.called or one.name)}</button>"
        for one in people
    )
    named = escape(", ".join(texts.get(role, role) for role in roles))
    told = escape(" ".join(texts.get(f"{role} may", "") for role in roles))
    return f"<section><h2>{named}</h2><p>{told}</p><div>{buttons}</div></section>"


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
