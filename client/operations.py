"""The subject operations. Made by `make openapi`."""

from __future__ import annotations

from client.asking import Answer, Call, Group
from client.base import Told
from client.words import Part


class Alive(Told):
    """The process answers."""

    alive: bool = True


class Readiness(Told):
    """Whether requests can be served, and which part is missing if not."""

    ready: bool
    degraded: bool
    database: Part
    migrations: Part
    temporal: Part
    issuer: Part
    workers: Part


class Operations(Group):
    """Operations of the subject operations."""

    def read_health(self) -> Answer[Alive]:
        """Whether this process answers at all; looks at nothing else."""
        call = Call(method="GET", path="/healthz")
        return self._asker.ask(call, {200: Alive})

    def read_readiness(self) -> Answer[Readiness]:
        """Whether all is there that requests need; 503 sends them to another instance, if there is one.
         Needed are a database that can be written to and has this build's migrations, Temporal with our
        namespace, and the token issuer's keys. Without workers (`degraded`) reading works, and what is to be
        recorded is refused after a while: no other instance could do better, so this one stays.
        """
        call = Call(method="GET", path="/readyz")
        return self._asker.ask(call, {200: Readiness})

    def read_metrics(self) -> Answer[str]:
        """Counts and durations for Prometheus."""
        call = Call(method="GET", path="/metrics")
        return self._asker.ask_text(call, "text/plain")
