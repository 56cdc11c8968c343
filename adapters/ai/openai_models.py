"""OpenAI's models, through its SDK: chat completions held to a schema."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final, Literal

import openai
from pydantic import BaseModel, Field, ValidationError

from activities.ai.case import Answer
from activities.ai.ports import Completion, Model, Prompt
from activities.upstreams import UpstreamMalformed
from adapters.ai.speaking import MOST_OUTPUT_TOKENS, TEMPERATURE, Patience, not_reached, refused
from adapters.http import trust
from adapters.outside_settings import Provider
from adapters.tracing import carry

_NAME: Final = "openai"
_Tokens = Annotated[int, Field(ge=0)]
# The strict mode refuses a schema that has them; what they demand is checked when the answer is here.
_NOT_TAKEN: Final = frozenset({"title", "default", "minLength", "maxLength"})


@lru_cache
def openai_schema(answer: type[Answer]) -> dict[str, Any]:
    """JSON Schema as the strict mode takes it: every field required, nothing besides."""
    function: Any = openai.pydantic_function_tool(answer)["function"]
    schema: dict[str, Any] = _without(function["parameters"])
    return schema


def _without(node: Any) -> Any:
    if isinstance(node, list):
        return [_without(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {}
    for name, value in node.items():
        if name in {"properties", "$defs"}:
            kept[name] = {field: _without(part) for field, part in value.items()}
        elif name not in _NOT_TAKEN:
            kept[name] = _without(value)
    return kept


class _Message(BaseModel):
    content: str | None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: Literal["stop", "length", "content_filter", "tool_calls", "function_call"]


class _Usage(BaseModel):
    prompt_tokens: _Tokens
    completion_tokens: _Tokens


class _Answer(BaseModel):
    choices: Annotated[list[_Choice], Field(min_length=1)]
    usage: _Usage


class OpenAiModels:
    """Asks OpenAI's models, once each.

    Args:
        account: whose key, and where.
        patience: how long an answer may take.
    """

    def __init__(self, account: Provider, patience: Patience) -> None:
        self._patience = patience
        self._client = openai.AsyncOpenAI(
            api_key=account.api_key,
            base_url=account.base_url,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(
                verify=trust(account.ca_file),
                timeout=patience.timeout(),
                event_hooks={"request": [carry]},
            ),
        )

    def schema(self, answer: type[Answer]) -> dict[str, Any]:
        """What an answer is held to."""
        return openai_schema(answer)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.close()

    async def complete(self, model: Model, prompt: Prompt) -> Completion:
        """See `activities.ai.ports.Providers`."""
        try:
            async with self._patience.all_in_all(_NAME):
                raw = await self._client.chat.completions.with_raw_response.create(
                    model=model.name,
                    messages=[
                        {"role": "system", "content": prompt.system},
                        {"role": "user", "content": prompt.told},
                    ],
                    response_format={
                        "type": "json_schema",
                        "json_schema": {
                            "name": prompt.answer.__name__,
                            "strict": True,
                            "schema": openai_schema(prompt.answer),
                        },
                    },
                    temperature=TEMPERATURE if model.takes_temperature else openai.omit,
                    max_completion_tokens=MOST_OUTPUT_TOKENS,
                    store=False,
                )
        except openai.APIStatusError as error:
            raise refused(_NAME, error.status_code, error.response.headers) from None
        except openai.APIConnectionError as error:
            raise not_reached(_NAME, error) from None
        try:
            answer = _Answer.model_validate_json(raw.http_response.content)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"]) or None
            raise UpstreamMalformed(_NAME, status=raw.status_code, where=where) from None
        usage = answer.usage
        return Completion(
            text=answer.choices[0].message.content,
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
        )
