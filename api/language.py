"""In which language an answer speaks where it speaks: `lang`, else Accept-Language, else English."""

from __future__ import annotations

from typing import Annotated, Final, get_args

from fastapi import Depends, Query, Request

from protection.explain_texts import Language

_USUAL: Final[Language] = "en"
_KNOWN: Final[tuple[Language, ...]] = get_args(Language)


def preferred(accepted: str) -> Language:
    """The language an Accept-Language header likes best of those we speak."""
    best, most = _USUAL, 0.0
    for part in accepted.split(","):
        tag, _, weight = part.partition(";")
        known = next((one for one in _KNOWN if tag.strip().lower().split("-")[0] == one), None)
        liking = _weight(weight)
        if known is not None and liking > most:
            best, most = known, liking
    return best


def _weight(text: str) -> float:
    name, _, value = text.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def spoken(request: Request, lang: Language | None) -> Language:
    """The language of an answer, where a route asks for `lang` itself."""
    return lang or preferred(request.headers.get("accept-language", ""))


async def _language(
    request: Request,
    lang: Annotated[
        Language | None, Query(description="Language of texts; goes before Accept-Language.")
    ] = None,
) -> Language:
    return spoken(request, lang)


SpokenLanguage = Annotated[Language, Depends(_language)]
