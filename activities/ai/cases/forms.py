"""Pieces that questions and answers are made of."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# What a person types or has written about a lead; scrubbed before it leaves.
MOST_WORDS: Final = 4_000
Words: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=MOST_WORDS)]
Name: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Sku: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:#/ -]{0,59}$")]
Code: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,49}$")]

# What a model writes. It is asked for much less; more than this is no answer.
Said: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Line: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Lines: TypeAlias = Annotated[list[Line], Field(max_length=8)]


class Part(BaseModel):
    """A piece of a question or an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(Part):
    """What a use case is told: all it knows, and nothing else. Texts in it are scrubbed before they leave."""


class ProductOffered(Part):
    """A product that can be sent.

    Attributes:
        name: what it is called; None where only its number is known.
    """

    sku: Sku
    name: Name | None = None


class Happened(Part):
    """Something that happened to the lead.

    Attributes:
        on: the day, ISO 8601.
        kind: a code, such as QUALIFIED_CALL.
        note: what was written about it.
    """

    on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    kind: Code
    note: Words | None = None
