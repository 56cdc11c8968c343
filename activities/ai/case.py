"""What AI is used for: one case each, with what goes in and what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field


class UseCase(StrEnum):
    """What a model is asked for (domain.md section 9)."""

    LEAD_CLASSIFY = "LEAD_CLASSIFY"
    EMAIL_CATEGORIZE = "EMAIL_CATEGORIZE"
    CONTACT_ROLE_DETECT = "CONTACT_ROLE_DETECT"
    ACTIVITY_SUMMARIZE = "ACTIVITY_SUMMARIZE"
    PRODUCT_MATCH = "PRODUCT_MATCH"
    HELP_DRAFT = "HELP_DRAFT"
    ROI_RECOMMEND = "ROI_RECOMMEND"
    RISK_ASSESS = "RISK_ASSESS"
    SAMPLE_STRATEGY = "SAMPLE_STRATEGY"
    NEGOTIATION_SUPPORT = "NEGOTIATION_SUPPORT"


class Size(StrEnum):
    """How capable a model is, and how dear."""

    SMALL = "small"
    LARGE = "large"


class Answer(BaseModel):
    """What every answer holds; each case adds its own.

    Attributes:
        confidence: how sure the model is, 0 to 1. Below the tenant's threshold the large model is asked too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    confidence: float = Field(ge=0, le=1, description="How sure you are of this answer, from 0 to 1.")


I = TypeVar("I", bound=BaseModel)  # noqa: E741 - what goes in
A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Generic[I, A]):
    """One use of AI.

    Attributes:
        use_case: which.
        size: with which model it begins; a small one's unsure answer goes on to the large one.
        input: what is told to the model, as one JSON document after all personal data were taken out of it.
        answer: what it answers; the provider is held to its schema, and the answer is checked against it.
        system: what the model is told of its task.
        user_specific: whether the answer is for one person only: kept apart, and for 15 minutes at most.
        real_time: whether the answer is never kept.
    """

    use_case: UseCase
    size: Size
    input: type[I]
    answer: type[A]
    system: str
    user_specific: bool = False
    real_time: bool = False
