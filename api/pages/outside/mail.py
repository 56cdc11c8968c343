"""The server that takes our mails over."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from adapters.outside import mail_standing, mailing_standing
from api.pages.outside.shape import Found, Integration, Line, Link, SystemState
from api.pages.texts import N_
from api.pages.view import View

_LATELY: Final = timedelta(days=30)
# A mail that waits for so long says that something is wrong.
_LONG: Final = timedelta(hours=1)
_LINKS: Final = (
    Link("/kpis/leads?figure=queued", N_("Mails on their way")),
    Link("/kpis/leads?figure=undelivered", N_("Mails given up")),
)


async def _mail(view: View) -> Found:
    now = view.now()
    async with view.looking() as connection:
        found = await mail_standing(connection, view.caller.tenant, since=now - _LATELY)
    queue = await mailing_standing(view.wiring.temporal)
    stuck = found.oldest_waiting is not None and now - found.oldest_waiting > _LONG
    if queue is not None and not queue.workers:
        state = SystemState.TROUBLED
        advice = N_("No worker sends mails. What to do: docs/operations/alerts/worker-absent.md")
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
        state=state,
        worked=found.last_sent,
        failed=found.last_failed,
        lines=tuple(lines),
        links=_LINKS,
        advice=advice,
    )


MAIL: Final = Integration(
    "mail", N_("Mail server"), N_("Takes reminders, notices and invitations over."), _mail
)
