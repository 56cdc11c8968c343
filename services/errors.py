"""Why a service did not do what it was asked. Besides these only `protection.refusal.Refused` is raised.

None of them says anything about a lead that the caller may not see.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from activities.erasure_orders import Obstacle
from adapters.erasure_store import Outlook
from adapters.proposal_store import ProposalState
from adapters.registration_store import SimilarLead
from protection.permission import Act

RETRY_AFTER: Final = timedelta(seconds=5)


class ServiceError(Exception):
    """Something was not done, for a reason the caller is told."""


class Missing(StrEnum):
    """What was looked for."""

    LEAD = "lead"
    HOLD = "hold"
    REQUEST = "request"
    COLLABORATOR = "collaborator"
    SETTING = "setting"
    REHEARSAL = "rehearsal"
    IMPORT = "import"
    ERRAND = "errand"
    NOTICE = "notice"
    CAMPAIGN = "campaign"
    SAMPLE_BOX = "sample box"
    TEST_PHASE = "test phase"
    CREDIT_CHECK = "credit check"
    PROPOSAL = "proposal"
    PRODUCT = "product"
    WEBHOOK_EVENT = "webhook event"


class NotFound(ServiceError):
    """There is no such thing, or not for this caller; the two are never told apart.

    Attributes:
        what: what was looked for.
    """

    def __init__(self, what: Missing = Missing.LEAD) -> None:
        super().__init__(f"there is no such {what}")
        self.what = what


class Forbidden(ServiceError):
    """The caller sees the lead, but may not do this to it.

    Attributes:
        act: what he may not do.
    """

    def __init__(self, act: Act) -> None:
        super().__init__(f"not allowed: {act}")
        self.act = act


class KeyReused(ServiceError):
    """The idempotency key, or an id made from it, stands for another request."""

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for another request; take a new one")


class ExternalIdTaken(ServiceError):
    """Another lead of the tenant has this external id."""

    def __init__(self) -> None:
        super().__init__("another lead has this external id")


class LiveDuplicate(ServiceError):
    """A live lead of the same company and place exists. Whose it is, since when, and which: not told."""

    def __init__(self) -> None:
        super().__init__("a live lead of the same company and place exists")


class Similar(ServiceError):
    """Nothing was entered: similar leads exist. Ask again and say why this is another company.

    Attributes:
        candidates: at most five, the most similar first.
    """

    def __init__(self, candidates: tuple[SimilarLead, ...]) -> None:
        super().__init__("similar leads exist; confirm with a reason that this is another company")
        self.candidates = candidates


class Step(StrEnum):
    """What a sample box cannot do in its state. Wire names."""

    ALREADY_SHIPPED = "already-shipped"
    ALREADY_DELIVERED = "already-delivered"
    ALREADY_CANCELLED = "box-cancelled"


class OutOfStep(ServiceError):
    """A sample box is in another state than this presupposes; nothing has changed.

    Attributes:
        why: what it has behind it.
    """

    def __init__(self, why: Step) -> None:
        super().__init__(f"the box is in another state: {why}")
        self.why = why


class Decided(ServiceError):
    """A proposal was decided otherwise before; nothing has changed.

    Attributes:
        state: what has come of it.
    """

    def __init__(self, state: ProposalState) -> None:
        super().__init__(f"the proposal was decided before: {state}")
        self.state = state


class ErasureBarred(ServiceError):
    """Something stands against erasing a lead's personal data; nothing was erased.

    Attributes:
        seen: what stands against it, and what there is.
        obstacle: what stands against it.
    """

    def __init__(self, seen: Outlook, obstacle: Obstacle) -> None:
        super().__init__(f"not erased: {obstacle}")
        self.seen = seen
        self.obstacle = obstacle


class Unavailable(ServiceError):
    """Nobody took the act up in time. Whether it arrived is unknown: repeat it with the same key.

    Attributes:
        retry_after: how long to wait before that.
    """

    def __init__(self, retry_after: timedelta = RETRY_AFTER) -> None:
        super().__init__("the lead's clock did not answer in time; repeat the request with the same key")
        self.retry_after = retry_after


class NobodyKeepsIt(Unavailable):
    """The lead lives, but no workflow keeps its clock; `fristwerk verify` finds and mends that."""


class NotConfigured(ServiceError):
    """The system outside that does this is not connected for the caller's tenant; nothing else is affected.

    Attributes:
        system: which one; a wire name.
    """

    def __init__(self, system: str) -> None:
        super().__init__(f"{system} is not configured")
        self.system = system


class CreditWanted(ServiceError):
    """By a setting of the tenant this waits for a yes of the credit bureau; nothing has changed."""

    def __init__(self) -> None:
        super().__init__(
            "the credit bureau has not approved this company, or no longer, or with a worse grade"
        )
