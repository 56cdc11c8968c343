"""Personal data taken out of what models are told: what has the form of it, and the names that are known.

A placeholder in square brackets stays where something was. Too much is taken out rather than too little: a
surname that is a common word goes too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final

from adapters.normalise import email_key, phone_key

PERSON: Final = "[person]"
EMAIL: Final = "[email]"
PHONE: Final = "[phone]"
IBAN: Final = "[iban]"
LINK: Final = "[link]"
ADDRESS: Final = "[address]"
BIRTH: Final = "[birth]"

_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_AT: Final = r"\s?(?:@|[\[({]\s?(?:at|ät)\s?[\])}]|\s(?:at|ät)\s)\s?"
_DOT: Final = r"(?:\.|\s?[\[({]\s?(?:dot|punkt)\s?[\])}]\s?)"
_NAME: Final = r"[A-ZÄÖÜ][\w'’-]+"
_NAMES: Final = rf"{_NAME}(?:[ \t]+(?:(?:von|van|de|zu|der|den)[ \t]+)*{_NAME}){{0,3}}"
_TITLE: Final = r"(?:Herrn?|Frau|Hr\.|Fr\.|Mr\.?|Mrs\.?|Ms\.?|Dr\.?|Prof\.?|Dipl\.-\w+\.?)"
_GREETING: Final = r"(?:[Hh]allo|[Hh]i|[Hh]ey|[Ll]iebe[rs]?|[Dd]ear|[Mm]oin|[Gg]uten (?:Tag|Morgen|Abend))"
_MY_NAME: Final = r"(?:[Mm]ein Name ist|[Ii]ch hei(?:ß|ss)e|[Mm]y name is)"
# One capitalised word after it is a profession as often as a name.
_I_AM: Final = r"(?:[Ii]ch bin(?: der| die)?|[Ii] am|[Ii]['’]m)"
_KINDLY: Final = "[Ff]reundliche[nr]?|[Vv]iele[n]?|[Bb]este[n]?|[Ll]iebe[n]?|[Hh]erzliche[n]?|[Ss]chöne[n]?"
_GOODBYE: Final = (
    rf"(?:(?:[Mm]it )?(?:{_KINDLY}) Gr[üu](?:ß|ss)e?n?|MfG|[LV]G|[Gg]ruß"
    r"|(?:[Kk]ind|[Bb]est|[Ww]arm) regards|[Rr]egards|[Ss]incerely|[Cc]heers)"
)
_WAY: Final = "stra(?:ß|ss)e|str\\.|[wW]eg|[pP]latz|[aA]llee|[gG]asse|[dD]amm|[uU]fer| Street| Road"
_DAY: Final = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_PHONE: Final = re.compile(r"(?<![\w.,:/-])(?:\+|00|\(?0)\(?\d(?:[\s./()–-]{0,3}\d){5,14}(?!\w)")
_DATE: Final = re.compile(rf"\(?{_DAY}")

_Making = str | Callable[["re.Match[str]"], str]


def _phone(found: re.Match[str]) -> str:
    return found[0] if _DATE.fullmatch(found[0]) else PHONE


_FORMS: Final[tuple[tuple[re.Pattern[str], _Making], ...]] = (
    (re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+|\bmailto:\S+", re.IGNORECASE), LINK),
    (
        re.compile(rf"(?<![\w.+%'-])[\w.+%'-]{{1,64}}{_AT}[\w-]+(?:{_DOT}[\w-]+)*{_DOT}[A-Za-z]{{2,24}}\b"),
        EMAIL,
    ),
    (
        re.compile(
            r"\b[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]{4}){2,7}(?:[ \u00a0-]?[A-Z0-9]{1,4})?\b"
            r"|\b[a-z]{2}\d{2}(?:[ \u00a0-]?\d{4}){3,7}(?:[ \u00a0-]?\d{1,4})?\b"
        ),
        IBAN,
    ),
    (re.compile(rf"\b(?:geb(?:oren)?\.?(?: am)?|born(?: on)?|Geburtsdatum:?)\s*{_DAY}"), BIRTH),
    (_PHONE, _phone),
    (
        re.compile(
            rf"\b[A-ZÄÖÜ][\w.-]{{0,40}}?(?: [A-ZÄÖÜ][\w.-]{{0,40}}?){{0,2}}(?:{_WAY})\s*\d+\s?[a-z]?\b"
        ),
        ADDRESS,
    ),
    (re.compile(rf"\b({_TITLE})((?:\s+{_TITLE})*)\s+{_NAMES}"), rf"\1 {PERSON}"),
    (re.compile(rf"\b({_GREETING})(,?) (?!\[){_NAMES}"), rf"\1\2 {PERSON}"),
    (re.compile(rf"\b({_MY_NAME})\s+(?!\[){_NAMES}"), rf"\1 {PERSON}"),
    (re.compile(rf"\b({_I_AM})\s+(?!\[){_NAME}[ \t]+{_NAMES}"), rf"\1 {PERSON}"),
    (re.compile(rf"({_GOODBYE}[^\S\n]*[,.!]?\s+)(?!\[){_NAMES}"), rf"\1{PERSON}"),
)
# Shorter parts of names are common words; those of two letters are taken out where they begin like a name.
_SHORTEST_PART: Final = 3
_SHORTEST_NAME: Final = 2
_BETWEEN_PARTS: Final = re.compile(r"[\s,;.'’`´–-]+")
# Müllers, Max', Hansens.
_ENDING: Final = r"(?:['’]?(?:s|es|ns|ens))?"
_WITHOUT_MARKS: Final = str.maketrans({"æ": "a", "œ": "o", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i"})


class KnownNames:
    """People who are known by name, and how they are reached; whatever of them shows is taken out.

    A name is found whatever its case and marks: Öttl, OETTL and Ottl are the same, and so is each part of a
    name of several, and its genitive.

    Args:
        names: of people.
        emails: of people.
        phones: of people.
    """

    def __init__(self, names: Iterable[str], emails: Iterable[str] = (), phones: Iterable[str] = ()) -> None:
        parts: set[str] = set()
        short: set[str] = set()
        for name in names:
            for part in _BETWEEN_PARTS.split(_plain(name)):
                if re.fullmatch(_TITLE, part):
                    continue
                if len(part) >= _SHORTEST_PART:
                    parts.add(_folded(part)[0])
                elif len(part) == _SHORTEST_NAME and part[0].isupper():
                    short.add(_folded(part)[0])
        self._words = _any_of(parts)
        self._short = _any_of(short)
        self._emails = _any_of({_folded(key)[0] for key in map(email_key, emails) if key})
        self._phones = {key for key in map(phone_key, phones) if key}

    def without(self, text: str) -> str:
        """The text without them."""
        text = _replaced(self._emails, text, EMAIL)
        text = _replaced(self._words, text, PERSON)
        text = _replaced(self._short, text, PERSON, capital=True)
        if self._phones:
            text = re.sub(
                r"(?<!\w)[+(]?\d(?:[\s./()–-]{0,3}\d){4,17}(?!\w)",
                lambda found: PHONE if phone_key(found[0]) in self._phones else found[0],
                text,
            )
        return text


def _any_of(words: set[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    listed = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"(?<![^\W_])(?:{listed}){_ENDING}(?![^\W_])")


def _replaced(words: re.Pattern[str] | None, text: str, by: str, *, capital: bool = False) -> str:
    """The text with what is found in its folded form replaced."""
    if words is None:
        return text
    folded, places = _folded(text)
    made, done = [], 0
    for found in words.finditer(folded):
        start, end = places[found.start()], places[found.end()]
        if not capital or text[start].isupper():
            made += [text[done:start], by]
            done = end
    return "".join([*made, text[done:]])


def _folded(text: str) -> tuple[str, list[int]]:
    """The text without case and marks, an umlaut as its vowel, and where each of its letters stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        bare = letter.casefold()
        if not bare.isascii():
            bare = unicodedata.normalize("NFKD", bare).translate(_WITHOUT_MARKS)
        for one in bare:
            if unicodedata.combining(one) or (one == "e" and letters and letters[-1] in "aou"):
                continue
            letters.append(one)
            places.append(place)
    return "".join(letters), [*places, len(text)]


def scrubbed(value: Any, known: KnownNames) -> Any:
    """A JSON value whose texts hold nothing personal; names of its fields and numbers stay."""
    match value:
        case str():
            return _scrubbed_text(value, known)
        case list():
            return [scrubbed(part, known) for part in value]
        case dict():
            return {name: scrubbed(part, known) for name, part in value.items()}
        case _:
            return value


def _scrubbed_text(text: str, known: KnownNames) -> str:
    text = _plain(text)
    for form, making in _FORMS:
        text = form.sub(making, text)
    return known.without(text)


def _plain(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
