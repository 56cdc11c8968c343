"""The played AI providers, asked through the providers' own SDKs."""

from __future__ import annotations

import json
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

import anthropic
import openai
import pytest
from pydantic import BaseModel, Field

from sandbox.inventing import Question, confidence, invent
from sandbox.wire import Answer
from tests.outsidefixtures import Outside


class Kind(StrEnum):
    HOTEL = "HOTEL"
    CANTEEN = "CANTEEN"
    OTHER = "OTHER"


class Part(BaseModel):
    sku: str
    qty: Annotated[int, Field(ge=1, le=5)]


class Reply(BaseModel):
    kind: Kind
    again: bool
    share: Annotated[float, Field(ge=0, le=1)]
    reason: Annotated[str, Field(min_length=3, max_length=60)]
    parts: Annotated[list[Part], Field(min_length=1, max_length=3)]
    note: str | None
    confidence: Annotated[float, Field(ge=0, le=1)]


TOLD = json.dumps(
    {"language": "de", "company": "Mensa Fiktiva", "products": [{"sku": "A-1"}, {"sku": "B-2"}]}
)
SCHEMA = Reply.model_json_schema()


def _openai(outside: Outside, key: str | None = None) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key=key or outside.accounts.openai, base_url=outside.openai_url, max_retries=0
    )


def _anthropic(outside: Outside, key: str | None = None) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(
        api_key=key or outside.accounts.anthropic, base_url=outside.anthropic_url, max_retries=0
    )


async def test_openai_answers_both_ways_and_charges_for_it(outside: Outside) -> None:
    async with _openai(outside) as client:
        completion = await client.chat.completions.parse(
            model="gpt-4.1-mini",
            messages=[{"role": "system", "content": "be brief"}, {"role": "user", "content": TOLD}],
            response_format=Reply,
        )
        response = await client.responses.parse(
            model="gpt-4.1", instructions="be brief", input=TOLD, text_format=Reply, max_output_tokens=400
        )
        plain = await client.responses.create(model="gpt-4.1", input="Wann ist Messe?", max_output_tokens=2)
        assert {one.id async for one in client.models.list()} >= {"gpt-4.1", "gpt-4.1-mini"}
    answer = completion.choices[0].message.parsed
    assert answer is not None
    assert (answer.kind, answer.parts[0].sku) == (Kind.CANTEEN, "A-1")
    assert response.output_parsed is not None
    assert response.output_parsed.kind is Kind.CANTEEN
    assert (plain.status, len(plain.output_text)) == ("incomplete", 8)
    usage, bill = completion.usage, outside.bill("openai")
    assert usage is not None
    assert response.usage is not None
    assert len(bill.calls) == 3
    assert (bill.calls[0].input_tokens, bill.calls[0].output_tokens) == (
        usage.prompt_tokens,
        usage.completion_tokens,
    )
    assert bill.calls[1].input_tokens == response.usage.input_tokens
    assert bill.calls[0].usd == (
        Decimal("0.40") * usage.prompt_tokens + Decimal("1.60") * usage.completion_tokens
    ) / Decimal(1_000_000)
    assert bill.eur(Decimal("0.5")) * 2 == bill.usd == sum(call.usd for call in bill.calls)


async def test_anthropic_answers_by_format_and_by_tool(outside: Outside) -> None:
    async with _anthropic(outside) as client:
        message = await client.messages.parse(
            model="claude-haiku-4-5",
            max_tokens=400,
            system="be brief",
            messages=[{"role": "user", "content": TOLD}],
            output_format=Reply,
        )
        tool = await client.messages.create(
            model="claude-sonnet-4-6",
            max_tokens=400,
            messages=[{"role": "user", "content": [{"type": "text", "text": TOLD}]}],
            tools=[{"name": "reply", "input_schema": SCHEMA}],
            tool_choice={"type": "tool", "name": "reply"},
        )
        assert "claude-haiku-4-5" in [one.id async for one in client.models.list()]
    assert message.parsed_output is not None
    assert message.parsed_output.kind is Kind.CANTEEN
    assert (tool.stop_reason, tool.content[0].type) == ("tool_use", "tool_use")
    bill = outside.bill("anthropic")
    assert [call.model for call in bill.calls] == ["claude-haiku-4-5", "claude-sonnet-4-6"]
    assert bill.output_tokens == message.usage.output_tokens + tool.usage.output_tokens
    assert bill.input_tokens == message.usage.input_tokens + tool.usage.input_tokens


