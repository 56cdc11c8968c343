"""How the service says no, and what else may go wrong."""

from __future__ import annotations

from typing import Final, Literal

import httpx
from pydantic import Field, ValidationError

from client.base import Told

_PREFIX: Final = "urn:fristwerk:problem:"


class FieldError(Told):
    """One field at fault.

    Attributes:
        place: where the field is: body, query, path or header.
        pointer: JSON pointer to it from there, as a URI fragment.
        code: stable reason.
        detail: what would be right, in a few words.
    """

    place: Literal["body", "query", "path", "header"] = Field(alias="in")
    pointer: str
    code: str
    detail: str


class _Problem(Told):
    type: str = "about:blank"
    title: str | None = None
    detail: str | None = None
    instance: str | None = None
    errors: tuple[FieldError, ...] = ()


class Problem(Exception):
    """The service said no (RFC 9457).

    Attributes:
        status: the HTTP status.
        type: stable URI of the kind of problem; `about:blank` where something in between answered.
        title: the kind in words.
        detail: what to do about it.
        instance: stands for this one answer; tell it to whoever runs the service.
        errors: the fields at fault.
        retry_after: seconds after which to come again; None where the service did not say.
    """

    def __init__(self, status: int, told: _Problem, retry_after: int | None) -> None:
        super().__init__(f"{status} {told.type}: {told.detail or told.title or ''}")
        self.status = status
        self.type = told.type
        self.title = told.title
        self.detail = told.detail
        self.instance = told.instance
        self.errors = told.errors
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        """The last part of `type`, such as `hold-exists`: branch on this one."""
        return self.type.removeprefix(_PREFIX)

    @classmethod
    def of(cls, answer: httpx.Response) -> Problem:
        """What an answer of 400 and above says."""
        try:
            told = _Problem.model_validate_json(answer.content)
        except ValidationError:
            told = _Problem(title=answer.reason_phrase)
        after = answer.headers.get("retry-after", "")
        return cls(answer.status_code, told, int(after) if after.isdecimal() else None)


class Unreachable(Exception):
    """Nobody answered in time. Whether the request had an effect is not known; repeat it with its key."""

    def __init__(self, idempotency_key: str | None) -> None:
        super().__init__("the service did not answer")
        self.idempotency_key = idempotency_key


class NotModified(Exception):
    """It is still as `if_none_match` says."""


class Strange(Exception):
    """An answer that is none of the service's; is the address right?"""

    def __init__(self, status: int, media_type: str) -> None:
        super().__init__(f"{status} with {media_type or 'nothing'} is no answer of the service")
