"""The inbox customers answer to."""

from __future__ import annotations

from typing import Final

from adapters.inbox.listing import mailboxes, mails_counted, mails_waiting
from adapters.inbox.session import UPSTREAM
from adapters.inbox.store import MailState, Waits
from api.pages.outside.shape import ABSENT, Found, Integration, Line, Link, by_standings
from api.pages.texts import N_
from api.pages.view import View

_WAITS: Final = {
    Waits.IDLE: N_("the server tells of new mails at once"),
    Waits.POLL: N_("looked through every minute"),
}


async def _inbox(view: View) -> Found:
    async with view.looking() as connection:
        boxes = await mailboxes(connection, view.caller.tenant)
        counted = await mails_counted(connection, view.caller.tenant)
        waiting = await mails_waiting(connection, view.caller.tenant)
    if not boxes:
        return ABSENT
    last = max((box.looked_at for box in boxes if box.looked_at is not None), default=None)
    how = next((box.waits for box in boxes if box.waits is not None), None)
    lines = [
        Line(N_("Mails of leads"), counted.get(MailState.MATCHED, 0)),
        Line(N_("Mails that are nobody's yet"), counted.get(MailState.UNMATCHED, 0)),
        Line(N_("Mails being looked at"), waiting),
    ]
    if how is not None:
        lines.append(Line(N_("New mails"), _WAITS[how]))
    if last is not None:
        lines.append(Line(N_("Read completely"), last))
    return await by_standings(view, UPSTREAM, lines=tuple(lines), links=(Link("/inbox", N_("Inbox")),))


INBOX: Final = Integration(
    "inbox", N_("Mail inbox"), N_("Replies of customers, proposed as progress."), _inbox
)
