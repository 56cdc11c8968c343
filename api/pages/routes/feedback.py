"""The form customers fill in about their samples: by a secret link, on a phone, without signing in."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Request
from pydantic import Field, create_model
from starlette.responses import Response

from activities.sample_orders import ContactRole
from adapters.feedback_gate import OpenForm
from adapters.sample_records import Rating
from api.pages.forms import Form, FormModel, read_form
from api.pages.texts import N_
from api.pages.view import CurrentPublicView, PublicView
from api.routes.feedback import network_of
from protection.refusal import Refused
from services.feedback import Said
from services.sample_checks import MAX_COMMENT, MOST_ITEMS

router: Final = APIRouter(include_in_schema=False)

RATING: Final = "rating_"
COMMENT: Final = "comment_"
ROLES: Final = (
    (ContactRole.CHEF, N_("Kitchen")),
    (ContactRole.BUYER, N_("Purchasing")),
    (ContactRole.GM, N_("Management")),
    (ContactRole.OTHER, N_("Something else")),
)
RATINGS: Final = (
    (5, N_("5 – excellent")),
    (4, N_("4 – good")),
    (3, N_("3 – all right")),
    (2, N_("2 – not so good")),
    (1, N_("1 – poor")),
)


class _Fixed(FormModel):
    """What is asked beside the products. `website` is a trap that people do not see.

    Attributes:
        shown: when the form was shown, stamped by us.
    """

    role: Annotated[ContactRole, Field(strict=False)]
    website: str | None = None
    shown: Annotated[str, Field(max_length=100)] | None = None


PRODUCTS: Final[dict[str, Any]] = {
    **{f"{RATING}{place}": (Literal["1", "2", "3", "4", "5"] | None, None) for place in range(MOST_ITEMS)},
    **{
        f"{COMMENT}{place}": (Annotated[str, Field(max_length=MAX_COMMENT)] | None, None)
        for place in range(MOST_ITEMS)
    },
}
FeedbackForm: Final[type[_Fixed]] = create_model("FeedbackForm", __base__=_Fixed, **PRODUCTS)


@router.get("/feedback/thanks")
async def read_thanks(view: CurrentPublicView) -> Response:
    """Thank you."""
    return view.page("feedback/thanks.html.j2")


@router.get("/feedback/{token}")
async def read_form_page(token: str, request: Request, view: CurrentPublicView) -> Response:
    """The form of a secret link. A link that has expired, was used, or never was is a 410."""
    desk = view.wiring.feedback
    asked = await desk.look(token, network_of(request, desk))
    return _page(view, token, asked, Form(view.text))


@router.post("/feedback/{token}")
async def take_form(token: str, request: Request, view: CurrentPublicView) -> Response:
    """Take what a customer says, once."""
    desk = view.wiring.feedback
    asked = await desk.look(token, network_of(request, desk))
    form = await read_form(request, FeedbackForm)
    if form.ok:
        _look_for_traps(view, asked, form, form.values)
    if form.ok:
        ratings = _ratings(asked, form.values)
        if not ratings:
            form.fail(f"{RATING}0", N_("Please rate at least one product."))
        else:
            try:
                await desk.give(asked, Said(form.values.role, ratings))
                return view.to("/feedback/thanks")
            except Refused as refused:
                form.refuse(refused, ratings=f"{RATING}0", comment=f"{COMMENT}0")
    return _page(view, token, asked, form, status=422)


def _look_for_traps(view: PublicView, asked: OpenForm, form: Form[Any], said: _Fixed) -> None:
    """What programs do and people do not; said openly, so that nobody's answer is lost."""
    if said.website:
        form.fail("website", N_("Please leave this field empty."))
    elif view.wiring.feedback.too_quick(asked, said.shown):
        form.fail("", N_("That was very quick. Please look it over once more and send it again."))


def _ratings(asked: OpenForm, values: _Fixed) -> list[Rating]:
    said = values.model_dump()
    return [
        Rating(sku, int(said[f"{RATING}{place}"]), said[f"{COMMENT}{place}"])
        for place, sku in enumerate(asked.skus)
        if said[f"{RATING}{place}"] is not None
    ]


def _page(view: PublicView, token: str, asked: OpenForm, form: Form[Any], *, status: int = 200) -> Response:
    return view.page(
        "feedback/form.html.j2",
        status=status,
        form=form,
        action=f"/feedback/{token}",
        skus=asked.skus,
        shown=view.wiring.feedback.stamp(asked),
        roles=[(role, view.text(text)) for role, text in ROLES],
        ratings=[(rating, view.text(text)) for rating, text in RATINGS],
        trapped="website" in form.errors,
        longest=MAX_COMMENT,
    )
