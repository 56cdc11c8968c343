"""Commands about personal data: erase, legal-hold, retention."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from cyclopts import App, Parameter

from activities.erasure_orders import Obstacle
from adapters import settings as configuration
from adapters.console_model import person_by_key
from adapters.erasure_gateway import ErasureAnswer, TemporalErasures
from adapters.erasure_store import Outlook
from adapters.read_model import Lead
from adapters.retention import (
    LegalHold,
    StateRetention,
    lift_legal_hold,
    overdue,
    put_legal_hold,
    retention,
)
from cli.acting import checked_reason, not_done, senseless
from cli.acts import By, Json, LeadKey, Text
from cli.console import DONE, NOT_DONE, OPERATOR, Reading, complain, open_database, perform, reading
from cli.desk import acting, temporal
from cli.moments import iso, maybe_moment, now, wall
from cli.output import CommandFailed, out, print_json, table
from cli.teaching import add
from protection.permission import Act, Actor, Role, may
from services import erasing
from services.asking import Asking
from services.errors import ErasureBarred, ServiceError, Unavailable
from services.words import Malformed

_PATIENCE: Final = timedelta(seconds=60)
_ASK_AGAIN: Final = "It goes on as soon as a worker runs; ask again to see. See: fristwerk status"
_WHY_NOT: Final = {
    Obstacle.CONVERTED: "the lead has become a customer; other duties apply to these data",
    Obstacle.LEGAL_HOLD: "a legal hold stands against it: fristwerk legal-hold ID --lift",
    Obstacle.LIVING: "the lead was brought back; ask again",
    Obstacle.NOT_RUNNING: "no workflow runs that could end its protection: fristwerk verify ID --start",
    Obstacle.REFUSED: "its workflow refuses to end now; ask again",
    Obstacle.UNKNOWN_LEAD: "nothing was recorded of this lead yet: fristwerk verify ID",
}


def register(app: App) -> None:
    """Add the commands to the application."""
    add(app, erase)
    add(app, legal_hold)
    add(app, show_retention, name="retention")


def erase(
    key: LeadKey,
    /,
    *,
    reason: Text,
    by: By = OPERATOR,
    dry_run: Annotated[
        bool, Parameter(negative=(), help="Only show what is there, and what stands against it.")
    ] = False,
    json: Json = False,
) -> int:
    """Erase a lead's personal data; protection of a living lead ends first.

    The lead's key is destroyed, so that copies and backups hold nothing readable either. Company, place,
    clock and audit stay. A receipt lists every store and what was done there.

    Examples:
        What would be erased:
        `fristwerk erase DEMO-0001 --reason "Request of 23 November" --dry-run`

        `fristwerk erase DEMO-0001 --reason "Request of 23 November" --by admin@company.example`

    Args:
        reason: Why, in 10 to 250 characters. Stays in the audit for good: name nobody.
    """
    return perform(_erase(key, reason, by, dry_run=dry_run, json=json))


async def _erase(key: str, reason: str, who: str, *, dry_run: bool, json: bool) -> int:
    try:
        erasing.checked_reason(reason)
    except Malformed as error:
        raise senseless(error, {"reason": "--reason"}) from error
    if dry_run:
        async with reading() as looking:
            await administrator(looking, who)
            lead = await looking.find(key)
            asking = Asking.of(await looking.acts_as(who))
            seen = await erasing.outlook(looking.pool, asking, lead.id, reason=reason)
        return _show_outlook(lead, seen, seen.obstacle, dry_run=True, json=json)
    async with acting() as desk:
        await administrator(desk.reading, who)
        lead = await desk.reading.find(key)
        asking = Asking.of(await desk.reading.acts_as(who))
        erasures = TemporalErasures(desk.client)
        try:
            begun = await erasing.erase(
                desk.desk, erasures, asking, lead.id, reason=reason, patience=_PATIENCE
            )
        except ErasureBarred as error:
            return _show_outlook(lead, error.seen, error.obstacle, dry_run=False, json=json)
        except Unavailable as error:
            raise CommandFailed(f"The erasure could not be asked for. {_ASK_AGAIN}") from error
        except ServiceError as error:
            raise not_done(error, asking, key) from error
    if not begun.over:
        raise CommandFailed(f"The erasure did not come to an end in time. {_ASK_AGAIN}")
    return _show_answer(lead, begun, json=json)


async def administrator(desk: Reading, who: str) -> str:
    """The id of whoever erases: an administrator, or somebody who is no user at all, as a service is."""
    by = await desk.actor(who)
    async with desk.look() as connection:
        person = await person_by_key(connection, desk.tenant, by)
    if person is not None and not may(Act.ERASE, Actor(by, frozenset(Role(role) for role in person.roles))):
        raise CommandFailed(f"--by: {by} may not erase personal data; an administrator may")
    return by


def _show_outlook(lead: Lead, seen: Outlook, obstacle: Obstacle | None, *, dry_run: bool, json: bool) -> int:
    code = DONE if dry_run and obstacle is None else NOT_DONE
    if json:
        print_json(
            {
                "lead": str(lead.id),
                "dry_run": dry_run,
                "status": seen.status,
                "obstacle": obstacle,
                "held": asdict(seen.held),
                "pseudonymises": seen.pseudonymises,
            }
        )
        return code
    if dry_run:
        held = seen.held
        out().print(
            f"{lead.company}, {lead.city} ({seen.status}): {held.contacts} contacts, {held.notes} notes, "
            f"{held.indexed} searchable addresses and numbers, {held.keys} key, and "
            f"{held.sample_notes + held.comments} notes and comments on samples. Nothing was done.",
            markup=False,
        )
        if seen.pseudonymises:
            out().print("Company and place would go too.")
    if obstacle is not None:
        complain(f"Not erased ({obstacle}): {_WHY_NOT[obstacle]}")
    return code


def _show_answer(lead: Lead, done: erasing.Erasing, *, json: bool) -> int:
    if json:
        print_json(
            {
                "lead": str(lead.id),
                "dry_run": False,
                "obstacle": None,
                "receipt": None if done.receipt is None else str(done.receipt),
                "rows": done.rows,
            }
        )
    elif done.receipt is None:
        out().print("There was nothing left to erase.")
    else:
        out().print(f"Erased: {done.rows} rows and the lead's key. Receipt {done.receipt}.")
    return DONE


def legal_hold(
    key: LeadKey,
    /,
    *,
    reason: Text,
    until: str | None = None,
    lift: Annotated[bool, Parameter(negative=())] = False,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Put down that a lead's personal data have to be kept, or that this duty has ended.

    While it lasts nothing is erased, neither after a lapse nor on request.

    Examples:
        `fristwerk legal-hold DEMO-0001 --reason "Dispute 12/2026" --until 2027-12-31T23:00:00Z`

        `fristwerk legal-hold DEMO-0001 --lift --reason "Dispute settled"`

    Args:
        reason: Why, in 3 to 250 characters. Stays in the audit for good: name nobody.
        until: When the duty ends by itself (ISO 8601 with a zone); default: when it is lifted.
        lift: End the duty.
    """
    return perform(_legal_hold(key, reason, until, by, lift=lift, json=json))


