"""Collaborators of leads in PostgreSQL, as the application role on behalf of whoever shares.

The transaction must know its instant (`adapters.database.transaction(..., at=…)`): triggers tell the audit,
and a transaction without one is refused when it commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg

from adapters.database import Caller, Connection, load_queries
from protection.permission import Share

_SQL: Final = load_queries("share")


class ShareDenied(Exception):
    """Row security refused it: the caller may not share the lead, with himself, or with its owner."""


class UnknownUser(Exception):
    """The tenant has no such user."""


class Shared(StrEnum):
    """What came of sharing."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collaborator:
    """Somebody a lead is shared with, since when (a UTC instant) and by whom."""

    user: str
    share: Share
    added_by: str
    added_at: datetime


async def shares_of(connection: Connection, tenant: UUID, lead: UUID) -> tuple[Collaborator, ...]:
    """Everybody the lead is shared with, by name; nobody where the caller may not read the lead."""
    rows = _SQL.shares_of(connection, tenant=tenant, lead=lead)
    return tuple(
        [
            Collaborator(
                user=row["user_id"],
                share=Share(row["role"]),
                added_by=row["added_by"],
                added_at=row["added_at"],
            )
            async for row in rows
        ]
    )


async def add_share(
    connection: Connection, caller: Caller, lead: UUID, user: str, share: Share, *, at: datetime
) -> Shared:
    """Share a lead with somebody; with whom it is shared already, the new share takes the old one's place.

    Args:
        caller: on whose behalf.
        at: UTC instant.

    Raises:
        ShareDenied: the caller may not.
        UnknownUser: there is no such user.
    """
    told = {
        "tenant": caller.tenant,
        "lead": lead,
        "user": user,
        "role": share,
        "by": caller.user,
        "at": at,
    }
    try:
        if await _SQL.add_share(connection, **told) is not None:
            return Shared.NEW
        changed = await _SQL.change_share(connection, **told)
    except asyncpg.InsufficientPrivilegeError as error:
        raise ShareDenied(user) from error
    except asyncpg.ForeignKeyViolationError as error:
        raise UnknownUser(user) from error
    return Shared.SAME if changed is None else Shared.CHANGED


async def remove_share(connection: Connection, tenant: UUID, lead: UUID, user: str) -> bool:
    """Stop sharing. Answers whether the lead was shared with that user, as far as the caller may say."""
    return await _SQL.remove_share(connection, tenant=tenant, lead=lead, user=user) is not None
