"""What FastAPI leaves out of the OpenAPI document: first sentences, headers of answers, examples."""

from __future__ import annotations

import re
from typing import Any, Final

from api.examples import EXAMPLES

_SENTENCE: Final = re.compile(r"(.+?)[.](?:\s+|$)", re.DOTALL)
_TEXT: Final = {"type": "string"}
_REF: Final = "#/components/headers/{name}"
HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {
        "description": "The state this shows, for `If-Match` and `If-None-Match`.",
        "required": True,
        "schema": {**_TEXT, "pattern": r'^"[0-9]+(\.[0-9]+)?"$'},
    },
    "Location": {
        "description": "Where it is found.",
        "required": True,
        "schema": {**_TEXT, "pattern": "^/api/"},
    },
    "X-Request-Id": {
        "description": "Stands for this one answer, in the log too.",
        "required": True,
        "schema": {**_TEXT, "pattern": "^[0-9a-f]{16}$"},
    },
    "WWW-Authenticate": {
        "description": "Why the token was not taken (RFC 6750).",
        "required": True,
        "schema": {**_TEXT, "pattern": "^Bearer "},
    },
    "Retry-After": {
        "description": "Seconds after which to come again, with the same Idempotency-Key.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "Accept": {"description": "What is read instead.", "required": True, "schema": _TEXT},
}
_PARAMETERS: Final = {"lead": "id of the lead", "rehearsal": "id of the rehearsal", "job": "id of the import"}
# Read from the request itself, so that FastAPI does not know of it.
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": _TEXT,
    "description": "An `ETag` of an earlier answer: only what is new since then is sent, else 304.",
}
# What every answer of a status carries beside its X-Request-Id.
_OF_STATUS: Final = {"401": "WWW-Authenticate", "415": "Accept", "429": "Retry-After", "503": "Retry-After"}


def complete(path: str, operation: dict[str, Any]) -> None:
    """Put into an operation what is known of it elsewhere."""
    _say_shortly(operation)
    if "304" in operation["responses"]:
        operation["parameters"].append(_IF_NONE_MATCH)
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in _PARAMETERS:
            parameter.setdefault("description", _PARAMETERS[parameter["name"]])
    for status, response in operation["responses"].items():
        names = {"X-Request-Id"}
        if path.startswith("/api/") and status in _OF_STATUS:
            names.add(_OF_STATUS[status])
        headers = response.setdefault("headers", {})
        headers.update({name: {"$ref": _REF.format(name=name)} for name in sorted(names)})
    given = EXAMPLES.get(operation["operationId"])
    if given is not None:
        content = operation["requestBody"]["content"]["application/json"]
        content["examples"] = {name: {"summary": one.says, "value": one.body} for name, one in given.items()}


def _say_shortly(operation: dict[str, Any]) -> None:
    """The first sentence is the summary, the others are the description."""
    told: str = operation["description"]
    first = _SENTENCE.match(told)
    if first is None:
        raise ValueError(f"{operation['operationId']} does not say what it does")
    operation["summary"] = " ".join(first[1].split())
    rest = told[first.end() :].strip()
    if rest:
        operation["description"] = rest
    else:
        del operation["description"]
