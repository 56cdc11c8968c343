"""What the router needs of the outside, and what it tells it. Money is EUR, instants are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

from pydantic import BaseModel

from activities.ai.asking import Asker, Decision
from activities.ai.case import Answer, Size, UseCase
from activities.upstreams import Fault

# Costs are kept to a hundred-millionth of a euro, rounded up: a sum of many never falls short of the bill.
SMALLEST_EUR: Final = Decimal("0.00000001")
_MILLION: Final = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model that may be asked, with its price.

    Attributes:
        provider: whose; wire name.
        name: as the provider calls it.
        size: what it is used as.
        input_eur: EUR for a million tokens told to it.
        output_eur: EUR for a million tokens of its answer.
        takes_temperature: whether it lets the temperature be set.
    """

    provider: str
    name: str
    size: Size
    input_eur: Decimal
    output_eur: Decimal
    takes_temperature: bool

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """EUR for so many tokens."""
        told = self.input_eur * input_tokens + self.output_eur * output_tokens
        return (told / _MILLION).quantize(SMALLEST_EUR, rounding=ROUND_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Budgets of a month, EUR.

    Attributes:
        tenant: of the tenant as a whole.
        org: of the asker's org; None: he belongs to none.
    """

    tenant: Decimal
    org: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is settled for a call.

    Attributes:
        threshold: below this confidence the large model is asked too.
        keep_for: how long answers are kept.
        rest: how long a demoted model is asked last.
        caps: the budgets.
        small: small models, in the order in which they are asked.
        large: large ones.
        paces: questions a minute, by provider.
        keeps_content: whether the audit keeps what was told and answered, too.
    """

    threshold: float
    keep_for: timedelta
    rest: timedelta
    caps: Caps
    small: tuple[Model, ...]
    large: tuple[Model, ...]
    paces: Mapping[str, int]
    keeps_content: bool

    def models(self, size: Size) -> tuple[Model, ...]:
        """Those of one size."""
        return self.small if size is Size.SMALL else self.large


class Settled(Protocol):
    """What is settled."""

    async def rules(self, asker: Asker, use_case: UseCase, offered: tuple[str, ...]) -> Rules:
        """What holds for this call, with models of these providers only."""


class Scrubber(Protocol):
    """Takes personal data out of what is told."""

    async def scrubbed(self, asker: Asker, given: BaseModel) -> str:
        """One JSON document, without anything personal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is told.

    Attributes:
        system: its task.
        told: the scrubbed input, JSON.
        answer: what it must answer.
    """

    system: str
    told: str
    answer: type[Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a model answered.

    Attributes:
        text: its answer; None where it refused to give one.
        input_tokens: what is billed for what it was told.
        output_tokens: what is billed for its answer.
    """

    text: str | None
    input_tokens: int
    output_tokens: int


class Providers(Protocol):
    """Those who answer."""

    def offered(self, tenant: UUID) -> tuple[str, ...]:
        """Wire names of those the tenant has an account at."""

    def reachable(self, provider: str) -> bool:
        """Whether it would be asked at all; no turn is taken in vain."""

    def most_tokens(self, model: Model, prompt: Prompt) -> tuple[int, int]:
        """An upper bound of the tokens in and out that a question can be billed for."""

    async def complete(self, model: Model, prompt: Prompt) -> Completion:
        """Ask, once.

        Raises:
            UpstreamError: there is no answer.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer that was kept."""

    provider: str
    model: str
    size: Size
    answer: dict[str, Any]
    confidence: float


class Standing(StrEnum):
    """What became of a wish to spend. Wire names.

    Attributes:
        RESERVED: the amount is set aside.
        CACHED: there is an answer already; nothing is set aside.
        TIGHT: it would fit if calls under way turn out cheaper than they may.
        SPENT: it does not fit any more this month.
    """

    RESERVED = "reserved"
    CACHED = "cached"
    TIGHT = "tight"
    SPENT = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A call that begins.

    Attributes:
        amount: what it may cost at most.
        until: when it is over, whatever became of the process.
        sure: keys of answers that are taken however sure they are, the best first.
        unsure: keys of answers that are taken if they are sure enough.
        kept_since: answers kept before this do not count.
        refuse: whether a refusal is final and belongs in the audit.
        patient: whether TIGHT is an answer; else it is refused like SPENT.
    """

    call: UUID
    asker: Asker
    use_case: UseCase
    at: datetime
    amount: Decimal
    until: datetime
    caps: Caps
    threshold: float
    sure: tuple[bytes, ...]
    unsure: tuple[bytes, ...]
    kept_since: datetime
    refuse: bool
    patient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What came of it.

    Attributes:
        kept: the answer that is there (CACHED), or a small model's that is not sure enough.
        short_of_org: whether it is the org's budget that does not reach, not the tenant's.
    """

    standing: Standing
    kept: Kept | None = None
    short_of_org: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One question to one model.

    Attributes:
        cost: what it is booked with.
        presumed: whether that is the most it can be, because nobody told.
        milliseconds: how long it took.
        fault: why there was no answer; None if there was.
        confidence: of the answer.
    """

    model: Model
    input_tokens: int
    output_tokens: int
    cost: Decimal
    presumed: bool
    milliseconds: int
    fault: Fault | None
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """An answer to be kept, under its key, until an instant."""

    key: bytes
    kept: Kept
    until: datetime


class Outcome(StrEnum):
    """How a call ended. Wire names, shown in the audit.

    Attributes:
        ANSWERED: with an answer.
        UNAVAILABLE: no provider was of use.
        MALFORMED: an answer came that cannot be used.
    """

    ANSWERED = "answered"
    UNAVAILABLE = "unavailable"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What was said, for tenants that keep it: already scrubbed."""

    told: str
    answered: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A question answered or failed, and the wish to ask another.

    Attributes:
        attempts: what was asked since the call began or took its last step.
        keep: the answer, if it is to be kept.
        amount: what the next question may cost at most.
        until: when that is over.
    """

    call: UUID
    asker: Asker
    at: datetime
    attempts: tuple[Attempt, ...]
    keep: Keep | None
    amount: Decimal
    until: datetime
    caps: Caps


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The wish to ask a provider now.

    Attributes:
        per_minute: how often it is asked a minute, by all processes together.
    """

    asker: Asker
    provider: str
    at: datetime
    per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A call that ends: costs booked, what was set aside free again, audit complete.

    Attributes:
        attempts: what was asked since it began or took its last step.
        answered: the answer that was given.
        milliseconds: how long the whole took.
    """

    call: UUID
    asker: Asker
    at: datetime
    attempts: tuple[Attempt, ...]
    keep: Keep | None
    outcome: Outcome
    decision: Decision | None
    answered: Kept | None
    milliseconds: int
    content: Content | None


class Books(Protocol):
    """Budget, kept answers, pace and audit; each of these is one transaction."""

    async def open(self, opening: Opening) -> Opened:
        """Set the amount aside, then look for a kept answer; if there is one, the call is over."""

    async def step(self, step: Step) -> Standing:
        """Book what was asked, and set aside the amount for the next; TIGHT and SPENT set nothing aside."""

    async def turn(self, turn: Turn) -> timedelta | None:
        """Count a question in; None: ask. Else nothing is counted, and it is worth coming back after that."""

    async def close(self, closing: Closing) -> None:
        """Book, free and write down."""
