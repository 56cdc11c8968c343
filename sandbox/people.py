"""Whom the demo issuer knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

USERS_FILE: Final = "users.json"


class DemoPerson(BaseModel):
    """Somebody who may be given tokens.

    Attributes:
        name: what the token is asked for, and its `sub`.
        called: how people call him; "" where only the name is known.
        tenant: the tenant of his tokens.
        roles: the roles of his tokens.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    called: Annotated[str, Field(max_length=200)] = ""
    tenant: str
    roles: tuple[str, ...]


_PEOPLE: Final = TypeAdapter(tuple[DemoPerson, ...])


def read_people(folder: Path) -> tuple[DemoPerson, ...]:
    """The people of the issuer's folder.

    Raises:
        ValueError: the file makes no sense; names the field.
    """
    file = folder / USERS_FILE
    try:
        return _PEOPLE.validate_json(file.read_bytes())
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False)[0]["loc"])
        raise ValueError(f"{file}: {where or 'the file'} makes no sense") from None
