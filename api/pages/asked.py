"""What the address of a page asks for: filters and places in a list, checked like a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel

from api.pages.forms import Form
from api.pages.view import PublicView

M = TypeVar("M", bound=BaseModel)


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
