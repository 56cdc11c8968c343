"""One normalisation of names, places and addresses, used wherever two spellings must meet.

The functions of the same names in SQL (migration 0900) do the same, character by character; a parity test
compares them. What they do depends on nothing but the text: no locale, no table that a newer Python or
PostgreSQL would read differently for a letter both know.
"""

import re
import unicodedata
from typing import Final

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "œ": "oe", "æ": "ae", "ł": "l"})
# Marks of other scripts carry meaning (ガ is not カ) and stay.
_LATIN_MARKS: Final = re.compile("[\u0300-\u036f]")
_AND: Final = re.compile("[&+]")
# What separates words, by code point: ASCII and Latin-1 without letters and digits, then the blocks of
# punctuation, symbols, blanks, private use and emoji. Everything else belongs to a word.
_SEPARATORS: Final = re.compile(
    "[\x00-/:-@\\[-`{-\xbf\xd7\xf7\u02b0-\u02ff\u058a\u05be\u05f3\u05f4\u060c\u061b\u061f\u06d4\u0964\u0965\u1680"
    "\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u303f\u30fb\ue000-\uf8ff\ufe00-\ufe6f\ufeff\ufff9-\uffff"
    "\U0001f000-\U0001faff\U000e0000-\U0010ffff]+"
)
_BLANK_OF_NO_NUMBER: Final = re.compile("(?<![0-9]) | (?![0-9])")

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
    | {f"{link}co{form}" for link in ("", "und", "gmbh", "gmbhund") for form in ("kg", "kgaa", "ohg")}
    | {"ltd", "limited", "inc", "llc", "plc", "bv", "sarl", "sro", "spzoo"}
)
# Common words when written in one piece ("Spa", "SA"); a legal form only when written letter by letter.
_DOTTED_LEGAL_FORMS: Final = frozenset({"spa", "sa", "sas", "srl", "nv", "as", "ab"})
_LONGEST_FORM: Final = max(len(form) for form in _LEGAL_FORMS)

_COUNTRY_CODE: Final = "49"  # a number that names no country is a German one
_TRUNK_PREFIX: Final = re.compile(r"\( *0 *\)")
_DIALLED: Final = re.compile("[+0-9][^A-Za-z;#,]*")
_NOT_A_DIGIT: Final = re.compile("[^0-9]")
_E164: Final = re.compile("[1-9][0-9]{6,14}")


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
    return _SEPARATORS.sub(" ", _AND.sub(" und ", bare)).strip(" ")


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
    return _join(_without_legal_forms(words)) or _join(words) or _verbatim(company)


def city_key(city: str) -> str:
    """Return the key under which a city is the same city in every spelling.

    Args:
        city: The name as it was written.

    Returns:
        The key; never empty for a name that holds anything but blanks.
    """
    return _join(fold(city).split()) or _verbatim(city)


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


def phone_key(phone: str) -> str:
    """Return a telephone number in the form E.164, e.g. "+493012345".

    A number without country is a German one. The trunk zero of "+49 (0)30" is dropped, and what follows
    a letter ("030 123 ext. 4") is not dialled.

    Args:
        phone: The number as it was written, possibly empty.

    Returns:
        The number; empty when it is none.
    """
    dialled = _DIALLED.search(_TRUNK_PREFIX.sub("", unicodedata.normalize("NFKC", phone)))
    if dialled is None:
        return ""
    digits = _NOT_A_DIGIT.sub("", dialled[0])
    abroad = dialled[0].startswith("+")
    if not abroad and digits.startswith("00"):
        abroad, digits = True, digits[2:]
    if not abroad:
        digits = _COUNTRY_CODE + digits.removeprefix("0")
    elif digits.startswith(_COUNTRY_CODE):
        digits = _COUNTRY_CODE + digits.removeprefix(_COUNTRY_CODE).removeprefix("0")
    return f"+{digits}" if _E164.fullmatch(digits) else ""


def _without_legal_forms(words: list[str]) -> list[str]:
    rest = words
    while len(rest) > 1:
        for count in range(min(_LONGEST_FORM, len(rest) - 1), 0, -1):
            letters = "".join(rest[-count:])
            dotted = count > 1 and len(letters) == count
            if letters in _LEGAL_FORMS or (dotted and letters in _DOTTED_LEGAL_FORMS):
                rest = rest[:-count]
                break
        else:
            return rest
    return rest


def _join(words: list[str]) -> str:
    return _BLANK_OF_NO_NUMBER.sub("", " ".join(words))


def _verbatim(text: str) -> str:
    return "".join(text.casefold().split())
