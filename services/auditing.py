"""Looking through the audit: whole tenants for those who may, agents the audit of the leads they own."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from adapters.audit_list import AuditFilter, Place, audit_page, changes_of_setting
from adapters.database import Connection
from adapters.lead_reading import AuditRow
from protection.permission import Act, Relation
from services.asking import Asking

_MOST_CHANGES: Final = 50


async def look_through(
    connection: Connection, asking: Asking, wanted: AuditFilter, *, after: Place | None = None, most: int
) -> tuple[tuple[AuditRow, ...], Place | None]:
    """Rows of the audit, the newest first; and where the next page begins, None at the end.

    Raises:
        Forbidden: the caller may read no audit at all.
    """
    caller = asking.caller
    if not asking.may(Act.READ_AUDIT):
        asking.require(Act.READ_AUDIT, Relation(caller.user))
        wanted = replace(wanted, owner=caller.user)
    rows = await audit_page(connection, asking.tenant, wanted, after=after, most=most + 1)
    shown = rows[:most]
    if len(rows) <= most:
        return shown, None
    last = shown[-1]
    return shown, Place(last.seq, last.at if wanted.timed else None)


async def setting_changes(connection: Connection, asking: Asking, key: str) -> tuple[AuditRow, ...]:
    """How a setting was changed, the newest first.

    Raises:
        Forbidden: the caller may not read settings, or not the tenant's audit.
    """
    asking.require(Act.READ_SETTINGS)
    asking.require(Act.READ_AUDIT)
    return await changes_of_setting(connection, asking.tenant, key, most=_MOST_CHANGES)
