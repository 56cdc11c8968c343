"""What users do in the load benchmark, for locust; one file for both sides, told by the environment.

Run by `benchmarks.load`, never by itself: LOAD_SIDE (ours or bare), LOAD_TENANT, LOAD_LEADS, LOAD_TOKEN.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from locust import HttpUser, TaskSet, between

_OURS: Final = os.environ["LOAD_SIDE"] == "ours"
_TENANT: Final = UUID(os.environ["LOAD_TENANT"])
_LEADS: Final = int(os.environ["LOAD_LEADS"])
_HEADS: Final = {"Authorization": f"Bearer {os.environ['LOAD_TOKEN']}"}
_CHANCE: Final = random.Random(20261123)
_LETTERS: Final = "abdefghiklmnoprstuvz"


def _lead() -> UUID:
    return uuid5(_TENANT, f"written to {_CHANCE.randrange(_LEADS)}")


def _tell(user: HttpUser, name: str, path: str, body: Mapping[str, object]) -> None:
    if not _OURS:
        path, body = f"/bare/{_CHANCE.randrange(_LEADS)}", {"kind": "QUALIFIED_CALL"}
    user.client.post(path, name=name, headers=_HEADS, json=body)


def _look(user: HttpUser) -> None:
    path = f"/api/leads/{_lead()}/protection" if _OURS else f"/leads/{_lead()}"
    user.client.get(path, name="protection", headers=_HEADS)


def _list(user: HttpUser) -> None:
    user.client.get("/api/leads?limit=50" if _OURS else "/leads", name="list", headers=_HEADS)


def _log(user: HttpUser) -> None:
    _tell(user, "activities", f"/api/leads/{_lead()}/activities", {"kind": "QUALIFIED_CALL"})


def _hold(user: HttpUser) -> None:
    _tell(user, "holds", f"/api/leads/{_lead()}/holds", {"reason": "FFZ_SUPPLY_ISSUE"})


def _register(user: HttpUser) -> None:
    body = {
        "company": "".join(_CHANCE.choices(_LETTERS, k=10)).capitalize() + " GmbH",
        "city": "Erfurt",
        "contact": {"name": "Jo Erfunden"},
        "confirmSimilar": {"reason": "Another company"},
    }
    _tell(user, "registrations", "/api/leads", body)


# Of a hundred acts: 45, 25, 15, 10 and 5.
_ACTS: Final[list[TaskSet | Callable[..., Any]]] = [
    *[_look] * 9,
    *[_list] * 5,
    *[_log] * 3,
    *[_hold] * 2,
    _register,
]


class Agent(HttpUser):
    """Somebody at work: looks far more often than he writes, and rests between two acts."""

    wait_time = between(1, 3)
    tasks = _ACTS


# Locust looks for it.
__all__ = ["Agent"]
