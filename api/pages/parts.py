"""What people call whoever acted: a user by his name, a part of the service by what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from api.pages.texts import N_

# Who is no person, by the name facts and audit rows bear.
_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "clock": N_("the clock"),
        "mail": N_("the mail service"),
        "system": N_("the service"),
        "import": N_("the import"),
        "sample-test": N_("the watch over samples"),
    }
)


def called(text: Callable[[str], str], names: Mapping[str, str], user: str) -> str:
    """The name of a user, of a part of the service, or the bare id of somebody nobody knows.

    Args:
        text: puts an English text into the reader's language.
        names: what people call the users, by id.
    """
    part = _PARTS.get(user)
    return names.get(user) or (user if part is None else text(part))
