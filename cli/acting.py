"""How an act on a lead is done: its note first, then the message, then what it moved.

Notes and reasons are personal data. They are kept beside the fact before the message goes out, and removed
again if the message is refused; the message itself carries ids and times only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from adapters.console_model import ledger_of
from adapters.lead_entry import ContactEntry
from adapters.lead_gateway import LeadsUnavailable, NoRunningLead, Told
from adapters.note_store import note_entry
from adapters.read_model import Lead, protection_of
from adapters.vault import NoteConflict
from cli.console import DONE, NOT_DONE, UsageError, complain
from cli.desk import Acting, acting
from cli.moments import iso, maybe_moment, now, wall
from cli.output import CommandFailed, print_json
from cli.standing import Standing, show, standing, standing_of
from protection.lifecycle import apply, replay, snapshot
from protection.refusal import Code, Refused
from protection.simulator import settle
from protection.state import ENDED, LeadState
from workflows.messages import Reinstate, TellsFact, parse

_IDS: Final = frozenset({"by", "fact_id", "hold", "customer_no", "owner"})
_ID_RULE: Final = "must be 1 to 100 letters, digits and . _ : # - and begin with a letter or a digit"
_MIN_REASON: Final = 3
_MAX_NOTE: Final = 10_000


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
        kind: the message that tells it.
        values: its fields, `by` and `fact_id` left out.
        moments: those of its fields that are times, as typed.
        people: those of its fields that are people, by id or mail address.
        options: what the fields are called at the command line.
        note: what somebody wrote about it; kept beside the fact.
        reason: the same, where one is demanded.
    """

    kind: type[Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    moments: Mapping[str, str | None] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    reason: str | None = None


def checked_note(text: str | None, option: str) -> str | None:
    """What somebody wrote, or None.

    Raises:
        UsageError: it says nothing, or too much.
    """
    if text is None:
        return None
    if not text.strip() or len(text) > _MAX_NOTE or "\0" in text:
        raise UsageError(f"{option}: must be text of 1 to {_MAX_NOTE} characters")
    return text


def checked_reason(text: str, option: str = "--reason", *, least: int = _MIN_REASON, most: int = 250) -> str:
    """Why something is done.

    Raises:
        UsageError: it is too short to be a reason, or too long.
    """
    if not least <= len(text.strip()) <= most or "\0" in text:
        raise UsageError(f"{option}: say why in {least} to {most} characters")
    return text.strip()


def new_fact_id() -> str:
    """An id for an act whose caller brings none."""
    return f"cli-{uuid4()}"


def read_message(kind: type[Any], values: Mapping[str, Any], options: Mapping[str, str]) -> Any:
    """The message of these values.

    Raises:
        UsageError: a value makes no sense; names the option.
    """
    raw = {
        name: iso(value) if isinstance(value, datetime) else value
        for name, value in values.items()
        if value is not None
    }
    try:
        return parse(kind, raw)
    except Refused as refused:
        name = options.get(refused.field, refused.field)
        what = _ID_RULE if refused.field in _IDS else refused.message.removeprefix(f"{refused.field}: ")
        raise UsageError(f"{name}: {what}") from refused


async def do(key: str, act: Act, manner: Manner) -> int:
    """Do an act and show what it moved; the exit status.

    Raises:
        UsageError: a value makes no sense.
        CommandFailed: it could not be done.
    """
    options = {"by": "--by", "fact_id": "--fact-id", **act.options}
    fact_id = manner.fact_id or new_fact_id()
    note = checked_note(act.note, "--note") if act.reason is None else checked_reason(act.reason)
    values = {name: maybe_moment(text, options[name]) for name, text in act.moments.items()}
    async with acting() as desk:
        by = await desk.reading.actor(manner.by)
        people = {
            name: (await desk.reading.person(who, options[name])).id for name, who in act.people.items()
        }
        message = read_message(
            act.kind, {**act.values, **values, **people, "by": by, "fact_id": fact_id}, options
        )
        lead = await desk.reading.find(key)
        try:
            if manner.dry_run:
                return await _play(desk, lead, message, fact_id, json=manner.json)
            return await _tell(desk, lead, message, fact_id, note, json=manner.json)
        except Refused as refused:
            return show_refused(refused, options, json=manner.json)


async def _tell(
    desk: Acting, lead: Lead, message: TellsFact, fact_id: str, note: str | None, *, json: bool
) -> int:
    before = await recorded(desk, lead)
    known = await already(desk, lead, message, fact_id)
    if known is not None:
        _show_done(lead, fact_id, before, before, revision=known, duplicate=True, json=json)
        return DONE
    if isinstance(message, Reinstate):
        # A workflow would be started for the question alone.
        await _would_be(desk, lead, message, fact_id)
    entries = [] if note is None else [note_entry(lead.id, fact_id, note, at=now())]
    told = await with_notes(desk, lead.id, entries, fact_id, message)
    after = await recorded(desk, lead)
    _show_done(lead, fact_id, before, after, revision=told.revision, duplicate=told.duplicate, json=json)
    return DONE


async def with_notes(
    desk: Acting, lead: UUID, entries: list[ContactEntry], fact_id: str, message: TellsFact
) -> Told:
    """Keep the notes, tell the lead, and remove them again if it refuses.

    Raises:
        Refused: the contract does not allow it.
        CommandFailed: the lead has no workflow, or nobody answered.
    """
    try:
        added = await desk.notes.add(desk.tenant, lead, entries)
    except NoteConflict as error:
        raise Refused(
            Code.FACT_ID_REUSED, "fact_id", "another note is kept under this fact_id; choose another"
        ) from error
    try:
        if isinstance(message, Reinstate):
            return await desk.gateway.reinstate(desk.tenant, lead, message)
        return await desk.gateway.tell(desk.tenant, lead, message)
    except Refused as refused:
        # A note of an earlier try that never arrived goes too, unless another fact owns this id.
        stale = [] if refused.code is Code.FACT_ID_REUSED else [entry.id for entry in entries]
        await desk.notes.remove(desk.tenant, lead, [*added, *stale])
        raise
    except NoRunningLead as error:
        await desk.notes.remove(desk.tenant, lead, added)
        raise await not_running(desk, lead) from error
    except LeadsUnavailable as error:
        # Whether it arrived is unknown, so the note stays: repeating the act finds it again.
        raise CommandFailed(
            f"{error}. Whether it was taken is not known: repeat the command with --fact-id {fact_id}, "
            "which does nothing twice. See also: fristwerk status"
        ) from error


async def not_running(desk: Acting, lead: UUID) -> Refused | CommandFailed:
    """Why no workflow answers for this lead: it has ended, or something is wrong."""
    async with desk.reading.look() as connection:
        found = await protection_of(connection, desk.tenant, lead)
    if found is not None and found.status in ENDED:
        return Refused(
            Code.PROTECTION_ENDED,
            "",
            f"protection has ended ({found.status}, {wall(found.valid_until)}); "
            "a manager can bring a lapsed or released lead back: fristwerk reinstate ID --reason …",
        )
    return CommandFailed(
        f"No workflow runs for this lead. Look at it, and start it again: fristwerk verify {lead} --start"
    )


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


async def already(desk: Acting, lead: Lead, message: TellsFact, fact_id: str) -> int | None:
    """The revision that holds this very act; None if it is new.

    Raises:
        Refused: the fact_id belongs to another act.
    """
    async with desk.reading.look() as connection:
        ledger = await ledger_of(connection, desk.tenant, lead.id)
    for revision, fact in enumerate(ledger.facts if ledger else (), start=1):
        if fact.fact_id == fact_id:
            if message.fact(fact_id, fact.recorded_at) != fact:
                raise Refused(
                    Code.FACT_ID_REUSED, "fact_id", "this fact_id belongs to another fact of the lead"
                )
            return revision
    return None


async def _would_be(
    desk: Acting, lead: Lead, message: TellsFact, fact_id: str
) -> tuple[LeadState, LeadState, datetime]:
    """The lead now and after the act, by the engine alone, and the moment both are of.

    Raises:
        Refused: the contract does not allow it.
    """
    async with desk.reading.look() as connection:
        ledger = await ledger_of(connection, desk.tenant, lead.id)
    if ledger is None:
        raise CommandFailed(f"Nothing has been recorded of lead {lead.id} yet.")
    state = replay(ledger.policy, ledger.facts)
    state = settle(state, max(now(), state.recorded_at), assume_reminders=False)
    moment = max(now(), state.recorded_at)
    moved = apply(state, message.fact(fact_id, moment)) if state.fact(fact_id) is None else state
    return state, moved, moment


async def _play(desk: Acting, lead: Lead, message: TellsFact, fact_id: str, *, json: bool) -> int:
    """Show what would come of the act."""
    state, moved, moment = await _would_be(desk, lead, message, fact_id)
    show(
        lead,
        {"dry_run": True, "fact_id": fact_id, "duplicate": moved is state},
        _engine(state, moment),
        _engine(moved, moment),
        headline="Nothing was done. This is what would come of it:",
        json=json,
    )
    return DONE


def _engine(state: LeadState, moment: datetime) -> Standing:
    return standing_of(snapshot(state, moment), state.basis.owner)


def _show_done(
    lead: Lead,
    fact_id: str,
    before: Standing,
    after: Standing,
    *,
    revision: int | None,
    duplicate: bool,
    json: bool,
) -> None:
    said = "This was recorded before; nothing changed." if duplicate else "Recorded."
    show(
        lead,
        {"dry_run": False, "fact_id": fact_id, "revision": revision, "duplicate": duplicate},
        before,
        after,
        headline=f"{said} fact {fact_id}, revision {revision}",
        json=json,
    )


def show_refused(refused: Refused, options: Mapping[str, str], *, json: bool) -> int:
    """Say what was refused and what to do; the exit status."""
    where = options.get(refused.field, refused.field)
    if json:
        print_json({"error": {"code": str(refused.code), "field": refused.field, "message": refused.message}})
    at = f" {where}" if where else ""
    complain(f"Refused ({refused.code}){at}: {refused.message}")
    return NOT_DONE
