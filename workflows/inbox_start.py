"""How the workflow `inbound-mail` is started."""

from __future__ import annotations

from pydantic.dataclasses import dataclass

from workflows.message import STRICT, Id


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartInboundMail:
    """The one argument of the workflow.

    Attributes:
        tenant: UUID.
        mail: UUID.
    """

    tenant: Id
    mail: Id