async def _legal_hold(key: str, reason: str, until: str | None, who: str, *, lift: bool, json: bool) -> int:
    why = checked_reason(reason)
    settings = configuration.load()
    ends = maybe_moment(until, "--until")
    async with reading(settings) as desk:
        by = await administrator(desk, who)
        lead = await desk.find(key)
        pool = await open_database(settings.worker_login())
        try:
            if lift:
                done = await lift_legal_hold(pool, desk.tenant, lead.id, by=by, reason=why, at=now())
            else:
                hold = LegalHold(reason=why, until=ends, placed_by=by, placed_at=now())
                await put_legal_hold(pool, desk.tenant, lead.id, hold)
                done = True
        finally:
            await pool.close()
    if json:
        print_json({"lead": str(lead.id), "lifted": lift, "changed": done, "until": iso(ends)})
    elif not done:
        out().print("There was no legal hold.")
    else:
        out().print("Lifted." if lift else "From now on nothing of this lead is erased.")
    return DONE


def show_retention(
    *,
    erase_overdue: Annotated[bool, Parameter(negative=())] = False,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Show how many leads hold personal data, by state, since when, and which should not any more.

    Examples:
        `fristwerk retention`

        Erase what is overdue:
        `fristwerk retention --erase-overdue`

    Args:
        erase_overdue: Start an erasure for every lead whose data should be gone.
    """
    return perform(_retention(by, erase_overdue=erase_overdue, json=json))


async def _retention(who: str, *, erase_overdue: bool, json: bool) -> int:
    settings = configuration.load()
    moment = now()
    async with reading(settings) as desk:
        by = await administrator(desk, who)
        async with desk.look() as connection:
            states = await retention(connection, desk.tenant, moment, settings.objection_days)
            late = await overdue(connection, desk.tenant, moment, settings.objection_days)
        answers: dict[UUID, ErasureAnswer] = {}
        if erase_overdue and late:
            erasures = TemporalErasures(await temporal(settings))
            for lead in late:
                answers[lead] = await erasures.request(desk.tenant, lead, by=by)
    _show_retention(states, late, answers, json=json)
    kept = [lead for lead in late if lead not in answers or answers[lead].obstacle is not None]
    return NOT_DONE if kept else DONE


def _show_retention(
    states: list[StateRetention], late: list[UUID], answers: dict[UUID, ErasureAnswer], *, json: bool
) -> None:
    if json:
        print_json(
            {
                "states": [asdict(state) | {"oldest_end": iso(state.oldest_end)} for state in states],
                "overdue": [str(lead) for lead in late],
                "erased": [str(lead) for lead, answer in answers.items() if answer.obstacle is None],
            }
        )
        return
    rows_shown = table(None, "state", "leads", "hold personal data", "ended since", "legal hold", "overdue")
    for state in states:
        rows_shown.add_row(
            str(state.status),
            str(state.leads),
            str(state.holding),
            wall(state.oldest_end),
            str(state.on_hold),
            str(state.overdue),
        )
    out().print(rows_shown)
    if answers:
        out().print(f"Erased: {sum(answer.obstacle is None for answer in answers.values())} of {len(late)}.")
    elif late:
        out().print("Erase what is overdue: fristwerk retention --erase-overdue")
