"""Forms: what somebody typed, checked against a model, and shown again with what is wrong.

form = await read_form(request, ActivityForm)
if form.ok:
try:
await log_activity(desk, view.asking(form.act), lead, kind=form.values.kind)
return view.to(f"/leads/{lead}", said=N_("Recorded."))
except Refused as refused:
form.refuse(refused)
return view.page("…", status=422, form=form)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict, ValidationError, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from starlette.datastructures import UploadFile

from api.pages.paths import local_path
from api.pages.refusals import refusal_text
from api.pages.texts import N_
from api.pages.view import PublicView
from protection.dates import FIRST_YEAR, LAST_YEAR
from protection.refusal import Refused

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Say = Callable[..., str]

ACT: Final = "_act"
BACK: Final = "back"
_MOST_FIELDS: Final = 300
_MOST_FILES: Final = 1
_SEPARATOR: Final = "\x1f"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# By pydantic's kind of error; its context fills in the values.
_WRONG: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": N_("Please fill this in."),
        "string_too_short": N_("At least %(min_length)s characters, please."),
        "string_too_long": N_("At most %(max_length)s characters, please."),
        "too_short": N_("Please choose at least %(min_length)s."),
        "too_long": N_("At most %(max_length)s, please."),
        "greater_than": N_("More than %(gt)s, please."),
        "greater_than_equal": N_("At least %(ge)s, please."),
        "less_than": N_("Less than %(lt)s, please."),
        "less_than_equal": N_("At most %(le)s, please."),
        "int_parsing": N_("A whole number, please."),
        "enum": N_("Please choose one of the list."),
        "literal_error": N_("Please choose one of the list."),
        "date_from_datetime_parsing": N_("A date, please, such as 2026-11-23."),
        "date_parsing": N_("A date, please, such as 2026-11-23."),
        "local_moment": N_("A day and a time, please, such as 2026-11-23T14:30."),
        "year_out_of_range": N_("A year between 1970 and 2999, please."),
        "extra_forbidden": N_("This form does not know this field."),
        "control_character": N_("A character in it cannot be kept."),
        "given_twice": N_("This was given more than once."),
    }
)
_DOES_NOT_FIT: Final = N_("This does not fit.")


class FormModel(BaseModel):
    """What a form sends: texts, of which numbers, dates, enums and `on` are read; nothing unknown."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, str_strip_whitespace=True)


def _split(value: Any) -> Any:
    return tuple(value.split(_SEPARATOR)) if isinstance(value, str) else value


_SPLITS: Final = BeforeValidator(_split)
# A field that may be sent several times: `Many[tuple[UUID, ...]] = ()`.
Many = Annotated[T, _SPLITS, Strict(False)]


def _local_moment(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, datetime):
        return value
    try:
        wall = datetime.fromisoformat(str(value))
    except ValueError:
        raise PydanticCustomError("local_moment", "no day and time") from None
    if not FIRST_YEAR < wall.year <= LAST_YEAR:
        raise PydanticCustomError("year_out_of_range", "no year we know")
    if wall.tzinfo is None:
        wall = wall.replace(tzinfo=info.context["zone"] if isinstance(info.context, dict) else UTC)
    return wall.astimezone(UTC)


# From a field of type `datetime-local`: the reader's wall time, as a UTC instant.
Moment = Annotated[datetime, BeforeValidator(_local_moment)]


class Form(Generic[M]):
    """A form as it was sent, or as it is first shown.

    Attributes:
        given: what stands in each field.
        errors: what is wrong, by field; "" for what is about the whole.
        act: key of this act; the same for the same form sent twice.
        back: where to return to, a path of ours.
        files: files by field.
    """

    def __init__(self, say: Say, given: Mapping[str, Any] | None = None) -> None:
        """A form to be filled in.

        Args:
            say: puts texts into the reader's language.
            given: what stands in it already.
        """
        self._say = say
        self._values: M | None = None
        self.given: dict[str, Any] = dict(given or {})
        self.errors: dict[str, str] = {}
        self.act: str | None = None
        self.back: str | None = None
        self.files: dict[str, UploadFile] = {}

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with it."""
        return self._values is not None and not self.errors

    @property
    def values(self) -> M:
        """What was sent, checked.

        Raises:
            ValueError: something was wrong with it; look at `ok` first.
        """
        if self._values is None:
            raise ValueError("a form with errors has no values")
        return self._values

    def value(self, name: str) -> Any:
        """What stands in a field."""
        return self.given.get(name, "")

    def error(self, name: str) -> str | None:
        """What is wrong with a field."""
        return self.errors.get(name)

    def fail(self, name: str, text: str, **values: object) -> None:
        """Say what is wrong with a field; "" for the whole form.

        Args:
            name: the field.
            text: English wording.
            values: put into the text.
        """
        self.errors.setdefault(name, self._say(text, **values))

    def refuse(self, refused: Refused, **fields: str) -> None:
        """Say at its field why a service has refused what was sent.

        Args:
            refused: what the service said.
            fields: the form's names of the service's fields, where they differ.
        """
        name = refused.field.rpartition(".")[2]
        name = fields.get(name, name)
        self.errors.setdefault(name if name in self.given else "", refusal_text(refused, self._say))

    def take(self, model: type[M], texts: Mapping[str, str], zone: ZoneInfo) -> None:
        """Check what was sent against a model."""
        try:
            values = model.model_validate_strings(texts, context={"zone": zone})
            self._values = None if self.errors else values
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                name = str(one["loc"][0]) if one["loc"] else ""
                known = name if name in model.model_fields else ""
                self.fail(known, _WRONG.get(one["type"], _DOES_NOT_FIT), **one.get("ctx", {}))


async def read_form(request: Request, model: type[M]) -> Form[M]:
    """The form a browser has sent. A field left empty is one that is not there.

    Raises:
        HTTPException: the body is no form (400), or too long (413).
    """
    view = PublicView(request)
    form: Form[M] = Form(view.text)
    sent = await request.form(max_files=_MOST_FILES, max_fields=_MOST_FIELDS)
    texts: dict[str, str] = {}
    for name in dict.fromkeys(sent.keys()):
        found = sent.getlist(name)
        form.files.update((name, one) for one in found if isinstance(one, UploadFile))
        given = [one.replace("\r\n", "\n") for one in found if isinstance(one, str)]
        if name == ACT:
            form.act = given[0] if given else None
        elif name == BACK and BACK not in model.model_fields:
            form.back = local_path(given[0]) if given else None
        elif given:
            _put(form, texts, name, given, many=_is_many(model.model_fields.get(name)))
    form.take(model, texts, view.zone)
    return form


def _put(form: Form[M], texts: dict[str, str], name: str, given: list[str], *, many: bool) -> None:
    form.given[name] = given if many else given[0]
    filled = [one for one in given if one.strip()]
    if any(_CONTROL.search(one) for one in given):
        form.fail(name, _WRONG["control_character"])
    elif len(given) > 1 and not many:
        form.fail(name, _WRONG["given_twice"])
    elif filled:
        texts[name] = _SEPARATOR.join(filled)


def _is_many(field: FieldInfo | None) -> bool:
    return field is not None and any(one is _SPLITS for one in field.metadata)
