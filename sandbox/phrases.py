"""Sentences a played model says, by the name of the field they are for; German and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Language = Literal["de", "en"]

# {company} and {latest}: what the question says; {latest} is the last longer text in it.
PHRASES: Final[Mapping[str, Mapping[Language, tuple[str, ...]]]] = {
    "summary": {
        "de": (
            "{company}: zuletzt „{latest}“. Der Kontakt ist warm, ein fester nächster Termin fehlt noch.",
        ),
        "en": ("{company}: lately “{latest}”. The contact is warm; a firm next date is missing.",),
    },
    "next": {
        "de": (
            "In dieser Woche anrufen und einen Verkostungstermin festmachen.",
            "Muster ankündigen und nach der Zustellung nachfragen.",
        ),
        "en": (
            "Call this week and settle a date for a tasting.",
            "Announce samples, and ask once they have arrived.",
        ),
    },
    "reason": {
        "de": (
            "Name und Ort sprechen für ein Haus mit täglichem Küchenbetrieb.",
            "Passt zur Karte und lässt sich ohne Mehraufwand vorbereiten.",
            "Hält warm und spart in Stoßzeiten Arbeitsgänge.",
        ),
        "en": (
            "Name and place speak for a house that cooks every day.",
            "Fits the menu and takes no further work.",
            "Keeps warm, and saves steps at busy hours.",
        ),
    },
    "recommend": {
        "de": ("{company} sollte mit den gut gelaufenen Artikeln weitermachen und den Einsatz ausweiten.",),
        "en": ("{company} should go on with what did well, and use more of it.",),
    },
    "argument": {
        "de": (
            "Weniger Abfall im Test heißt weniger Wareneinsatz.",
            "Gleichbleibende Qualität, auch wenn Personal fehlt.",
            "Lange Haltbarkeit macht die Planung leicht.",
        ),
        "en": (
            "Less waste in the test means less money spent on goods.",
            "The same quality even when staff is short.",
            "Long shelf life makes planning easy.",
        ),
    },
    "objection": {
        "de": ("Das ist uns zu teuer.", "Wir kochen selbst."),
        "en": ("That is too expensive for us.", "We cook ourselves."),
    },
    "reply": {
        "de": (
            "Rechnen Sie die Arbeitszeit mit: pro Portion bleibt mehr übrig.",
            "Sie behalten die Handschrift, wir nehmen Ihnen die Vorbereitung ab.",
        ),
        "en": (
            "Count the hours too: more is left of each portion.",
            "It stays your dish; we take the preparation off you.",
        ),
    },
    "approach": {
        "de": (
            "Ruhig beginnen, den Bedarf von {company} bestätigen, dann Testergebnis und Lieferweg zeigen.",
        ),
        "en": ("Begin calmly, confirm what {company} needs, then show test results and delivery.",),
    },
    "advice": {
        "de": ("Klein anfangen, das Ergebnis gemeinsam ansehen, dann entscheiden.",),
        "en": ("Start small, look at the result together, then decide.",),
    },
    "risk": {
        "de": ("Die Auskunft trägt diesen Betrag; Zahlungsziel kurz halten.",),
        "en": ("The answer carries this amount; keep the terms short.",),
    },
    "text": {
        "de": ("Dazu steht in der Hilfe: {latest}",),
        "en": ("The help says: {latest}",),
    },
}
# German and English words that speak for a choice whose name holds the key.
SPEAK_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "interest": ("interess", "gern", "klingt gut", "welcome", "sounds good"),
    "sample": ("muster", "probe", "kostprobe", "sample"),
    "price": ("preis", "angebot", "kosten", "price", "quote"),
    "appointment": ("termin", "treffen", "besuch", "meeting", "appointment"),
    "order": ("bestell", "auftrag", "purchase order"),
    "question": ("frage", "wann ", "question", "when "),
    "feedback": ("geschmeckt", "probiert", "rückmeldung", "feedback", "tasted"),
    "complaint": ("beschwerde", "reklam", "kaputt", "defekt", "complain", "broken"),
    "reject": ("kein interesse", "leider", "absage", "unfortunately", "not interested"),
    "decline": ("declined", "abgelehnt"),
    "newsletter": ("newsletter", "abmelden", "unsubscribe"),
    "automatic": ("abwesen", "automatisch", "out of office", "auto-reply"),
    "spam": ("gewinnspiel", "casino", "winner"),
    "chef": ("koch", "köchin", "küche", "kueche", "chef", "kitchen"),
    "buyer": ("einkauf", "beschaffung", "buyer", "purchas"),
    "gm": ("geschäftsführ", "inhaber", "direktor", "general manager", "owner"),
    "hotel": ("hotel", "pension", "zimmer"),
    "restaurant": ("restaurant", "gasthof", "gasthaus", "brauhaus", "café", "wirt"),
    "canteen": ("kantine", "mensa", "betriebsrestaurant"),
    "catering": ("catering", "partyservice"),
    "care_home": ("pflege", "senioren"),
    "hospital": ("klinik", "krankenhaus"),
    "school": ("schule", "kita", "universität"),
    "retail": ("markt", "bäckerei", "laden"),
    "high": ("kantine", "mensa", "klinik", "catering", "kette", "declined", '"d"'),
    "low": ("klein", "café", "pension", "approved", '"a"'),
    "prepayment": ("declined",),
    "normal": ("approved", '"a"'),
    "short": ("requires_review", "pending", '"c"'),
}
NO_PERSON: Final = SPEAK_FOR["newsletter"] + SPEAK_FOR["automatic"] + SPEAK_FOR["spam"]


def sentence(field: str, language: Language, chance: float, number: int) -> str | None:
    """A sentence for a field, with its placeholders; None where there is none.

    Args:
        field: its name.
        language: of the sentence.
        chance: from 0 to 1, chooses one.
        number: further ones of a list differ.
    """
    for key, said in PHRASES.items():
        if key in field.lower():
            choices = said[language]
            return choices[(int(chance * len(choices)) + number) % len(choices)]
    return None
