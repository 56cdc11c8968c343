"""With whom a lead is shared: added, changed and removed by its owner or a manager."""

from __future__ import annotations

from uuid import UUID

from adapters.share_store import (
    Collaborator,
    Shared,
    ShareDenied,
    UnknownUser,
    add_share,
    remove_share,
    shares_of,
)
from protection.permission import Act, Share
from services import words
from services.asking import Asking
from services.desk import Desk
from services.door import enter, new_entry, relation, stand
from services.errors import Forbidden, Missing, NotFound


async def share(
    desk: Desk, asking: Asking, lead: UUID, user: str, role: Share
) -> tuple[Collaborator, Shared]:
    """Share a lead with somebody; a new role takes the old one's place.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not share it, or not with himself.
        Refused: that is its owner, or nobody.
        KeyReused: the idempotency key stands for another request.
    """
    now = desk.now()
    async with desk.writing(asking) as connection:
        standing = await stand(connection, asking, lead)
        asking.require(Act.SHARE, relation(standing))
        if user == standing.owner:
            raise words.malformed("user_id", "the lead is theirs; nobody needs to share it with them")
        await enter(connection, new_entry(desk, asking, lead, Act.SHARE, {"share": user, "role": role}))
        try:
            shared = await add_share(connection, asking.caller, lead, user, role, at=now)
        except ShareDenied as error:
            raise Forbidden(Act.SHARE) from error
        except UnknownUser as error:
            raise words.malformed("user_id", "there is nobody of this id") from error
        if shared is Shared.SAME:
            known = await shares_of(connection, asking.tenant, lead)
            return next(one for one in known if one.user == user), shared
    return Collaborator(user=user, share=role, added_by=asking.caller.user, added_at=now), shared


async def unshare(desk: Desk, asking: Asking, lead: UUID, user: str) -> None:
    """Share a lead with somebody no longer.

    Raises:
        NotFound: there is no such lead for this caller, or it is not shared with that user.
        Forbidden: the caller may not.
    """
    async with desk.writing(asking) as connection:
        standing = await stand(connection, asking, lead)
        asking.require(Act.SHARE, relation(standing))
        await enter(connection, new_entry(desk, asking, lead, Act.SHARE, {"unshare": user}))
        if not await remove_share(connection, asking.tenant, lead, user):
            raise NotFound(Missing.COLLABORATOR)
