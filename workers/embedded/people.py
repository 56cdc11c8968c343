"""Whom the demo issuer gives tokens to: the people of `data/demo/stories.json`, with the import's ids."""

import json
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from adapters.import_store import UserRole, user_id
from adapters.settings import DEMO_TENANT

_STORIES: Final = Path(__file__).resolve().parents[2] / "data" / "demo" / "stories.json"


class _Person(BaseModel):
    email: str
    name: str
    roles: tuple[UserRole, ...]


class _Stories(BaseModel):
    users: tuple[_Person, ...]


def write_people(file: Path) -> None:
    """Write down who they are, for the issuer; readable by us alone."""
    stories = _Stories.model_validate_json(_STORIES.read_bytes())
    people = [
        {
            "name": user_id(person.email),
            "called": person.name,
            "tenant": str(DEMO_TENANT),
            "roles": list(person.roles),
        }
        for person in stories.users
    ]
    file.touch(mode=0o600)
    file.write_text(json.dumps(people, indent=2), encoding="utf-8")
