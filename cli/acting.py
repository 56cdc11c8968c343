"""How an act on a lead is done at the command line: through the services, then what it moved is shown.

Whoever is named by `--by` acts with the roles he has; rights, idempotency and what becomes of notes are
the services' matter, the same as for the API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid4

from adapters.read_model import Lead, protection_of
from cli.console import DONE, NOT_DONE, UsageError, complain
from cli.desk import Acting, acting
from cli.moments import maybe_moment
from cli.output import CommandFailed, print_json
from cli.standing import Standing, show, standing, standing_of
from protection.lifecycle import snapshot
from protection.refusal import Code, Refused
from protection.state import LeadState
from services import words
from services.asking import Asking
from services.desk import Desk
from services.door import Done
from services.errors import (
    ExternalIdTaken,
    Forbidden,
    KeyReused,
    LiveDuplicate,
    NobodyKeepsIt,
    NotFound,
    ServiceError,
    Similar,
    Unavailable,
)
from services.holding import Effect

_IDS: Final = frozenset({"by", "fact_id", "hold", "request", "customer_no", "owner"})
_ID_RULE: Final = "must be 1 to 100 letters, digits and . _ : # - and begin with a letter or a digit"
_REINSTATE: Final = "a manager can bring a lapsed or released lead back: fristwerk reinstate ID --reason …"
_OPTIONS: Final = {"by": "--by", "fact_id": "--fact-id", "note": "--note", "reason": "--reason"}
_HEADLINES: Final = {
    Effect.REQUESTED: "Asked for; somebody else decides: fristwerk requests.",
    Effect.PLACED: "Placed.",
    Effect.GRANTED: "Granted.",
}

# Does the act: with the moments and people that were typed, by the names of the service.
Run: TypeAlias = Callable[[Desk, Asking, UUID, dict[str, Any]], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Manner:
    """How an act is to be done; the same for every act.

    Attributes:
        by: who does it: id or mail address.
        fact_id: the caller's own id of this act, so that repeating it changes nothing.
        dry_run: only show what would come of it.
        json: answer as JSON.
    """

    by: str
    fact_id: str | None
    dry_run: bool
    json: bool


@dataclass(frozen=True, slots=True)
class Act:
    """An act on a lead, as somebody typed it.

    Attributes:
        run: the service that does it.
        moments: those of its fields that are times, as typed.
        people: those of its fields that are people, by id or mail address.
        options: what the fields are called at the command line.
    """

    run: Run
    moments: Mapping[str, str | None] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


def checked_reason(text: str, option: str = "--reason") -> str:
    """Why something is done.

    Raises:
        UsageError: it is too short to be a reason, or too long.
    """
    try:
        return words.reason(text)
    except words.Malformed as error:
        raise senseless(error, {"reason": option}) from error


def senseless(refused: Refused, options: Mapping[str, str]) -> UsageError:
    """A value that makes no sense, by the name of its option."""
    name = options.get(refused.field, refused.field)
    what = _ID_RULE if refused.field in _IDS else refused.message.removeprefix(f"{refused.field}: ")
    return UsageError(f"{name}: {what}")


async def asking_of(desk: Acting, manner: Manner) -> Asking:
    """The request, on behalf of whoever is named, with an id that lets it be repeated.

    Raises:
        UsageError: that is nobody's id.
        CommandFailed: it is nobody's mail address.
    """
    caller = await desk.reading.acts_as(manner.by)
    fact_id = manner.fact_id or f"cli-{uuid4()}"
    return Asking.of(caller, fact_id=fact_id, dry_run=manner.dry_run)


async def do(key: str, act: Act, manner: Manner) -> int:
    """Do an act and show what it moved; the exit status.

    Raises:
        UsageError: a value makes no sense.
        CommandFailed: it could not be done.
    """
    options = {**_OPTIONS, **act.options}
    said: dict[str, Any] = {name: maybe_moment(text, options[name]) for name, text in act.moments.items()}
    async with acting() as desk:
        asking = await asking_of(desk, manner)
        for name, who in act.people.items():
            said[name] = (await desk.reading.person(who, options[name])).id
        lead = await desk.reading.find(key)
        before = None if manner.dry_run else await recorded(desk, lead)
        try:
            done = await act.run(desk.desk, asking, lead.id, said)
        except words.Malformed as error:
            raise senseless(error, options) from error
        except Refused as refused:
            return show_refused(refused, options, json=manner.json)
        except ServiceError as error:
            raise not_done(error, asking, key) from error
        if done.tried is not None:
            _show_tried(lead, done, json=manner.json)
        else:
            _show_done(lead, done, before, await recorded(desk, lead), json=manner.json)
    return DONE


def not_done(error: ServiceError, asking: Asking, key: str) -> CommandFailed:
    """Why the services did not do it, and what to do about that."""
    who = asking.caller.user
    match error:
        case NotFound():
            told = f"There is no such {error.what} for {who}: {key}. List the leads: fristwerk leads --all"
        case Forbidden():
            roles = ", ".join(asking.caller.roles) or "nobody"
            told = f"{who} ({roles}) may not do this to lead {key}: {error.act}. Who may: --by"
        case NobodyKeepsIt():
            told = (
                "No workflow runs for this lead. Look at it, and start it again: "
                f"fristwerk verify {key} --start"
            )
        case Unavailable():
            # Whether it arrived is unknown, so the words stay: repeating the act finds them again.
            told = (
                "Temporal or the worker did not answer in time. Whether it was taken is not known: repeat "
                f"the command with --fact-id {asking.fact_id}, which does nothing twice. "
                "See also: fristwerk status"
            )
        case LiveDuplicate():
            told = (
                "Refused (duplicate): a live lead of the same company and place exists. A manager who knows "
                "that a second one is right says why: --override-duplicate REASON"
            )
        case Similar():
            names = "; ".join(f"{one.company}, {one.city} ({one.score:.0%})" for one in error.candidates)
            told = (
                f"Similar leads exist: {names}. If this is another company, say why: --confirm-similar REASON"
            )
        case ExternalIdTaken() | KeyReused():
            told = (
                f"The lead is known already: fristwerk lead {key}. "
                "Register another one with another --external-id or --fact-id"
            )
        case _:
            told = f"It could not be done: {error}"
    return CommandFailed(told)


async def recorded(desk: Acting, lead: Lead) -> Standing:
    """Where the lead stands as recorded.

    Raises:
        CommandFailed: nothing has been recorded yet.
    """
    async with desk.reading.look() as connection:
        found = await protection_of(connection, desk.tenant, lead.id)
    if found is None:
        raise CommandFailed(
            f"Nothing has been recorded of lead {lead.id} yet. See: fristwerk verify {lead.id}"
        )
    return standing(found)


def by_engine(state: LeadState, moment: datetime) -> Standing:
    """Where a lead would stand, by the engine alone."""
    return standing_of(snapshot(state, moment), state.basis.owner)


def _show_tried(lead: Lead, done: Done, *, json: bool) -> None:
    if done.tried is None:
        return
    tried = done.tried
    show(
        lead,
        {"dry_run": True, "fact_id": done.fact_id, "duplicate": done.duplicate},
        by_engine(tried.before, tried.at),
        by_engine(tried.after, tried.at),
        headline="Nothing was done. This is what would come of it:",
        json=json,
    )


def _show_done(lead: Lead, done: Done, before: Standing | None, after: Standing, *, json: bool) -> None:
    effect = done.detail.get("effect")
    said = "Recorded." if effect is None else _HEADLINES[Effect(effect)]
    if done.duplicate:
        said = "This was recorded before; nothing changed."
    facts = {
        "dry_run": False,
        "fact_id": done.fact_id,
        "revision": done.revision,
        "duplicate": done.duplicate,
    }
    more = {name: done.detail[name] for name in ("effect", "id", "state") if name in done.detail}
    name = f", id {done.detail['id']}" if "id" in done.detail else ""
    show(
        lead,
        facts | more,
        before,
        after,
        headline=f"{said} fact {done.fact_id}, revision {done.revision}{name}",
        json=json,
    )


def show_refused(refused: Refused, options: Mapping[str, str], *, json: bool) -> int:
    """Say what was refused and what to do; the exit status."""
    where = options.get(refused.field, refused.field)
    if json:
        print_json({"error": {"code": str(refused.code), "field": refused.field, "message": refused.message}})
    at = f" {where}" if where else ""
    hint = f"; {_REINSTATE}" if refused.code is Code.PROTECTION_ENDED else ""
    complain(f"Refused ({refused.code}){at}: {refused.message}{hint}")
    return NOT_DONE
