"""What the system holds about somebody who works with it: his account, his leads, what he did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from adapters.database import Connection, load_queries
from protection.dates import format_instant

_SQL: Final = load_queries("own_data")


@dataclass(frozen=True, slots=True)
class OwnData:
    """An export for the person it is about. Contacts of leads are other people's data and not in it.

    Attributes:
        account: who he is here; None if nobody has this id.
        leads: those he owns, with where they stand.
        activities: the facts he has recorded on leads he may see.
        collaborations: leads that others share with him.
        notifications: what he was told by mail, and when.
    """

    account: dict[str, Any] | None
    leads: tuple[dict[str, Any], ...]
    activities: tuple[dict[str, Any], ...]
    collaborations: tuple[dict[str, Any], ...]
    notifications: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """As one JSON value."""
        return {
            "account": self.account,
            "leads": list(self.leads),
            "activities": list(self.activities),
            "collaborations": list(self.collaborations),
            "notifications": list(self.notifications),
        }


async def own_data(connection: Connection, tenant: UUID, user: str) -> OwnData:
    """Everything about this person.

    Args:
        connection: a transaction of the application role in the person's own context.
        tenant: whose person.
        user: id of the person.
    """
    listed = {
        name: [_plain(dict(row)) async for row in query(connection, tenant=tenant, user=user)]
        for name, query in (
            ("account", _SQL.own_account),
            ("leads", _SQL.own_leads),
            ("activities", _SQL.own_facts),
            ("collaborations", _SQL.own_collaborations),
            ("notifications", _SQL.own_notifications),
        )
    }
    return OwnData(
        account=listed["account"][0] if listed["account"] else None,
        leads=tuple(listed["leads"]),
        activities=tuple(listed["activities"]),
        collaborations=tuple(listed["collaborations"]),
        notifications=tuple(listed["notifications"]),
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    match value:
        case datetime():
            return format_instant(value)
        case UUID():
            return str(value)
        case _:
            return value
