"""Ledgers in the form of the conformance vectors: read, and answered in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from protection.dates import format_instant, parse_instant
from protection.facts import Fact
from protection.lifecycle import Snapshot
from protection.policy import Policy, PolicyError, policy_from_json
from protection.refusal import Code, Refused
from protection.simulator import Transition, run
from protection.wire import fact_from_json

_SNAPSHOT_TIMES = ("base_until", "progress_until", "reminder_due_at", "grace_until", "valid_until")


class VectorError(ValueError):
    """A ledger that cannot be read; names the ledger and the field."""


@dataclass(frozen=True, slots=True)
class Vector:
    """One ledger to be played: policy, registration, facts, where to stop, which instants to answer."""

    id: str
    policy: Policy
    registered_at: datetime
    facts: tuple[Fact, ...]
    until: datetime
    as_of: tuple[datetime, ...]


def _fact(index: int, raw: Mapping[str, Any]) -> Fact:
    # Nobody decides a request of their own.
    by = "decider" if raw.get("type") == "request_decided" else "vector"
    values = {"fact_id": f"f{index}", "by": by, "recorded_at": raw.get("at")}
    values |= {name: value for name, value in raw.items() if name != "at"}
    if raw.get("type") == "activity":
        values.setdefault("occurred_at", raw.get("at"))
    if raw.get("type") in {"hold_placed", "hold_requested"}:
        values.setdefault("start_at", raw.get("at"))
    return fact_from_json(values)


def read_vector(raw: Mapping[str, Any]) -> Vector:
    """One ledger of a file in the vectors' form.

    Raises:
        VectorError: something is missing or malformed; names the ledger and the field.
    """
    name = "(no id)"
    try:
        name = str(raw["id"])
        facts = tuple(_fact(index, fact) for index, fact in enumerate(raw["facts"]))
        moments = [fact.recorded_at for fact in facts]
        if moments != sorted(moments):
            raise Refused(Code.RECORDED_BACKWARDS, "facts", "facts must be in order of `at`")
        return Vector(
            id=name,
            policy=policy_from_json(raw["policy"]),
            registered_at=parse_instant(raw["registered_at"]),
            facts=facts,
            until=parse_instant(raw["until"]),
            as_of=tuple(parse_instant(moment) for moment in raw.get("as_of", ())),
        )
    except KeyError as error:
        raise VectorError(f"ledger {name}: {error.args[0]} is missing") from error
    except (Refused, PolicyError) as error:
        raise VectorError(f"ledger {name}: {error.field}: {error.message}") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise VectorError(f"ledger {name}: {error}") from error


def transition_to_json(transition: Transition) -> dict[str, str]:
    """A transition in the vectors' form."""
    plain = {"at": format_instant(transition.at), "to": str(transition.to)}
    return plain | ({"reason": str(transition.reason)} if transition.reason else {})


def snapshot_to_json(answer: Snapshot) -> dict[str, Any]:
    """A snapshot in the vectors' form."""
    times = {name: getattr(answer, name) for name in _SNAPSHOT_TIMES}
    return {
        "as_of": format_instant(answer.as_of),
        "status": str(answer.status),
        "paused": answer.paused,
        **{name: None if moment is None else format_instant(moment) for name, moment in times.items()},
    }


def play(vector: Vector) -> dict[str, Any]:
    """The engine's answer to one ledger, in the vectors' form."""
    result = run(vector.policy, vector.registered_at, vector.facts, until=vector.until, as_of=vector.as_of)
    return {
        "id": vector.id,
        "transitions": [transition_to_json(transition) for transition in result.transitions],
        "rejected_facts": result.rejected,
        "snapshots": [snapshot_to_json(answer) for answer in result.snapshots],
    }
