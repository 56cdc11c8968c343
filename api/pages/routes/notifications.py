"""What somebody was told inside the application: to read, and tasks to be done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from activities.orders import NewsKind, NoticeKind, NotificationKind
from activities.ports import Channel
from adapters.notice_store import NoticePlace
from api.pages.asked import address, read_query
from api.pages.forms import FormModel, read_form
from api.pages.texts import N_
from api.pages.view import CurrentView
from protection.dates import format_instant
from services.notifications import notices, read, read_all, settle

router: Final = APIRouter(include_in_schema=False)

_ROWS: Final = 30
_TITLES: Final[Mapping[NoticeKind, str]] = MappingProxyType(
    {
        NotificationKind.REMINDER: N_("No progress for long: document one before grace ends"),
        NotificationKind.NOTICE_PROGRESS: N_("A progress is expected soon"),
        NotificationKind.NOTICE_BASE: N_("The base period ends soon"),
        NotificationKind.NOTICE_PREREGISTRATION: N_("A pre-registration keeps nobody away much longer"),
        NotificationKind.NOTICE_HOLD: N_("A hold lasts longer than is usual"),
        NotificationKind.REQUEST_MADE: N_("Somebody asks for a decision"),
        NotificationKind.REQUEST_DECIDED: N_("A request was decided"),
        NotificationKind.LAPSE: N_("Protection has ended"),
        NewsKind.FEEDBACK_RECEIVED: N_("A customer has said how the samples were"),
    }
)
# The date that matters of each kind, as it was told then.
_DATES: Final[Mapping[NotificationKind, str]] = MappingProxyType(
    {
        NotificationKind.REMINDER: "grace_until",
        NotificationKind.NOTICE_PROGRESS: "progress_until",
        NotificationKind.NOTICE_BASE: "base_until",
        NotificationKind.NOTICE_PREREGISTRATION: "valid_until",
        NotificationKind.LAPSE: "valid_until",
    }
)


class NoticesAsked(FormModel):
    """Which, and after which one a page begins."""

    show: Literal["open", "tasks", "all"] = "open"
    at: datetime | None = None
    id: UUID | None = None

    @property
    def place(self) -> NoticePlace | None:
        """Where the page before ended; None where something of it is missing."""
        if self.at is None or self.at.tzinfo is None or self.id is None:
            return None
        return NoticePlace(sent_at=self.at, id=self.id)


class Seen(FormModel):
    """Until when everything was seen."""

    until: datetime


class Settled(FormModel):
    """Whether a task is done."""

    done: bool


@router.get("/notifications")
async def read_notifications(view: CurrentView) -> Response:
    """What somebody was told, the newest first: what is open, the tasks, or all of it."""
    form = read_query(view, NoticesAsked)
    asked = form.values if form.ok else NoticesAsked()
    async with view.looking() as connection:
        page = await notices(
            connection,
            view.caller,
            channel=Channel.TASK if asked.show == "tasks" else None,
            only_open=asked.show == "open",
            before=asked.place,
            most=_ROWS,
        )
    after = page.after
    newest = None if asked.place else next((one.sent_at for one in page.notices), None)
    return view.page(
        "notifications/list.html.j2",
        page=page,
        show=asked.show,
        titles=_TITLES,
        dates=_DATES,
        until=None if newest is None else format_instant(newest),
        first=address("/notifications", {"show": asked.show}) if asked.place else None,
        later=None
        if after is None
        else address(
            "/notifications", {"show": asked.show, "at": format_instant(after.sent_at), "id": after.id}
        ),
    )


@router.post("/notifications/read")
async def read_all_notifications(view: CurrentView, request: Request) -> Response:
    """Note that everything was seen that the page showed, and what came before it."""
    form = await read_form(request, Seen)
    if not form.ok or form.values.until.tzinfo is None:
        return view.page("errors/form.html.j2", status=422, form=form)
    await read_all(view.desk, view.asking(form.act), until=form.values.until)
    return view.to("/notifications", said=N_("All of it is marked as read."))


@router.post("/notifications/{notice}/read")
async def open_notification(view: CurrentView, request: Request, notice: UUID) -> Response:
    """Note that it was read, and go to the lead it is about."""
    form = await read_form(request, FormModel)
    lead = await read(view.desk, view.asking(form.act), notice)
    return view.to(f"/leads/{lead}")


@router.post("/notifications/{notice}/done")
async def settle_task(view: CurrentView, request: Request, notice: UUID) -> Response:
    """Note that a task is done, or that it is not after all."""
    form = await read_form(request, Settled)
    if not form.ok:
        return view.page("errors/form.html.j2", status=422, form=form)
    await settle(view.desk, view.asking(form.act), notice, done=form.values.done)
    said = N_("Done.") if form.values.done else N_("It is open again.")
    return view.to(form.back or "/notifications", said=said)
