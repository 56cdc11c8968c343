"""My week: what needs somebody, why, and the act beside it."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import StringConstraints

from adapters.proposal_store import proposals_of
from adapters.week_store import WeekPlace, progress_kinds
from api.pages.asked import address, read_query
from api.pages.forms import Form, FormModel
from api.pages.proposal_texts import proposal_words
from api.pages.view import CurrentView, View
from api.paging import decode_cursor, encode_cursor
from api.routes.history import foreign_cursor
from protection.dates import format_instant, parse_instant
from protection.facts import HoldReason
from protection.permission import Act, Relation
from services.week import AHEAD, MOST_TO_DECIDE, Item, Nearness, Need, read_week

router: Final = APIRouter(include_in_schema=False)

_ROWS: Final = 25
_PROPOSED: Final = 3
_LONGEST_CURSOR: Final = 1000
# What may be done about a lead, in the order in which it is offered.
_OFFERED: Final[tuple[tuple[str, Act], ...]] = (
    ("progress", Act.LOG_ACTIVITY),
    ("hold", Act.REQUEST),
    ("hold", Act.DECIDE),
    ("extension", Act.REQUEST),
    ("extension", Act.DECIDE),
)


class WeekAsked(FormModel):
    """Whose week, from where on, and which act is unfolded.

    Attributes:
        cursor: where the page before ended.
        unfold: the lead whose act is unfolded.
    """

    owner: Annotated[str, StringConstraints(max_length=200)] | None = None
    cursor: Annotated[str, StringConstraints(max_length=_LONGEST_CURSOR)] | None = None
    unfold: UUID | None = None
    act: Literal["progress", "hold", "extension"] = "progress"


@router.get("/")
async def read_my_week(view: CurrentView) -> Response:
    """What needs somebody, the most pressing first."""
    query = read_query(view, WeekAsked)
    asked = query.values if query.ok else WeekAsked()
    now = view.now()
    async with view.looking() as connection:
        week = await read_week(
            connection,
            view.caller,
            now=now,
            zone=view.zone,
            owner=asked.owner if view.caller.reads_all else None,
            after=_place(asked.cursor),
            most=_ROWS,
        )
        proposed = await proposals_of(connection, view.caller.tenant, mine=True, most=_PROPOSED + 1)
        kinds: tuple[str, ...] = ()
        if asked.unfold is not None and asked.act == "progress":
            kinds = await progress_kinds(connection, view.caller.tenant, asked.unfold)
    here = {"owner": asked.owner, "cursor": asked.cursor}
    return view.page(
        "week/week.html.j2",
        week=week,
        sections=[
            (nearness, [item for item in week.items if item.nearness is nearness]) for nearness in Nearness
        ],
        offered={item.lead.id: _offered(view, item) for item in week.items},
        here=address("/", here),
        unfolding=lambda lead, act: address("/", {**here, "unfold": lead, "act": act}),
        later=None if week.place is None else address("/", {**here, "cursor": _cursor(week.place)}),
        first=None if asked.cursor is None else address("/", {**here, "cursor": None}),
        asked=asked,
        form=Form(view.text),
        kinds=[(kind, view.reader.word(kind)) for kind in kinds],
        reasons=[(str(reason), view.reader.word(reason)) for reason in HoldReason],
        days_ahead=AHEAD.days,
        most_to_decide=MOST_TO_DECIDE,
        proposals=proposed[:_PROPOSED],
        more_proposed=len(proposed) > _PROPOSED,
        **proposal_words(view),
    )


def _offered(view: View, item: Item) -> list[str]:
    """What the reader may do about it, the best first."""
    lead = item.lead
    relation = Relation(owner=lead.owner, share=lead.share)
    if item.need is Need.NOTE:
        return ["register"] if view.can(Act.REGISTER, relation) else []
    found = list(dict.fromkeys(name for name, act in _OFFERED if view.can(act, relation)))
    if item.need is Need.BASE_PERIOD:
        # Progress does not lengthen the base period.
        found.sort(key=lambda name: name != "extension")
    return found


def _place(cursor: str | None) -> WeekPlace | None:
    if cursor is None:
        return None
    found = decode_cursor(cursor, (str, str))
    try:
        return WeekPlace(act_by=parse_instant(str(found[0])), lead=UUID(str(found[1])))
    except (ValueError, OverflowError):
        raise foreign_cursor() from None


def _cursor(place: WeekPlace) -> str:
    return encode_cursor((format_instant(place.act_by), str(place.lead)))
