"""The service as Python sees it."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

import httpx

from client.ai import Ai
from client.asking import Asker, Bearer, Retries
from client.audit import Audit
from client.caller import Caller
from client.collaborators import Collaborators
from client.credit import Credit
from client.erasures import Erasures
from client.erp import Erp
from client.extensions import Extensions
from client.facts import Facts
from client.feedback import Feedback
from client.history import History
from client.holds import Holds
from client.imports import Imports
from client.leads import Leads
from client.operations import Operations
from client.overview import Overview
from client.policy import Policy
from client.proposals import Proposals
from client.protection import ProtectionClock
from client.samples import Samples
from client.settings import Settings
from client.webhooks import Webhooks

_SECONDS: Final = 35.0


class Fristwerk:
    """All operations, by subject; each answers with a `client.asking.Answer`.

    Use it as a context manager, from one thread or several.
    """

    def __init__(
        self,
        url: str,
        token: Bearer,
        *,
        retries: Retries | None = None,
        timeout: float = _SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            url: where the service is, without `/api`.
            token: a bearer token, or what fetches one; it is called for every request, so let it remember.
            retries: when to ask again by oneself; four times if left out.
            timeout: seconds until an answer has to begin.
            transport: what carries the requests, for proxies, certificates, or tests.
        """
        self._http = httpx.Client(base_url=url, timeout=timeout, transport=transport)
        asker = Asker(self._http, token, retries or Retries())
        self.ai: Final = Ai(asker)
        self.audit: Final = Audit(asker)
        self.caller: Final = Caller(asker)
        self.collaborators: Final = Collaborators(asker)
        self.credit: Final = Credit(asker)
        self.erasures: Final = Erasures(asker)
        self.erp: Final = Erp(asker)
        self.extensions: Final = Extensions(asker)
        self.facts: Final = Facts(asker)
        self.feedback: Final = Feedback(asker)
        self.history: Final = History(asker)
        self.holds: Final = Holds(asker)
        self.imports: Final = Imports(asker)
        self.leads: Final = Leads(asker)
        self.operations: Final = Operations(asker)
        self.overview: Final = Overview(asker)
        self.policy: Final = Policy(asker)
        self.proposals: Final = Proposals(asker)
        self.protection: Final = ProtectionClock(asker)
        self.samples: Final = Samples(asker)
        self.settings: Final = Settings(asker)
        self.webhooks: Final = Webhooks(asker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
