"""What both played AI providers share: counting tokens, answers told beforehand, the bill."""

from __future__ import annotations

import hmac
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.inventing import Question, invent
from sandbox.prices import Bill, Charged
from sandbox.switches import Upstream
from sandbox.wire import Answer, Asked

_CHARACTERS: Final = 4  # of a token, about
_KEPT: Final = 200_000


@dataclass(frozen=True, slots=True)
class AiCall:
    """A question to a model, whichever way it was put.

    Attributes:
        upstream: whose model.
        model: its name.
        system: what the model was told to be.
        text: what the user's part says.
        schema: JSON Schema the answer has to fit; None where text will do.
        schema_name: what the asker calls the schema; empty if he does not.
        most_tokens: the answer is cut after so many.
    """

    upstream: Upstream
    model: str
    system: str
    text: str
    schema: Mapping[str, Any] | None
    schema_name: str
    most_tokens: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says.

    Attributes:
        text: the answer, JSON where a schema was given.
        input_tokens: of the question.
        output_tokens: of the answer.
        cut: whether it had more to say.
    """

    text: str
    input_tokens: int
    output_tokens: int
    cut: bool


# What is told beforehand: JSON for the model to say, words as they are, or the whole answer.
Scripted = Mapping[str, Any] | str | Answer
Script = Callable[[AiCall], Scripted] | Iterable[Scripted]


class BadQuestion(Exception):
    """The request is none the provider documents; the message is for people.

    Attributes:
        field: what is wrong with it.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Models:
    """The models of one provider: they say what was told beforehand, else what fits the schema."""

    def __init__(self, upstream: Upstream, key: str) -> None:
        self.upstream = upstream
        self._key = key
        self._told: deque[Scripted] = deque()
        self._asked: Callable[[AiCall], Scripted] | None = None
        self._charged: deque[Charged] = deque(maxlen=_KEPT)

    def knows(self, key: str) -> bool:
        """Whether this is the account's key."""
        return hmac.compare_digest(key.encode(), self._key.encode())

    def tell(self, script: Script | None) -> None:
        """Have answers said: each of a list once, or what a function makes of each question."""
        self._told.clear()
        self._asked = None
        if callable(script):
            self._asked = script
        elif script is not None:
            self._told.extend(script)

    def say(self, call: AiCall) -> Said | Answer:
        """Answer a question; a whole answer only where one was told beforehand."""
        scripted: Scripted | None = None
        if self._asked is not None:
            scripted = self._asked(call)
        elif self._told:
            scripted = self._told.popleft()
        if isinstance(scripted, Answer):
            return scripted
        text = _invented(call) if scripted is None else _words(scripted)
        schema = "" if call.schema is None else json.dumps(call.schema)
        asked = tokens(call.system) + tokens(call.text) + tokens(schema)
        if call.most_tokens is not None and tokens(text) > call.most_tokens:
            return Said(text[: call.most_tokens * _CHARACTERS], asked, call.most_tokens, cut=True)
        return Said(text, asked, tokens(text), cut=False)

    def charge(self, model: str, input_tokens: int, output_tokens: int) -> None:
        """Put an answer on the bill."""
        self._charged.append(Charged(model, input_tokens, output_tokens))

    def bill(self) -> Bill:
        """What has been delivered since the last `forget`."""
        return Bill(tuple(self._charged))

    def forget(self) -> None:
        """Start anew: nothing told, nothing charged."""
        self.tell(None)
        self._charged.clear()


def tokens(text: str) -> int:
    """How many tokens a text has, here."""
    return -(-len(text) // _CHARACTERS)


def texts(content: Any, field: str) -> str:
    """The words of a message's content: a text, or parts that hold one each.

    Raises:
        BadQuestion: it is neither.
    """
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        found = [part.get("text") if isinstance(part, dict) else None for part in content]
        words = [one for one in found if isinstance(one, str)]
        if len(words) == len(content):
            return "\n".join(words)
    raise BadQuestion(field, "must be a text, or a list of parts with a text each")


def needed_text(body: Mapping[str, Any], field: str) -> str:
    """A text that must be there.

    Raises:
        BadQuestion: it is not.
    """
    found = body.get(field)
    if not isinstance(found, str) or not found:
        raise BadQuestion(field, "is required and must be a text")
    return found


def whole(body: Mapping[str, Any], field: str) -> int | None:
    """A whole number above 0, if it is there.

    Raises:
        BadQuestion: it is something else.
    """
    found = body.get(field)
    if found is None:
        return None
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise BadQuestion(field, "must be a whole number above 0")
    return found


def body_of(asked: Asked) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        BadQuestion: there is none.
    """
    body = asked.json()
    if body is None:
        raise BadQuestion("body", "the body is no JSON object")
    if body.get("stream"):
        raise BadQuestion("stream", "answers are not streamed here")
    return body


def _invented(call: AiCall) -> str:
    question = Question(call.text, call.system, call.model)
    schema = call.schema or {"type": "string", "maxLength": 400}
    made = invent(schema, question)
    return made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)


def _words(scripted: Mapping[str, Any] | str) -> str:
    return scripted if isinstance(scripted, str) else json.dumps(scripted, ensure_ascii=False)
