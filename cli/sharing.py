"""Commands about with whom a lead is shared: `fristwerk share` and `fristwerk unshare`."""

from __future__ import annotations

from typing import Annotated, Final

from cyclopts import App, Parameter

from cli.acting import Manner, asking_of, not_done, show_refused
from cli.acts import By, Json, LeadKey
from cli.console import DONE, OPERATOR, perform
from cli.desk import acting
from cli.moments import iso
from cli.output import out, print_json
from cli.teaching import add
from protection.permission import Share
from protection.refusal import Refused
from services import sharing
from services.errors import ServiceError

User = Annotated[str, Parameter(name="USER", help="With whom: id or mail address.")]
_OPTIONS: Final = {"user_id": "USER"}


def register(app: App) -> None:
    """Add the commands to the application."""
    add(app, share)
    add(app, unshare)


def share(
    key: LeadKey,
    user: User,
    role: Annotated[Share, Parameter(name="ROLE", name_transform=str)],
    /,
    *,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Share a lead with another agent; a new role takes the old one's place.

    VIEW reads it, ASSIST logs activities besides, NEGOTIATE asks for holds and extensions besides.

    Examples:
        `fristwerk share DEMO-0001 ben ASSIST --by anna`

    Args:
        role: VIEW, ASSIST or NEGOTIATE.
    """
    return perform(_share(key, user, role, by, json=json))


async def _share(key: str, user: str, role: Share, by: str, *, json: bool) -> int:
    async with acting() as desk:
        asking = await asking_of(desk, Manner(by, None, dry_run=False, json=json))
        lead = await desk.reading.find(key)
        person = (await desk.reading.person(user, "USER")).id
        try:
            shared, came = await sharing.share(desk.desk, asking, lead.id, person, role)
        except Refused as refused:
            return show_refused(refused, _OPTIONS, json=json)
        except ServiceError as error:
            raise not_done(error, asking, key) from error
    if json:
        told = {"lead": str(lead.id), "user": shared.user, "role": str(shared.share), "came": str(came)}
        print_json(told | {"added_by": shared.added_by, "added_at": iso(shared.added_at)})
    else:
        out().print(f"{lead.company}, {lead.city}: shared with {person} ({role}).", markup=False)
    return DONE


def unshare(key: LeadKey, user: User, /, *, by: By = OPERATOR, json: Json = False) -> int:
    """Share a lead with somebody no longer.

    Examples:
        `fristwerk unshare DEMO-0001 ben --by anna`
    """
    return perform(_unshare(key, user, by, json=json))


async def _unshare(key: str, user: str, by: str, *, json: bool) -> int:
    async with acting() as desk:
        asking = await asking_of(desk, Manner(by, None, dry_run=False, json=json))
        lead = await desk.reading.find(key)
        person = (await desk.reading.person(user, "USER")).id
        try:
            await sharing.unshare(desk.desk, asking, lead.id, person)
        except ServiceError as error:
            raise not_done(error, asking, key) from error
    if json:
        print_json({"lead": str(lead.id), "user": person})
    else:
        out().print(f"{lead.company}, {lead.city}: no longer shared with {person}.", markup=False)
    return DONE
