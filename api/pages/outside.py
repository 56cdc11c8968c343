"""The systems outside, one entry each: what it is for, and how to find out how it stands.

A new system is one more entry of `INTEGRATIONS` with a probe; one that is not connected has none.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from adapters.health import database_answers, temporal_answers
from adapters.outside import clocks_standing, database_version, mail_standing, mailing_standing
from api.keys import KeysAway
from api.pages.texts import N_
from api.pages.view import View

_LATELY: Final = timedelta(days=30)
# A mail that waits for so long says that something is wrong.
_LONG: Final = timedelta(hours=1)


class SystemState(StrEnum):
    """How a system stands. Wire names.

    Attributes:
        UP: it answers, or did its work when it was last needed.
        TROUBLED: it works, but somebody should look.
        DOWN: it does not answer.
        UNUSED: it was not needed yet, so nobody knows.
        ABSENT: it is not connected in this installation.
    """

    UP = "up"
    TROUBLED = "troubled"
    DOWN = "down"
    UNUSED = "unused"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Line:
    """Something to know about a system: English wording, and a value to be shown as it is, or an instant."""

    text: str
    value: str | int | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How a system was found. UTC instants; None is not known.

    Attributes:
        worked: when it last did what it is for.
        failed: when it last did not.
        advice: what to do, in English; None where there is nothing.
    """

    state: SystemState
    worked: datetime | None = None
    failed: datetime | None = None
    lines: tuple[Line, ...] = ()
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Integration:
    """A system outside.

    Attributes:
        name: wire name.
        title: English.
        purpose: what it is for, in English.
        probe: finds out how it stands; None where it is not connected.
    """

    name: str
    title: str
    purpose: str
    probe: Callable[[View], Awaitable[Found]] | None = None


def _asked(view: View, name: str, *, up: bool, lines: tuple[Line, ...], advice: str) -> Found:
    """What a direct question came to, with what earlier ones came to."""
    seen = view.wiring.sightings.note(name, view.now(), up=up)
    return Found(
        state=SystemState.UP if up else SystemState.DOWN,
        worked=seen.up,
        failed=seen.down,
        lines=lines,
        advice=None if up else advice,
    )


async def _database(view: View) -> Found:
    began = time.perf_counter()
    up = await database_answers(view.wiring.app)
    taken = round(1000 * (time.perf_counter() - began))
    lines: tuple[Line, ...] = ()
    if up:
        async with view.looking() as connection:
            version = await database_version(connection)
        lines = (Line(N_("Server"), f"PostgreSQL {version}"), Line(N_("Answered within"), f"{taken} ms"))
    return _asked(
        view,
        "database",
        up=up,
        lines=lines,
        advice=N_("Start PostgreSQL, or correct DATABASE_URL. Nothing works without it."),
    )


async def _temporal(view: View) -> Found:
    client = view.wiring.temporal
    up = await temporal_answers(client)
    advice = N_("Start the Temporal server, or correct TEMPORAL_ADDRESS. Clocks stand until it is back.")
    if not up:
        return _asked(view, "temporal", up=False, lines=(), advice=advice)
    found = _asked(view, "temporal", up=True, lines=(Line(N_("Namespace"), client.namespace),), advice=advice)
    queue = await clocks_standing(client)
    if queue is None:
        return found
    lines = (*found.lines, Line(N_("Workers"), queue.workers), Line(N_("Tasks waiting"), queue.backlog))
    return Found(
        state=SystemState.UP if queue.workers else SystemState.TROUBLED,
        worked=found.worked,
        failed=found.failed,
        lines=lines,
        advice=None if queue.workers else N_("No worker keeps the clocks. Start one: fristwerk worker."),
    )


async def _mail(view: View) -> Found:
    now = view.now()
    async with view.looking() as connection:
        found = await mail_standing(connection, view.caller.tenant, since=now - _LATELY)
    queue = await mailing_standing(view.wiring.temporal)
    stuck = found.oldest_waiting is not None and now - found.oldest_waiting > _LONG
    if queue is not None and not queue.workers:
        state, advice = SystemState.TROUBLED, N_("No worker sends mails. Start one: fristwerk worker.")
    elif found.dead or stuck:
        state, advice = SystemState.TROUBLED, N_("Look at the mails: some were given up, or wait too long.")
    elif found.last_sent is not None:
        state, advice = SystemState.UP, None
    else:
        state, advice = SystemState.UNUSED, None
    lines = [] if queue is None else [Line(N_("Workers"), queue.workers)]
    lines += [
        Line(N_("Waiting"), found.waiting),
        Line(N_("Given up"), found.dead),
        Line(N_("Refused in the last 30 days"), found.bounced),
    ]
    if found.oldest_waiting is not None:
        lines.append(Line(N_("Oldest waits since"), found.oldest_waiting))
    for text, code in (
        (N_("Why the last one failed"), found.last_code),
        (N_("Why one waits"), found.waiting_code),
    ):
        if code is not None:
            lines.append(Line(text, code))
    return Found(
        state=state, worked=found.last_sent, failed=found.last_failed, lines=tuple(lines), advice=advice
    )


async def _issuer(view: View) -> Found:
    try:
        await view.wiring.tokens.check()
    except KeysAway:
        up = False
    else:
        up = True
    sign_in = view.text(N_("configured") if view.wiring.provider is not None else N_("not configured"))
    return _asked(
        view,
        "identity-provider",
        up=up,
        lines=(Line(N_("Sign-in to the pages"), sign_in),),
        advice=N_("Correct OIDC_ISSUER and OIDC_JWKS_URL. Nobody new can sign in until it is back."),
    )


INTEGRATIONS: Final = (
    Integration("database", N_("Database"), N_("Keeps ledger, audit and everything people read."), _database),
    Integration("temporal", N_("Temporal"), N_("Keeps the clock of every lead."), _temporal),
    Integration("mail", N_("Mail server"), N_("Takes reminders, notices and invitations over."), _mail),
    Integration("identity-provider", N_("Identity provider"), N_("Says who signs in."), _issuer),
    Integration("erp", N_("ERP (Xentral)"), N_("Products, sample orders, shipments, first invoices.")),
    Integration("credit", N_("Credit bureau (Allianz Trade)"), N_("Credit checks of companies.")),
    Integration("ai", N_("AI providers"), N_("Suggestions: kinds of mails, summaries, drafts.")),
    Integration("inbox", N_("Mail inbox"), N_("Replies of customers, proposed as progress.")),
    Integration("webhooks", N_("Webhooks"), N_("News from ERP and credit bureau, signed.")),
)
STATES: Final = {
    SystemState.UP: ("good", N_("works")),
    SystemState.TROUBLED: ("warn", N_("needs a look")),
    SystemState.DOWN: ("bad", N_("does not answer")),
    SystemState.UNUSED: ("quiet", N_("not needed yet")),
    SystemState.ABSENT: ("quiet", N_("not connected")),
}
