"""OpenAI's API as far as it is used: chat completions, responses, models. Base URL: `{address}/v1`."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from sandbox.ai import AiCall, BadQuestion, Models, Said, body_of, needed_text, texts, whole
from sandbox.switches import Upstream
from sandbox.wire import Answer, Asked

_KINDS: Final = {
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    404: ("invalid_request_error", "unknown_url", "Unknown request URL."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests."),
    500: ("server_error", None, "The server had an error while processing your request."),
    503: ("server_error", None, "The engine is currently overloaded, please try again later."),
}
_MODELS: Final = ("gpt-5-mini", "gpt-5", "gpt-4.1-mini", "gpt-4.1")


class OpenAi:
    """Plays OpenAI."""

    upstream = Upstream.OPENAI

    def __init__(self, models: Models) -> None:
        self.models = models
        self._numbers = itertools.count(1)

    def refusal(self, status: int) -> Answer:
        """An error as OpenAI gives them."""
        kind, code, message = _KINDS.get(status) or _KINDS[500 if status >= 500 else 404]
        return _error(status, kind, code, None, message)

    def delivered(self, asked: Asked, answer: Answer) -> None:
        """Charge for an answer of a model."""
        usage = answer.body.get("usage") if isinstance(answer.body, dict) else None
        if answer.status == HTTPStatus.OK and usage:
            put_in = usage.get("prompt_tokens", usage.get("input_tokens", 0))
            put_out = usage.get("completion_tokens", usage.get("output_tokens", 0))
            self.models.charge(answer.body["model"], put_in, put_out)

    async def answer(self, asked: Asked) -> Answer:
        """Answer a request."""
        if not self.models.knows(asked.bearer()):
            return self.refusal(401)
        try:
            match asked.method, asked.path:
                case "GET", "/v1/models":
                    return Answer(200, {"object": "list", "data": [_model(name) for name in _MODELS]})
                case "POST", "/v1/chat/completions":
                    return self._completion(body_of(asked))
                case "POST", "/v1/responses":
                    return self._response(body_of(asked))
                case _:
                    return self.refusal(404)
        except BadQuestion as wrong:
            return _error(400, "invalid_request_error", "invalid_value", wrong.field, str(wrong))

    def _completion(self, body: dict[str, Any]) -> Answer:
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise BadQuestion("messages", "is required and must be a list")
        system, text = _parts(messages, "messages")
        schema, name = _schema(body.get("response_format"), "response_format")
        most = whole(body, "max_completion_tokens") or whole(body, "max_tokens")
        model = needed_text(body, "model")
        said = self.models.say(AiCall(self.upstream, model, system, text, schema, name, most))
        if isinstance(said, Answer):
            return said
        message: dict[str, Any] = {
            "role": "assistant",
            "content": said.text,
            "refusal": None,
            "annotations": [],
        }
        choice = {"index": 0, "message": message, "logprobs": None}
        return Answer(
            200,
            {
                "id": f"chatcmpl-{next(self._numbers):024d}",
                "object": "chat.completion",
                "created": int(time.time()),
                "model": model,
                "choices": [{**choice, "finish_reason": "length" if said.cut else "stop"}],
                "usage": {
                    "prompt_tokens": said.input_tokens,
                    "completion_tokens": said.output_tokens,
                    "total_tokens": said.input_tokens + said.output_tokens,
                    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
                    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
                },
                "service_tier": "default",
                "system_fingerprint": "fp_sandbox",
            },
            self._headers(),
        )

    def _response(self, body: dict[str, Any]) -> Answer:
        given = body.get("input")
        if isinstance(given, str):
            system, text = "", given
        elif isinstance(given, list) and given:
            system, text = _parts(given, "input")
        else:
            raise BadQuestion("input", "is required and must be a text or a list")
        instructions = body.get("instructions")
        system = "\n".join(part for part in (instructions, system) if part)
        said_how = body.get("text")
        schema, name = _schema(said_how.get("format") if isinstance(said_how, dict) else None, "text.format")
        model = needed_text(body, "model")
        most = whole(body, "max_output_tokens")
        said = self.models.say(AiCall(self.upstream, model, system, text, schema, name, most))
        if isinstance(said, Answer):
            return said
        return Answer(200, self._responded(body, model, said), self._headers())

    def _responded(self, body: Mapping[str, Any], model: str, said: Said) -> dict[str, Any]:
        number = next(self._numbers)
        status = "incomplete" if said.cut else "completed"
        content = [{"type": "output_text", "text": said.text, "annotations": [], "logprobs": []}]
        message = {"id": f"msg_{number:024d}", "type": "message", "status": status, "role": "assistant"}
        return {
            "id": f"resp_{number:024d}",
            "object": "response",
            "created_at": int(time.time()),
            "status": status,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if said.cut else None,
            "instructions": body.get("instructions"),
            "max_output_tokens": body.get("max_output_tokens"),
            "model": model,
            "output": [{**message, "content": content}],
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "reasoning": {"effort": None, "summary": None},
            "store": body.get("store", True),
            "temperature": body.get("temperature", 1.0),
            "text": body.get("text", {"format": {"type": "text"}}),
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": {
                "input_tokens": said.input_tokens,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": said.output_tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": said.input_tokens + said.output_tokens,
            },
            "user": None,
            "metadata": {},
        }

    def _headers(self) -> dict[str, str]:
        return {"x-request-id": f"req_{next(self._numbers):024d}", "openai-processing-ms": "1"}


def _parts(messages: list[Any], field: str) -> tuple[str, str]:
    """What the system says, and what the user says."""
    system: list[str] = []
    user: list[str] = []
    for number, message in enumerate(messages):
        if not isinstance(message, dict):
            raise BadQuestion(f"{field}[{number}]", "must be an object")
        text = texts(message.get("content"), f"{field}[{number}].content")
        (system if message.get("role") in {"system", "developer"} else user).append(text)
    return "\n".join(system), "\n".join(user)


def _schema(wanted: Any, field: str) -> tuple[Mapping[str, Any] | None, str]:
    """The schema of a structured answer, and its name. Chat nests it in `json_schema`, responses do not."""
    if not isinstance(wanted, dict) or wanted.get("type") in {None, "text"}:
        return None, ""
    if wanted["type"] == "json_object":
        return {"type": "object", "properties": {}}, ""
    nested = wanted.get("json_schema", wanted)
    if not isinstance(nested, dict) or not isinstance(nested.get("schema"), dict):
        raise BadQuestion(f"{field}.schema", "is required and must be an object")
    if not isinstance(nested.get("name"), str):
        raise BadQuestion(f"{field}.name", "is required and must be a text")
    return nested["schema"], nested["name"]


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_754_000_000, "owned_by": "openai"}


def _error(status: int, kind: str, code: str | None, field: str | None, message: str) -> Answer:
    return Answer(status, {"error": {"message": message, "type": kind, "param": field, "code": code}})
