"""Requests made up from the OpenAPI document, and what came of them.

A process of its own, because whoever makes things up turns the dice of the whole process:

    python -m tests.fuzz.generated < order.json > tally.json
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.engine import Status, events, from_schema
from schemathesis.hooks import unregister

from protection.permission import Role
from tests.fuzz.known import ASKERS, Known

# What any server may send by itself, and ours sends always (`api/frame.py`).
_STANDING: Final = frozenset(
    {
        "cache-control",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "date",
        "permissions-policy",
        "referrer-policy",
        "transfer-encoding",
        "x-content-type-options",
    }
)
_UNPROCESSABLE: Final = 422
_AWAY: Final = 503
# What no schema can say: which cursors there are, that one parameter forbids another, what is left of a
# text once its signs are taken out, how far a calendar reaches, and that 5.0 is not meant where 5 is. And
# what is said twice: of a header with a pattern and a length, limits are tried without the pattern.
_BEYOND_SCHEMAS: Final = frozenset(
    {"unknown-cursor", "malformed", "one-of-two", "year-out-of-range", "int-type", "not-one-etag"}
)
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to ask.

    Attributes:
        url: where the API is.
        tokens: of everybody, by user.
        rehearsal: one that may be looked at.
        role: in which to ask.
        examples: how many requests to make up for each operation, right ones and wrong ones.
        limits: whether to try besides what lies at and beyond every limit, one at a time.
        chains: whether to make up requests besides out of what others have answered.
        seed: the same one makes up the same requests.
    """

    url: str
    tokens: dict[str, str]
    rehearsal: str
    role: Role
    examples: int
    limits: bool
    chains: bool
    seed: int


@dataclass
class Tally:
    """What one role's requests were answered.

    Attributes:
        answers: how often which status, by operation.
        failures: what was found, each once, with a request that shows it.
    """

    role: Role
    answers: dict[str, Counter[int]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def statuses(self) -> Counter[int]:
        """How often which status."""
        return sum(self.answers.values(), Counter[int]())

    def to_json(self) -> str:
        """As a process tells it to the one that started it."""
        answers = {operation: dict(counted) for operation, counted in self.answers.items()}
        return json.dumps({"role": self.role, "answers": answers, "failures": self.failures})

    @classmethod
    def from_json(cls, text: str) -> Tally:
        """What such a process has told."""
        told = json.loads(text)
        answers = {
            operation: Counter({int(status): number for status, number in counted.items()})
            for operation, counted in told["answers"].items()
        }
        return cls(Role(told["role"]), answers, told["failures"])


@schemathesis.check
def headers_are_documented(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: Case[Any]
) -> bool | None:
    """Every header is one of all answers, or declared where it is sent."""
    declared = case.operation.definition.raw["responses"].get(str(response.status_code))
    if declared is None:
        # Another check's business.
        return None
    known = _STANDING | {name.lower() for name in declared["headers"]}
    unknown = sorted(name for name in response.headers if name.lower() not in known)
    if unknown:
        raise Failure(
            operation=case.operation.label,
            title="Undocumented header",
            message=f"{response.status_code}: {', '.join(unknown)}",
        )
    return None


@schemathesis.check
def nobody_is_away(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: Case[Any]
) -> bool | None:
    """Whatever is connected answers."""
    if response.status_code != _AWAY or str(response.json()["type"]).endswith(":not-configured"):
        return None
    raise Failure(operation=case.operation.label, title="Something does not answer", message=response.text)


@schemathesis.check
def what_is_right_is_understood(
    _: schemathesis.CheckContext, response: schemathesis.Response, case: Case[Any]
) -> bool | None:
    """What fits the document is refused for a reason of the domain, never for its form."""
    if case.meta is None or case.meta.generation.mode.is_negative or response.status_code != _UNPROCESSABLE:
        return None
    if case.media_type not in {None, "application/json"}:
        # Of a table the document says only that it is text.
        return None
    told = response.json()
    errors = [one for one in told.get("errors", ()) if one["code"] not in _BEYOND_SCHEMAS]
    if errors and told["type"].endswith(":unprocessable"):
        raise Failure(
            operation=case.operation.label,
            title="Right by the document, and refused",
            message=json.dumps(errors),
        )
    return None


def run(order: Order) -> Tally:
    """Ask every operation."""
    config = schemathesis.Config.from_dict(
        {
            "seed": order.seed,
            "base-url": order.url,
            "headers": {"Authorization": f"Bearer {order.tokens[ASKERS[order.role]]}"},
            "continue-on-failure": True,
            "request-timeout": _SECONDS,
            "generation": {"max-examples": order.examples, "database": "none"},
            "phases": {"coverage": {"enabled": order.limits}, "stateful": {"enabled": order.chains}},
            "checks": {
                # 503 where a system outside is not connected; `nobody_is_away` sees to the others.
                "positive_data_acceptance": {
                    "expected-statuses": [
                        "2xx",
                        "3xx",
                        "403",
                        "404",
                        "409",
                        "410",
                        "412",
                        "422",
                        "429",
                        "503",
                    ]
                },
                "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
            },
        }
    )
    tally = Tally(order.role)
    with httpx.Client(base_url=order.url, timeout=_SECONDS) as http:
        known = Known(http, order.tokens, order.rehearsal)
        known.stock_up(order.role)
        schema = schemathesis.openapi.from_dict(http.get("/api/openapi.json").json(), config=config)
        with _naming(known, order.role):
            for event in from_schema(schema).execute():
                _take_down(event, tally)
    return tally


@contextmanager
def _naming(known: Known, role: Role) -> Iterator[None]:
    """Requests name what is there, as long as this lasts."""

    def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
        known.put_into(case, role)

    schemathesis.hook(before_call)
    try:
        yield
    finally:
        unregister(before_call)


def _take_down(event: events.EngineEvent, tally: Tally) -> None:
    if isinstance(event, events.NonFatalError | events.FatalError):
        tally.failures[type(event).__name__] = repr(event)
    if not isinstance(event, events.ScenarioFinished):
        return
    recorder = event.recorder
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None:
            label = recorder.cases[case_id].value.operation.label
            tally.answers.setdefault(label, Counter())[interaction.response.status_code] += 1
    for case_id, checks in recorder.checks.items():
        for one in checks:
            if one.status is Status.FAILURE and one.failure_info is not None:
                failure = one.failure_info.failure
                label = recorder.cases[case_id].value.operation.label
                what = f"{label}: {failure.title} ({one.name})"
                tally.failures.setdefault(what, f"{failure.message}\n{one.failure_info.code_sample}")


def main() -> None:
    """Carry out the order on standard input."""
    told = json.load(sys.stdin)
    order = Order(**{**told, "role": Role(told["role"])})
    sys.stdout.write(run(order).to_json())


if __name__ == "__main__":
    main()
