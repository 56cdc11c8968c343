"""One request at a time: the token, the key that makes it happen once, and asking again."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, Protocol, TypeAlias, TypeVar
from urllib.parse import quote

import httpx
from pydantic import ValidationError

from client.base import Sent, Told
from client.problems import NotModified, Problem, Strange, Unreachable

T = TypeVar("T", bound=Told)
Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)
Item_co = TypeVar("Item_co", covariant=True)
Scalar: TypeAlias = "str | int | bool | datetime | uuid.UUID | None"
Bearer: TypeAlias = "str | Callable[[], str]"

_UNAVAILABLE: Final = 503
_UNCHANGED: Final = 304
_LEAST_ERROR: Final = 400
_KEY: Final = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value_co]):
    """What the service answered.

    Attributes:
        value: the body.
        status: the HTTP status.
        etag: the state it shows, to be sent as `if_match`; None where it shows none.
        location: address of what was made.
        idempotency_key: under which the request was made, so that it can be repeated.
    """

    value: Value_co
    status: int
    etag: str | None
    location: str | None
    idempotency_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """When to ask again by oneself: after a 503, or when nobody answered.

    Attributes:
        attempts: requests at most, the first one counted.
        longest: seconds to wait at most, whatever the service says; where it says nothing, the time
            doubles from half a second.
        wait: waits so many seconds.
    """

    attempts: int = 4
    longest: float = 15.0
    wait: Callable[[float], object] = field(default=threading.Event().wait)

    def seconds(self, attempt: int, told: int | None) -> float:
        """How long to wait after this attempt, counted from 1."""
        return min(self.longest, 2.0 ** (attempt - 2) if told is None else float(told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request.

    Attributes:
        keyed: it takes an Idempotency-Key; one is made where none is given.
    """

    method: str
    path: str
    query: Mapping[str, Scalar] = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: Sent | None = None
    keyed: bool = False


class Asker:
    """Sends calls and reads answers."""

    def __init__(self, http: httpx.Client, token: Bearer, retries: Retries) -> None:
        self._http = http
        self._token = token
        self._retries = retries

    def ask(self, call: Call, answers: Mapping[int, type[T]]) -> Answer[T]:
        """One request whose answer is a model, by status.

        Raises:
            Problem: the service said no.
            NotModified: it is still as `if_none_match` says.
            Unreachable: nobody answered.
            Strange: something else did.
        """
        answer = self._send(call, "application/json")
        made = answers.get(answer.status_code)
        if made is None:
            raise _strange(answer)
        try:
            return _answer(answer, made.model_validate_json(answer.content))
        except ValidationError as error:
            raise _strange(answer) from error

    def ask_text(self, call: Call, media_type: str) -> Answer[str]:
        """One request whose answer is text; raises as `ask`."""
        answer = self._send(call, media_type)
        return _answer(answer, answer.text)

    def tell(self, call: Call) -> Answer[None]:
        """One request that is answered with nothing; raises as `ask`."""
        return _answer(self._send(call, "application/json"), None)

    def _send(self, call: Call, media_type: str) -> httpx.Response:
        headers = {name: value for name, value in call.headers.items() if value is not None}
        if call.keyed:
            headers.setdefault(_KEY, uuid.uuid4().hex)
        query = {name: _text(value) for name, value in call.query.items() if value is not None}
        content = None if call.body is None else call.body.wire()
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        attempt = 0
        while True:
            attempt += 1
            said = {"Authorization": f"Bearer {self._bearer()}", "Accept": media_type, **headers}
            after: int | None = None
            try:
                answer = self._http.request(
                    call.method, call.path, params=query, content=content, headers=said
                )
            except httpx.TransportError as error:
                if attempt >= self._retries.attempts:
                    raise Unreachable(headers.get(_KEY)) from error
            else:
                if answer.status_code != _UNAVAILABLE or attempt >= self._retries.attempts:
                    return _taken(answer)
                after = Problem.of(answer).retry_after
            self._retries.wait(self._retries.seconds(attempt, after))

    def _bearer(self) -> str:
        return self._token if isinstance(self._token, str) else self._token()


class Group:
    """Operations that belong together."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker


class Paged(Protocol[Item_co]):
    """A page of a list."""

    @property
    def items(self) -> Sequence[Item_co]:
        """Some of the rows."""
        ...

    @property
    def next_cursor(self) -> str | None:
        """Where the next ones begin."""
        ...


def every(page: Callable[[str | None], Answer[Paged[Item_co]]]) -> Iterator[Item_co]:
    """All rows of a list, a page at a time.

    Args:
        page: asks for the page at a cursor: `lambda cursor: api.leads.list_leads_page(cursor=cursor)`.
    """
    cursor: str | None = None
    while True:
        found = page(cursor).value
        yield from found.items
        cursor = found.next_cursor
        if cursor is None:
            return


def address(template: str, **parts: object) -> str:
    """A path with these parts in their places."""
    return template.format(**{name: quote(str(part), safe="") for name, part in parts.items()})


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _taken(answer: httpx.Response) -> httpx.Response:
    if answer.status_code >= _LEAST_ERROR:
        raise Problem.of(answer)
    if answer.status_code == _UNCHANGED:
        raise NotModified
    if not answer.is_success:
        raise _strange(answer)
    return answer


def _strange(answer: httpx.Response) -> Strange:
    return Strange(answer.status_code, answer.headers.get("content-type", ""))


def _answer(answer: httpx.Response, value: Value) -> Answer[Value]:
    return Answer(
        value,
        answer.status_code,
        answer.headers.get("etag"),
        answer.headers.get("location"),
        answer.request.headers.get(_KEY),
    )
