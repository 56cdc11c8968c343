"""Which faults come, and in which order: the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final


class Target(StrEnum):
    """What is hit; the names of the stack's parts, and its disk."""

    API = "api"
    WORKER = "worker"
    TEMPORAL = "temporal"
    POSTGRES = "postgres"
    MAIL_SINK = "mail-sink"
    DISK = "disk"


class Act(StrEnum):
    """What is done to it: SIGKILL; SIGTERM and a new start; SIGSTOP for a while; one of its own processes
    killed (a session of the database); its disk full for a while.
    """

    KILL = "kill"
    RESTART = "restart"
    FREEZE = "freeze"
    KILL_CHILD = "kill-child"
    FILL = "fill"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        pause: seconds after the one before, at least.
        lasts: seconds, of those that last.
    """

    target: Target
    act: Act
    pause: float
    lasts: float = 0.0


_PROCESSES: Final = (Target.API, Target.WORKER, Target.TEMPORAL, Target.POSTGRES, Target.MAIL_SINK)
KINDS: Final = (
    *((target, act) for target in _PROCESSES for act in (Act.KILL, Act.RESTART, Act.FREEZE)),
    (Target.POSTGRES, Act.KILL_CHILD),
    (Target.DISK, Act.FILL),
)
_PAUSE: Final = (2.0, 8.0)
_LASTS: Final = {Act.FREEZE: (2.0, 20.0), Act.FILL: (3.0, 8.0)}


def plan(seed: int, *, disk: bool) -> Iterator[Fault]:
    """Faults without end; each kind comes once before any comes twice.

    Args:
        disk: whether the disk can be filled.
    """
    chance = Random(seed)
    kinds = [kind for kind in KINDS if disk or kind[0] is not Target.DISK]
    while True:
        for target, act in chance.sample(kinds, len(kinds)):
            pause = round(chance.uniform(*_PAUSE), 1)
            lasts = round(chance.uniform(*_LASTS[act]), 1) if act in _LASTS else 0.0
            yield Fault(target, act, pause, lasts)
