"""Writes what of the client follows from docs/openapi.json: `make openapi` does it.

One module a tag with its models and operations, `client/shared.py` with models of several tags,
`client/words.py` with what may only be one of a few words.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from pydantic.alias_generators import to_camel, to_snake

from tests.api.document import COMMITTED

CLIENT: Final = COMMITTED.parents[1] / "client"
# Groups whose name would hide something else.
GROUPS: Final = {"protection": "ProtectionClock"}
# Subjects that stand on another one and take its models from there.
_STANDS_ON: Final = {"imports": "leads"}
# Written by hand, in `client/problems.py`.
_OWN: Final = {"FieldError", "Problem"}
# Known to pydantic by the same name.
_OF_PYDANTIC: Final = {"JsonValue"}
_PAGE: Final = re.compile(r"Page_(\w+)_")
_KINDS: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMATS: Final = {"uuid": "UUID", "date-time": "datetime", "date": "date"}
_WIDTH: Final = 110
_JSON, _CSV = "application/json", "text/csv"
_IMPORTS: Final = """
from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
"""

_WORDS: Final = """\"\"\"What may only be one of a few words. Made by `make openapi`.\"\"\"

from __future__ import annotations

from typing import Literal, TypeAlias
"""

Schema: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    told: Schema

    @property
    def tag(self) -> str:
        tag: str = self.told["tags"][0]
        return tag

    @property
    def name(self) -> str:
        return to_snake(self.told["operationId"])

    def parameters(self, place: str) -> list[Schema]:
        """Those of a place: path, query or header."""
        return [one for one in self.told.get("parameters", ()) if one["in"] == place]

    @property
    def body(self) -> str | None:
        """The model of its body."""
        if "requestBody" not in self.told:
            return None
        return class_of(self.told["requestBody"]["content"][_JSON]["schema"]["$ref"])

    def answers(self) -> dict[int, Schema]:
        """Content by status, of the answers that say yes."""
        return {
            int(status): answer.get("content", {})
            for status, answer in self.told["responses"].items()
            if status < "300"
        }


def operations(document: Schema) -> list[Operation]:
    """All of a document."""
    return [
        Operation(method.upper(), path, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def class_of(reference: str) -> str:
    """What a schema is called here."""
    name = reference.rpartition("/")[2]
    page = _PAGE.fullmatch(name)
    return name if page is None else f"{page[1]}Page"


def references(value: Any) -> Iterator[str]:
    """The names of all schemas that are referred to in there."""
    if isinstance(value, dict):
        if "$ref" in value and "/schemas/" in value["$ref"]:
            yield value["$ref"].rpartition("/")[2]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


# ---------------------------------------------------------------- types


def type_of(schema: Schema) -> str:
    """A schema as an annotation."""
    if "$ref" in schema:
        return class_of(schema["$ref"])
    if "oneOf" in schema:
        choices = " | ".join(type_of(one) for one in schema["oneOf"])
        key = schema["discriminator"]["propertyName"]
        return f'Annotated[{choices}, Field(discriminator="{key}")]'
    if "anyOf" in schema:
        return " | ".join(type_of(one) for one in schema["anyOf"])
    if "const" in schema:
        return f'Literal["{schema["const"]}"]'
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(word) for word in schema['enum'])}]"
    return _type_of_kind(schema)


def _type_of_kind(schema: Schema) -> str:
    kind = schema["type"]
    if kind == "array":
        return f"list[{type_of(schema['items'])}]"
    if kind == "object":
        inner = schema.get("additionalProperties", True)
        key = type_of(schema["propertyNames"]) if "propertyNames" in schema else "str"
        return f"dict[{key}, {'Any' if inner is True else type_of(inner)}]"
    return _FORMATS.get(schema.get("format", ""), _KINDS[kind])


def _docstring(text: str, indent: str) -> str:
    lines = text.strip().splitlines()
    if len(lines) == 1:
        return f'{indent}"""{lines[0]}"""'
    wrapped: list[str] = []
    for paragraph in "\n".join(lines[1:]).split("\n\n"):
        told = paragraph.splitlines()
        if any(len(line) + len(indent) > _WIDTH for line in told):
            told = textwrap.wrap(" ".join(told), _WIDTH - len(indent))
        wrapped += ["", *told] if wrapped else told
    inner = [f"{indent}{line}".rstrip() for line in wrapped]
    return "\n".join([f'{indent}"""{lines[0]}', *inner, f'{indent}"""'])


def _model(name: str, schema: Schema, *, sent: bool) -> str:
    lines = [f"class {class_of(name)}({'Sent' if sent else 'Told'}):"]
    lines.append(_docstring(schema.get("description") or "A page of a list.", "    "))
    lines.append("")
    for wire, told in schema["properties"].items():
        attribute = to_snake(wire)
        options = "" if to_camel(attribute) == wire else f'alias="{wire}"'
        default = ""
        if wire not in schema.get("required", ()):
            default = (
                "default_factory=list" if told.get("type") == "array" else f"default={told.get('default')!r}"
            )
        if default.startswith("default=") and not options:
            lines.append(f"    {attribute}: {type_of(told)} = {default.removeprefix('default=')}")
        elif default or options:
            given = ", ".join(filter(None, (default, options)))
            lines.append(f"    {attribute}: {type_of(told)} = Field({given})")
        else:
            lines.append(f"    {attribute}: {type_of(told)}")
    return "\n".join(lines)


# ---------------------------------------------------------------- operations


def _method(one: Operation) -> list[str]:
    contents = one.answers()
    made = {status: content[_JSON]["schema"] for status, content in contents.items() if _JSON in content}
    if made:
        classes = {status: class_of(schema["$ref"]) for status, schema in made.items()}
        given = ", ".join(f"{status}: {name}" for status, name in classes.items())
        kind = " | ".join(dict.fromkeys(classes.values()))
        found = [_written(one, one.name, kind, f"ask(call, {{{given}}})", {"format"})]
        if any(_CSV in content for content in contents.values()):
            left_out = {"limit", "cursor"}
            found.append(_written(one, f"{one.name}_csv", "str", f'ask_text(call, "{_CSV}")', left_out))
        return found
    if any(contents.values()):
        (media_type,) = next(iter(contents.values()))
        return [_written(one, one.name, "str", f'ask_text(call, "{media_type}")', set())]
    return [_written(one, one.name, "None", "tell(call)", set())]


def _written(one: Operation, name: str, kind: str, asking: str, left_out: set[str]) -> str:
    path = [parameter["name"] for parameter in one.parameters("path")]
    query = [parameter for parameter in one.parameters("query") if parameter["name"] not in left_out]
    if name.endswith("_csv"):
        query = [parameter for parameter in query if parameter["name"] != "format"]
    headers = [parameter["name"] for parameter in one.parameters("header")]
    types = {parameter["name"]: type_of(parameter["schema"]) for parameter in one.parameters("path")}
    arguments = ["self", *(f"{to_snake(part)}: {types[part]}" for part in path)]
    if one.body is not None:
        arguments.append(f"body: {one.body}")
    optional = [
        f"{to_snake(parameter['name'])}: {type_of(parameter['schema'])} | None = None" for parameter in query
    ]
    optional += [f"{_snake_header(header)}: str | None = None" for header in headers]
    if optional:
        arguments += ["*", *optional]
    where = f'"{one.path}"'
    if path:
        where = f"address({where}, {', '.join(f'{part}={to_snake(part)}' for part in path)})"
    call = [f'method="{one.method}"', f"path={where}"]
    asked = [f'"{parameter["name"]}": {to_snake(parameter["name"])}' for parameter in query]
    asked += ['"format": "csv"'] if name.endswith("_csv") else []
    if asked:
        call.append(f"query={{{', '.join(asked)}}}")
    if headers:
        told = ", ".join(f'"{header}": {_snake_header(header)}' for header in headers)
        call.append(f"headers={{{told}}}")
    if one.body is not None:
        call.append("body=body")
    if "Idempotency-Key" in headers:
        call.append("keyed=True")
    lines = [f"    def {name}({', '.join(arguments)}) -> Answer[{kind}]:"]
    lines.append(_docstring(_says(one), "        "))
    lines.append(f"        call = Call({', '.join(call)})")
    lines.append(f"        return self._asker.{asking}")
    return "\n".join(lines)


def _says(one: Operation) -> str:
    said: str = one.told["summary"] + "."
    more = one.told.get("description")
    return said if more is None else f"{said}\n\n{more}"


def _snake_header(name: str) -> str:
    return name.lower().replace("-", "_")


# ---------------------------------------------------------------- modules


class Contract:
    """The document, and what follows from it for modules.

    Attributes:
        schemas: by name, without those written by hand.
        tags: under which each schema is met.
        sent: the schemas that are part of a request's body.
    """

    def __init__(self, document: Schema) -> None:
        self.operations = operations(document)
        everything: dict[str, Schema] = document["components"]["schemas"]
        self.schemas = {name: told for name, told in everything.items() if name not in _OWN}
        self.tags: dict[str, set[str]] = defaultdict(set)
        self.sent: set[str] = set()
        for one in self.operations:
            for name in self._reached(one.told):
                self.tags[name].add(one.tag)
            self.sent |= self._reached(one.told.get("requestBody"))

    def _reached(self, told: Any) -> set[str]:
        """The schemas in there, and those they are made of."""
        found: set[str] = set()
        waiting = list(references(told))
        while waiting:
            name = waiting.pop()
            if name in self.schemas and name not in found:
                found.add(name)
                waiting += references(self.schemas[name])
        return found

    def modules(self) -> dict[str, str]:
        """The text of every module, by file name."""
        homes: dict[str, list[str]] = defaultdict(list)
        for name in sorted(set(self.schemas) - _OF_PYDANTIC):
            homes[self._home(name)].append(name)
        words = [f"{class_of(name)}: TypeAlias = {type_of(self.schemas[name])}" for name in homes["words"]]
        made = {"words": "\n".join((_WORDS, *words)), "shared": self._module("shared", homes["shared"], [])}
        for tag in sorted({one.tag for one in self.operations}):
            own = [one for one in self.operations if one.tag == tag]
            made[tag] = self._module(tag, homes[tag], own)
        return {f"{name}.py": _formatted(text, name) for name, text in made.items()}

    def _home(self, name: str) -> str:
        if "enum" in self.schemas[name]:
            return "words"
        tags = {tag for tag in self.tags[name] if _STANDS_ON.get(tag) not in self.tags[name]}
        return "shared" if len(tags) > 1 else next(iter(tags))

    def _module(self, tag: str, names: list[str], listed: list[Operation]) -> str:
        what = "Models of several subjects" if tag == "shared" else f"The subject {tag}"
        parts = [f'"""{what}. Made by `make openapi`."""', _IMPORTS, self._foreign(tag, names, listed)]
        parts += [_model(name, self.schemas[name], sent=name in self.sent) for name in self._in_order(names)]
        if listed:
            group = GROUPS.get(tag, tag.capitalize())
            head = f'class {group}(Group):\n    """Operations of the subject {tag}."""'
            parts.append("\n\n".join([head, *(text for one in listed for text in _method(one))]))
        return "\n\n\n".join(parts)

    def _foreign(self, tag: str, names: list[str], listed: list[Operation]) -> str:
        used = {name for known in names for name in references(self.schemas[known])}
        used |= {name for one in listed for name in references(one.told) if name in self.schemas}
        homes: dict[str, list[str]] = defaultdict(list)
        for name in sorted(used - _OF_PYDANTIC):
            homes[self._home(name)].append(class_of(name))
        return "\n".join(
            f"from client.{home} import {', '.join(sorted(found))}"
            for home, found in sorted(homes.items())
            if home != tag
        )

    def _in_order(self, names: list[str]) -> list[str]:
        """Models after those they are made of."""
        done: list[str] = []

        def put(name: str) -> None:
            if name in names and name not in done:
                for other in sorted(set(references(self.schemas[name])) - {name}):
                    put(other)
                done.append(name)

        for name in names:
            put(name)
        return done


def _formatted(text: str, name: str) -> str:
    """As the house writes it, without imports that are not used."""
    ruff = Path(sys.executable).parent / "ruff"
    for command in (["check", "--quiet", "--fix-only", "--select=F401,I"], ["format", "--quiet"]):
        done = subprocess.run(
            [ruff, *command, f"--stdin-filename={CLIENT / name}.py", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=CLIENT.parent,
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    for file, written in Contract(json.loads(COMMITTED.read_text(encoding="utf-8"))).modules().items():
        (CLIENT / file).write_text(written, encoding="utf-8")