async def test_answers_can_be_told_beforehand(outside: Outside) -> None:
    outside.answers("anthropic", [{"a": 1}, "no JSON", Answer(529, {"type": "error", "error": {}})])
    outside.answers("openai", lambda call: {"model": call.model, "heard": call.text})
    async with _anthropic(outside) as client:

        async def say() -> str:
            message = await client.messages.create(
                model="claude-haiku-4-5", max_tokens=50, messages=[{"role": "user", "content": "hear"}]
            )
            return getattr(message.content[0], "text", "")

        assert [await say(), await say()] == ['{"a": 1}', "no JSON"]
        with pytest.raises(anthropic.InternalServerError):
            await say()
        assert await say() not in {'{"a": 1}', "no JSON"}
    async with _openai(outside) as other:
        answer = await other.responses.create(model="gpt-4.1", input="hear")
    assert json.loads(answer.output_text) == {"model": "gpt-4.1", "heard": "hear"}
    assert len(outside.bill("anthropic").calls) == 3, "a refusal costs nothing"


async def test_garbage_and_strangers_are_refused_as_documented(outside: Outside) -> None:
    async with _openai(outside) as client:
        for bad in (
            {"messages": [], "model": "gpt-4.1"},
            {"messages": [7], "model": "gpt-4.1"},
            {"messages": [{"role": "user", "content": [{"type": "image"}]}], "model": "gpt-4.1"},
            {"messages": [{"role": "user", "content": "x"}], "model": ""},
            {"messages": [{"role": "user", "content": "x"}], "model": "gpt-4.1", "max_tokens": 0},
            {"messages": [{"role": "user", "content": "x"}], "model": "gpt-4.1", "stream": True},
            {
                "messages": [{"role": "user", "content": "x"}],
                "model": "gpt-4.1",
                "response_format": {"type": "json_schema", "json_schema": {"name": "x"}},
            },
        ):
            with pytest.raises(openai.BadRequestError) as refused:
                await client.post("/chat/completions", body=bad, cast_to=object)
            assert refused.value.param
        with pytest.raises(openai.NotFoundError):
            await client.get("/assistants", cast_to=object)
        with pytest.raises(openai.BadRequestError):
            await client.post("/responses", body={"model": "gpt-4.1", "input": 3}, cast_to=object)
    async with _openai(outside, "stranger") as client:
        with pytest.raises(openai.AuthenticationError) as unknown:
            await client.responses.create(model="gpt-4.1", input="x")
        assert unknown.value.code == "invalid_api_key"
    async with _anthropic(outside) as known:
        for body in (
            {"model": "claude-haiku-4-5", "max_tokens": 5, "messages": []},
            {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "x"}]},
            {"model": 7, "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]},
        ):
            with pytest.raises(anthropic.BadRequestError):
                await known.post("/v1/messages", body=body, cast_to=object)
    async with _anthropic(outside, "stranger") as stranger:
        with pytest.raises(anthropic.AuthenticationError):
            await stranger.messages.create(
                model="claude-haiku-4-5", max_tokens=5, messages=[{"role": "user", "content": "x"}]
            )
    assert "stranger" not in str([one.headers for one in outside.log("openai")])
    assert outside.bill("openai").calls == outside.bill("anthropic").calls == ()


def test_a_small_model_is_unsure_in_one_of_five_and_a_large_one_never() -> None:
    asked = [Question(f"Frage {number}", "", "gpt-4.1-mini") for number in range(2_000)]
    sure = sum(confidence(one) >= 0.7 for one in asked) / len(asked)
    assert 0.77 < sure < 0.83
    assert min(confidence(Question(one.text, "", "gpt-4.1")) for one in asked) >= 0.86
    assert [confidence(one) for one in asked] == [confidence(one) for one in asked]


def test_whatever_the_schema_the_answer_fits() -> None:
    nested = {
        "type": "object",
        "$defs": {"N": {"type": ["integer", "null"], "exclusiveMinimum": 3, "maximum": 9}},
        "properties": {
            "n": {"$ref": "#/$defs/N"},
            "fixed": {"const": "x"},
            "either": {"anyOf": [{"type": "null"}, {"allOf": [{"$ref": "#/$defs/N"}]}]},
            "free": {},
            "objection": {"type": "string"},
            "arguments": {"type": "array", "items": {"type": "string"}, "minItems": 2},
            "text": {"type": "string", "maxLength": 12},
        },
    }
    for told in ("", "{", "Guten Tag, wir haben Fragen.", '{"a": ["b c"]}'):
        made = invent(nested, Question(told, "", "gpt-4.1-mini"))
        assert 3 < made["n"] <= 9
        assert 3 < made["either"] <= 9
        assert made["fixed"] == "x"
        assert len(set(made["arguments"])) == 2
        assert 0 < len(made["text"]) <= 12
