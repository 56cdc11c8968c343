"""The schema a provider is held to, in the dialect each of them takes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import anthropic
import openai

from activities.ai.case import Answer

# OpenAI's strict mode refuses a schema that has them; what they demand is checked when the answer is here.
_NOT_TAKEN: Final = frozenset({"title", "default", "minLength", "maxLength"})


@lru_cache
def openai_schema(answer: type[Answer]) -> dict[str, Any]:
    """JSON Schema as OpenAI's strict mode takes it: every field required, nothing besides."""
    function: Any = openai.pydantic_function_tool(answer)["function"]
    schema: dict[str, Any] = _without(function["parameters"])
    return schema


@lru_cache
def anthropic_schema(answer: type[Answer]) -> dict[str, Any]:
    """JSON Schema as Anthropic's structured outputs take it."""
    return anthropic.transform_schema(answer)


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
