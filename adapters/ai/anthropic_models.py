"""Anthropic's models, through its SDK: messages held to a schema."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Final

import anthropic
from pydantic import BaseModel, Field, ValidationError

from activities.ai.case import Answer
from activities.ai.ports import Completion, Model, Prompt
from activities.upstreams import UpstreamMalformed
from adapters.ai.speaking import MOST_OUTPUT_TOKENS, TEMPERATURE, Patience, not_reached, refused
from adapters.http import trust
from adapters.outside_settings import Provider
from adapters.tracing import carry

_NAME: Final = "anthropic"
# The version of the API that lets a temperature be set; the newer one, which the SDK sends, refuses it.
_TEMPERATE: Final = {"anthropic-version": "2023-06-01"}
_Tokens = Annotated[int, Field(ge=0)]


@lru_cache
def anthropic_schema(answer: type[Answer]) -> dict[str, Any]:
    """JSON Schema as structured outputs take it."""
    return anthropic.transform_schema(answer)


class _Block(BaseModel):
    type: str
    text: str | None = None


class _Usage(BaseModel):
    input_tokens: _Tokens
    output_tokens: _Tokens
    cache_creation_input_tokens: _Tokens | None = None
    cache_read_input_tokens: _Tokens | None = None


class _Answer(BaseModel):
    content: list[_Block]
    stop_reason: str
    usage: _Usage


class AnthropicModels:
    """Asks Anthropic's models, once each.

    Args:
        account: whose key, and where.
        patience: how long an answer may take.
    """

    def __init__(self, account: Provider, patience: Patience) -> None:
        self._patience = patience
        self._client = anthropic.AsyncAnthropic(
            api_key=account.api_key,
            base_url=account.base_url,
            max_retries=0,
            http_client=anthropic.DefaultAsyncHttpxClient(
                verify=trust(account.ca_file),
                timeout=patience.timeout(),
                event_hooks={"request": [carry]},
            ),
        )

    def schema(self, answer: type[Answer]) -> dict[str, Any]:
        """What an answer is held to."""
        return anthropic_schema(answer)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.close()

    async def complete(self, model: Model, prompt: Prompt) -> Completion:
        """See `activities.ai.ports.Providers`."""
        sampling: dict[str, Any] = {}
        if model.takes_temperature:
            sampling = {"extra_body": {"temperature": TEMPERATURE}, "extra_headers": _TEMPERATE}
        try:
            async with self._patience.all_in_all(_NAME):
                raw = await self._client.messages.with_raw_response.create(
                    model=model.name,
                    system=prompt.system,
                    messages=[{"role": "user", "content": prompt.told}],
                    max_tokens=MOST_OUTPUT_TOKENS,
                    output_config={
                        "format": {"type": "json_schema", "schema": anthropic_schema(prompt.answer)}
                    },
                    **sampling,
                )
        except anthropic.APIStatusError as error:
            raise refused(_NAME, error.status_code, error.response.headers) from None
        except anthropic.APIConnectionError as error:
            raise not_reached(_NAME, error) from None
        try:
            answer = _Answer.model_validate_json(raw.http_response.content)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"]) or None
            raise UpstreamMalformed(_NAME, status=raw.status_code, where=where) from None
        usage = answer.usage
        texts = [block.text for block in answer.content if block.type == "text" and block.text]
        return Completion(
            text="".join(texts) or None,
            input_tokens=usage.input_tokens
            + (usage.cache_creation_input_tokens or 0)
            + (usage.cache_read_input_tokens or 0),
            output_tokens=usage.output_tokens,
        )
