"""What the navigation shows to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from adapters.session_store import Signed
from api.pages.texts import N_
from protection.permission import Role


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    text: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation.

    Attributes:
        path: where it leads.
        text: English wording.
        icon: the picture beside it.
        here: whether the page belongs to it: `page`, `true` for one below it, or None.
    """

    path: str
    text: str
    icon: str
    here: str | None


_ALL: Final = frozenset(Role)
_WRITERS: Final = frozenset({Role.AGENT, Role.MANAGER, Role.ADMIN})
_DECIDERS: Final = frozenset({Role.MANAGER, Role.ADMIN})
_OVERSEERS: Final = frozenset({Role.MANAGER, Role.ADMIN, Role.AUDITOR})

_PLACES: Final = (
    _Place("/", N_("My week"), _ALL),
    _Place("/leads", N_("Leads"), _ALL),
    _Place("/desk", N_("Desk"), _DECIDERS),
    _Place("/register", N_("Register"), _WRITERS),
    _Place("/import", N_("Import"), _WRITERS),
    _Place("/kpis", N_("Figures"), _ALL),
    _Place("/calendar", N_("Calendar"), _ALL),
    _Place("/settings", N_("Settings"), _OVERSEERS),
    _Place("/audit", N_("Audit"), _ALL),
    _Place("/mails", N_("Mails"), frozenset({Role.ADMIN})),
    _Place("/integrations", N_("Integrations"), _OVERSEERS),
    _Place("/status", N_("Status"), frozenset({Role.ADMIN})),
)


def entries(signed: Signed | None, path: str) -> Sequence[Entry]:
    """The navigation of somebody on the page at this path."""
    if signed is None:
        return ()
    roles = {Role(role) for role in signed.caller.roles if role in _ALL}
    seen = [place for place in _PLACES if not roles.isdisjoint(place.roles)]
    if Role.AUDITOR in roles:
        # An auditor writes nothing, whatever else he is; so nothing to write is shown to him.
        seen = [place for place in seen if Role.AUDITOR in place.roles]
    return [
        Entry(place.path, place.text, place.path.strip("/") or "week", _here(place.path, path))
        for place in seen
    ]


def _here(place: str, path: str) -> str | None:
    if path == place:
        return "page"
    return "true" if place != "/" and path.startswith(place + "/") else None
