"""Anthropic's API as far as it is used: messages, models. Base URL: `{address}`."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from sandbox.ai import AiCall, BadQuestion, Models, body_of, needed_text, texts, whole
from sandbox.switches import Upstream
from sandbox.wire import Answer, Asked

_KINDS: Final = {
    400: ("invalid_request_error", "The request is not valid."),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "Your API key does not have permission to use the specified resource."),
    404: ("not_found_error", "Not found"),
    413: ("request_too_large", "Request exceeds the maximum size"),
    429: ("rate_limit_error", "This request would exceed your organization's rate limit."),
    500: ("api_error", "Internal server error"),
    529: ("overloaded_error", "Overloaded"),
}
_MODELS: Final = {"claude-haiku-4-5": "Claude Haiku 4.5", "claude-sonnet-4-6": "Claude Sonnet 4.6"}


class Anthropic:
    """Plays Anthropic."""

    upstream = Upstream.ANTHROPIC

    def __init__(self, models: Models) -> None:
        self.models = models
        self._numbers = itertools.count(1)

    def refusal(self, status: int) -> Answer:
        """An error as Anthropic gives them."""
        kind, message = _KINDS.get(status) or _KINDS[500 if status >= 500 else 400]
        return self._error(status, kind, message)

    def delivered(self, asked: Asked, answer: Answer) -> None:
        """Charge for an answer of a model."""
        usage = answer.body.get("usage") if isinstance(answer.body, dict) else None
        if answer.status == HTTPStatus.OK and usage:
            self.models.charge(answer.body["model"], usage["input_tokens"], usage["output_tokens"])

    async def answer(self, asked: Asked) -> Answer:
        """Answer a request."""
        if not self.models.knows(asked.headers.get("x-api-key", "") or asked.bearer()):
            return self.refusal(401)
        if "anthropic-version" not in asked.headers:
            return self._error(400, "invalid_request_error", "anthropic-version: header is required")
        try:
            match asked.method, asked.path:
                case "GET", "/v1/models":
                    return Answer(200, _models(), self._headers())
                case "POST", "/v1/messages":
                    return self._message(body_of(asked))
                case _:
                    return self.refusal(404)
        except BadQuestion as wrong:
            return self._error(400, "invalid_request_error", f"{wrong.field}: {wrong}")

    def _message(self, body: dict[str, Any]) -> Answer:
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise BadQuestion("messages", "at least one message is required")
        most = whole(body, "max_tokens")
        if most is None:
            raise BadQuestion("max_tokens", "Field required")
        given = body.get("system")
        system = "" if given is None else texts(given, "system")
        said_by = [one for one in messages if isinstance(one, dict)]
        text = "\n".join(texts(one.get("content"), "messages.content") for one in said_by)
        tool = _forced_tool(body)
        schema = _schema(body) if tool is None else tool["input_schema"]
        model = needed_text(body, "model")
        name = "" if tool is None else str(tool["name"])
        said = self.models.say(AiCall(self.upstream, model, system, text, schema, name, most))
        if isinstance(said, Answer):
            return said
        number = next(self._numbers)
        if tool is None or said.cut:
            content: list[dict[str, Any]] = [{"type": "text", "text": said.text, "citations": None}]
        else:
            made = json.loads(said.text)
            content = [{"type": "tool_use", "id": f"toolu_{number:024d}", "name": name, "input": made}]
        ended = "max_tokens" if said.cut else "end_turn" if tool is None else "tool_use"
        return Answer(
            200,
            {
                "id": f"msg_{number:024d}",
                "type": "message",
                "role": "assistant",
                "model": model,
                "content": content,
                "stop_reason": ended,
                "stop_sequence": None,
                "usage": {
                    "input_tokens": said.input_tokens,
                    "cache_creation_input_tokens": 0,
                    "cache_read_input_tokens": 0,
                    "output_tokens": said.output_tokens,
                    "service_tier": "standard",
                },
            },
            self._headers(),
        )

    def _headers(self) -> dict[str, str]:
        return {"request-id": f"req_{next(self._numbers):024d}"}

    def _error(self, status: int, kind: str, message: str) -> Answer:
        headers = self._headers()
        body = {"type": "error", "error": {"type": kind, "message": message}}
        return Answer(status, {**body, "request_id": headers["request-id"]}, headers)


def _schema(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of a structured answer: `output_config.format`, and as it was called in the beta."""
    config = body.get("output_config")
    wanted = config.get("format") if isinstance(config, dict) else body.get("output_format")
    if wanted is None:
        return None
    if not isinstance(wanted, dict) or not isinstance(wanted.get("schema"), dict):
        raise BadQuestion("output_config.format.schema", "Field required")
    found: Mapping[str, Any] = wanted["schema"]
    return found


def _forced_tool(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The tool the model has to use, where the asker says so."""
    choice, tools = body.get("tool_choice"), body.get("tools")
    if not isinstance(choice, dict) or not isinstance(tools, list):
        return None
    for tool in tools:
        if not isinstance(tool, dict) or not isinstance(tool.get("input_schema"), dict):
            raise BadQuestion("tools.input_schema", "Field required")
        if choice.get("type") == "any" or tool.get("name") == choice.get("name"):
            return tool
    return None


def _models() -> dict[str, Any]:
    data = [
        {"type": "model", "id": name, "display_name": title, "created_at": "2025-10-01T00:00:00Z"}
        for name, title in _MODELS.items()
    ]
    return {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}
