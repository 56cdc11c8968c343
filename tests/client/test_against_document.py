"""The client and the document say the same: every operation, parameter, model and field."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import BaseModel
from pydantic.alias_generators import to_snake

from client import Fristwerk, Problem, Retries, problems
from client.asking import Group
from client.base import Sent, Told
from tests.api.document import COMMITTED
from tests.client.generate import CLIENT, Contract, Operation, class_of, operations

DOCUMENT: Final[dict[str, Any]] = json.loads(COMMITTED.read_text(encoding="utf-8"))
OPERATIONS: Final = operations(DOCUMENT)
NOW: Final = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


class Wire:
    """Takes requests down and answers that nobody is there."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []
        self.api = Fristwerk(
            "http://api.test",
            "token",
            retries=Retries(attempts=1),
            transport=httpx.MockTransport(self._take_down),
        )

    def _take_down(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return httpx.Response(503)

    def group(self, tag: str) -> Group:
        """The operations of a subject."""
        found = getattr(self.api, tag)
        assert isinstance(found, Group)
        return found


def value_for(kind: Any, one: Operation) -> Any:
    """Something an argument of this type takes."""
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    choices = [choice for choice in get_args(kind) if choice is not type(None)]
    if choices:
        return value_for(choices[0], one)
    if isinstance(kind, type) and issubclass(kind, Sent):
        examples = one.told["requestBody"]["content"]["application/json"]["examples"]
        return kind.model_validate(next(iter(examples.values()))["value"])
    return {UUID: uuid4(), str: "a/b", bool: True, int: 3, datetime: NOW}[kind]


def called(one: Operation, name: str) -> tuple[httpx.Request, dict[str, Any]]:
    """The request of a method with every argument given, and the arguments."""
    wire = Wire()
    method = getattr(wire.group(one.tag), name)
    hints = get_type_hints(method)
    arguments = {
        parameter: value_for(hints[parameter], one) for parameter in inspect.signature(method).parameters
    }
    with pytest.raises(Problem) as told:
        method(**arguments)
    assert told.value.status == 503
    (request,) = wire.seen
    return request, arguments


def test_what_is_made_is_made_of_the_committed_document() -> None:
    for name, text in Contract(DOCUMENT).modules().items():
        assert (CLIENT / name).read_text(encoding="utf-8") == text, f"{name}: run `make openapi`"


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.name)
def test_every_operation_has_a_method_that_asks_it(one: Operation) -> None:
    request, arguments = called(one, one.name)
    assert request.method == one.method
    parts = {
        part: str(arguments[to_snake(part)]).replace("/", "%2F") for part in re.findall(r"{(\w+)}", one.path)
    }
    assert request.url.raw_path.decode().partition("?")[0] == one.path.format(**parts)
    assert set(request.url.params) == {told["name"] for told in one.parameters("query")} - {"format"}
    for told in one.parameters("query"):
        if told["schema"].get("type") == "boolean":
            assert request.url.params[told["name"]] == "true"
    for told in one.parameters("header"):
        assert request.headers[told["name"]] == "a/b"
    assert request.headers["authorization"] == "Bearer token"
    if one.body is None:
        assert request.content == b""
    else:
        examples = one.told["requestBody"]["content"]["application/json"]["examples"]
        sent, meant = json.loads(request.content), next(iter(examples.values()))["value"]
        assert set(sent) == set(meant)
        assert type(arguments["body"]).model_validate(meant) == arguments["body"]
    assert len(arguments) == len(parts) + len(one.parameters("header")) + (one.body is not None) + len(
        request.url.params
    )


def test_the_list_is_there_as_csv_too() -> None:
    one = next(one for one in OPERATIONS if one.name == "list_leads_page")
    request, _ = called(one, "list_leads_page_csv")
    assert request.url.params["format"] == "csv"
    assert request.headers["accept"] == "text/csv"
    assert set(request.url.params) == {told["name"] for told in one.parameters("query")} - {"limit", "cursor"}


def test_there_is_no_method_more() -> None:
    wire = Wire()
    for tag in {one.tag for one in OPERATIONS}:
        names = {one.name for one in OPERATIONS if one.tag == tag}
        if tag == "leads":
            names.add("list_leads_page_csv")
        assert {name for name in vars(type(wire.group(tag))) if not name.startswith("_")} == names
    groups = {name for name, part in vars(wire.api).items() if isinstance(part, Group)}
    assert groups == {one.tag for one in OPERATIONS}


def models() -> Iterator[tuple[str, type[BaseModel]]]:
    """Every schema with fields, and its model."""
    known = {kind.__name__: kind for base in (Sent, Told) for kind in base.__subclasses__()}
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if "properties" in schema and name != "Problem":
            yield name, known[class_of(name)]


@pytest.mark.parametrize(
    ("name", "model"), list(models()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_models_have_the_fields_of_their_schemas(name: str, model: type[BaseModel]) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    fields = {field.alias or attribute: field for attribute, field in model.model_fields.items()}
    assert set(fields) == set(schema["properties"])
    assert {wire for wire, field in fields.items() if field.is_required()} == set(schema.get("required", ()))
    ours = model.model_json_schema(ref_template="#/components/schemas/{model}")["properties"]
    for wire, told in schema["properties"].items():
        assert _shape(ours[wire]) == _shape(told), wire


def _shape(schema: dict[str, Any]) -> Any:
    """A type without what limits its values, so that both sides can be compared."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        known = DOCUMENT["components"]["schemas"].get(name)
        if known is not None and "enum" in known:
            return _shape(known)
        return class_of(name)
    if "oneOf" in schema or "anyOf" in schema:
        return {json.dumps(_shape(one)) for one in schema.get("oneOf", schema.get("anyOf", ()))}
    words = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if words is not None:
        return sorted(words)
    inner = schema.get("items", schema.get("additionalProperties"))
    return [
        schema.get("type"),
        schema.get("format") if schema.get("format") != "email" else None,
        _shape(inner) if isinstance(inner, dict) else None,
    ]


def test_problems_have_the_fields_of_theirs() -> None:
    schema = DOCUMENT["components"]["schemas"]["Problem"]
    fields = set(inspect.signature(problems._Problem).parameters) | {"status"}
    assert fields == set(schema["properties"])
