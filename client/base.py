"""What is sent and what is answered, as models."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Sent(BaseModel):
    """A body to send. Fields that are not named are not sent; `None` is sent as null."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True, extra="forbid", frozen=True
    )

    def wire(self) -> str:
        """The body as JSON."""
        return self.model_dump_json(exclude_unset=True)


class Told(BaseModel):
    """An answer. Fields that a newer server adds are left out."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)
