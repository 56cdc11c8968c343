"""The command `fristwerk webhooks`: news that systems outside sent, and dead letters tried again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter

from activities.webhook_orders import EventState, Source
from adapters.webhooks.store import EventRow
from cli.acts import By, Json
from cli.console import DONE, OPERATOR, UsageError, perform, reading
from cli.moments import iso, now
from cli.numbers import WholeNumber
from cli.output import CommandFailed, out, print_json, table
from cli.teaching import add
from services.asking import Asking
from services.errors import Forbidden, NotFound
from services.webhooks import list_events, replay

_MOST = 200
_FORBIDDEN = "Only who looks after the systems outside may do this: managers read, administrators try again."
_GONE = "There is no such dead letter. See: fristwerk webhooks list --state dead"


def register(app: App) -> None:
    """Add the commands to the application."""
    webhooks = App(name="webhooks", help="News that systems outside send by themselves.")
    add(webhooks, list_webhooks, name="list")
    add(webhooks, replay_webhooks, name="replay")
    app.command(webhooks)


def list_webhooks(
    *,
    state: Annotated[EventState | None, Parameter(help="waiting, handled or dead.")] = None,
    source: Annotated[Source | None, Parameter(help="xentral or allianz.")] = None,
    most: WholeNumber = 50,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """List what came, the newest first, and what came of it; never what it says.

    Examples:
        `fristwerk webhooks list`

        What was given up:
        `fristwerk webhooks list --state dead`

    Args:
        most: So many at most, up to 200.
    """
    return perform(_list(state, source, most, by, json=json))


async def _list(state: EventState | None, source: Source | None, most: int, by: str, *, json: bool) -> int:
    if not 1 <= most <= _MOST:
        raise UsageError(f"--most: must be 1 to {_MOST}")
    states = tuple(EventState) if state is None else (state,)
    async with reading() as opened:
        asking = Asking.of(await opened.acts_as(by))
        async with opened.look() as connection:
            try:
                found = await list_events(connection, asking, states=states, source=source, most=most)
            except Forbidden as error:
                raise CommandFailed(_FORBIDDEN) from error
    if json:
        print_json([_told(one) for one in found])
        return DONE
    shown = table(None, "id", "received", "from", "about", "state", "what came of it")
    for one in found:
        shown.add_row(
            str(one.id), iso(one.received_at), str(one.source), one.kind, str(one.state), one.outcome or ""
        )
    out().print(shown)
    return DONE


def _told(one: EventRow) -> dict[str, str | int | None]:
    return {
        "id": str(one.id),
        "source": str(one.source),
        "event_id": one.event_id,
        "event_type": one.kind,
        "sent_at": iso(one.sent_at),
        "received_at": iso(one.received_at),
        "state": str(one.state),
        "round": one.round,
        "settled_at": iso(one.settled_at),
        "outcome": one.outcome,
        "replayed_by": one.replayed_by,
        "replayed_at": iso(one.replayed_at),
    }


def replay_webhooks(
    *ids: Annotated[UUID, Parameter(name="ID", help="Ids of dead letters, as `webhooks list` shows them.")],
    all_dead: Annotated[bool, Parameter(name="--all", negative="")] = False,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Have dead letters tried again, once what was in their way is mended.

    Examples:
        `fristwerk webhooks replay --all`

    Args:
        all_dead: All of them, 200 at most, the newest first.
    """
    return perform(_replay(ids, by, all_dead=all_dead, json=json))


async def _replay(ids: tuple[UUID, ...], by: str, *, all_dead: bool, json: bool) -> int:
    if bool(ids) == all_dead:
        raise UsageError("Name dead letters by their ids, or say --all.")
    async with reading() as opened:
        asking = Asking.of(await opened.acts_as(by))
        try:
            if not ids:
                async with opened.look() as connection:
                    dead = await list_events(connection, asking, states=(EventState.DEAD,), most=_MOST)
                ids = tuple(one.id for one in dead)
            for one in ids:
                await replay(opened.pool, asking, one, at=now())
        except Forbidden as error:
            raise CommandFailed(_FORBIDDEN) from error
        except NotFound as error:
            raise CommandFailed(_GONE) from error
    if json:
        print_json({"replayed": [str(one) for one in ids]})
    else:
        out().print(f"Tried again: {len(ids)}.")
    return DONE
