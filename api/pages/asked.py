"""What the address of a page asks for: filters and places in a list, checked like a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, StringConstraints

from adapters.campaign_store import Filter
from adapters.lead_listing import LONGEST_TEXT
from api.pages.forms import Form, FormModel, Moment
from api.pages.view import PublicView
from protection.state import Status

M = TypeVar("M", bound=BaseModel)
AskedText: TypeAlias = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]


class LeadFilterAsked(FormModel):
    """Which leads something is meant for, as the desk's `lead_filter` asks; empty does not narrow."""

    text: AskedText | None = None
    owner: AskedText | None = None
    city: AskedText | None = None
    industry: AskedText | None = None
    status: Literal["ACTIVE", "GRACE"] | None = None
    clock: Literal["still", "running"] | None = None
    ends_before: Moment | None = None

    @property
    def found(self) -> Filter:
        """Which leads."""
        return Filter(
            owner=self.owner,
            city=self.city,
            industry=self.industry,
            status=None if self.status is None else Status(self.status),
            paused=None if self.clock is None else self.clock == "still",
            ends_before=self.ends_before,
            text=self.text,
        )


def read_query(view: PublicView, model: type[M]) -> Form[M]:
    """The query of the address, as far as the model knows its names; what is empty was not asked.

    A list that cannot be given is told like a form that does not fit. Names we do not know are left alone:
    others put them there.
    """
    given = {
        name: text for name, text in view.request.query_params.items() if name in model.model_fields and text
    }
    form: Form[M] = Form(view.text, given)
    form.take(model, given, view.zone)
    return form


def address(path: str, query: Mapping[str, object]) -> str:
    """The address of a page with this query; None leaves a name out."""
    told = urlencode({name: str(value) for name, value in query.items() if value is not None})
    return f"{path}?{told}" if told else path
