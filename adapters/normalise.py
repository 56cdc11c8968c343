"""One normalisation of company and place names, used wherever two spellings must meet.

`lead_key` is stored beside the lead and compared in SQL, so Python and the database never disagree.
"""

import re
import unicodedata
from typing import Final

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "œ": "oe", "æ": "ae", "ł": "l"})
# Marks of other scripts carry meaning (ガ is not カ) and stay.
_LATIN_MARKS: Final = re.compile("[\u0300-\u036f]")
_AND: Final = re.compile(r"[&+＆]")
_NOT_A_WORD: Final = re.compile(r"[\W_]+")

# Compared after dots, blanks and case are gone: "G. m. b. H." and "gmbh" are the same entry. They are
# stripped one after the other from the end, so that "GmbH & Co. KG" needs no entry of its own.
_LEGAL_FORMS: Final = frozenset(
    {"ag", "kg", "kgaa", "ohg", "og", "keg", "gbr", "se", "eg", "egen", "ev", "ek", "ekfm", "ekfr", "eu"}
    | {
        "gmbh",
        "ggmbh",
        "mbh",
        "gesmbh",
        "stggmbh",
        "ug",
        "haftungsbeschraenkt",
        "partg",
        "partmbb",
        "partgmbb",
    }
    | {f"{link}co{form}" for link in ("", "und", "gmbh") for form in ("kg", "kgaa", "ohg")}
    | {"ltd", "limited", "inc", "llc", "plc", "bv", "sarl", "sro", "spzoo"}
)
# Common words when written in one piece ("Spa", "SA"); a legal form only when written letter by letter.
_DOTTED_LEGAL_FORMS: Final = frozenset({"spa", "sa", "sas", "srl", "nv", "as", "ab"})
_LONGEST_FORM: Final = 7  # words; "U G haftungsbeschränkt und Co K G" does not come longer than this


def fold(text: str) -> str:
    """Fold case, umlauts, ß, accents, punctuation and width; words are left separated by one blank.

    Letters of other scripts are kept. German umlauts become two letters (ä → ae), so that "Müller" and
    "Mueller" meet; other accents are dropped ("é" → "e").

    Args:
        text: Any text.

    Returns:
        The folded words, possibly empty when the text has no letter and no digit.
    """
    composed = unicodedata.normalize("NFKC", text).casefold()
    composed = unicodedata.normalize("NFC", composed).translate(_UMLAUTS)
    decomposed = unicodedata.normalize("NFKD", composed)
    bare = unicodedata.normalize("NFC", _LATIN_MARKS.sub("", decomposed))
    return _NOT_A_WORD.sub(" ", _AND.sub(" und ", bare)).strip()


def company_key(company: str) -> str:
    """Return the key under which a company is the same company in every spelling.

    Trailing legal forms (GmbH, AG, KG, GmbH & Co. KG, OHG, e.K., e.V., UG …) are stripped, everything that
    `fold` folds is folded, and blanks are dropped except between digits.

    Args:
        company: The name as it was written.

    Returns:
        The key; never empty for a name that holds anything but blanks.
    """
    words = fold(company).split()
    bare = _without_legal_forms(words)
    return _join(bare) or _join(words) or "".join(company.casefold().split())


def city_key(city: str) -> str:
    """Return the key under which a city is the same city in every spelling.

    Args:
        city: The name as it was written.

    Returns:
        The key; never empty for a name that holds anything but blanks.
    """
    return _join(fold(city).split()) or "".join(city.casefold().split())


def lead_key(company: str, city: str) -> str:
    """Return what is stored as a lead's `company_key`: the company and its place in one key.

    Args:
        company: The company's name as it was written.
        city: The city's name as it was written.
    """
    return f"{company_key(company)}|{city_key(city)}"


def postcode_key(postcode: str) -> str:
    """Return a postcode without blanks, punctuation and case.

    Args:
        postcode: The postcode as it was written, possibly empty.

    Returns:
        The key; empty when there is no postcode.
    """
    return fold(postcode).replace(" ", "")


def email_key(email: str) -> str:
    """Return an e-mail address trimmed and in lower case, plus-tags kept.

    Args:
        email: The address as it was written.

    Returns:
        The key.
    """
    return email.strip().lower()


def _without_legal_forms(words: list[str]) -> list[str]:
    rest = words
    while len(rest) > 1:
        for count in range(min(_LONGEST_FORM, len(rest) - 1), 0, -1):
            tail = rest[-count:]
            letters = "".join(tail)
            dotted = count > 1 and all(len(word) == 1 for word in tail)
            if letters in _LEGAL_FORMS or (dotted and letters in _DOTTED_LEGAL_FORMS):
                rest = rest[:-count]
                break
        else:
            return rest
    return rest


def _join(words: list[str]) -> str:
    joined = ""
    for word in words:
        joined += " " + word if joined and joined[-1].isdigit() and word[0].isdigit() else word
    return joined
