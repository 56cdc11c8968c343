"""The command `fristwerk token`: a bearer token for one of the demo tenant's people."""

import sys
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import httpx
from cyclopts import App, Parameter

from adapters import settings as configuration
from adapters.settings import Settings
from cli.output import CommandFailed, out, print_json, table
from sandbox.issuer import CLIENT_FILE
from sandbox.people import DemoPerson, read_people

ISSUER_FOLDER: Final = "issuer"
_SECONDS: Final = 5.0
_LOOPBACK: Final = "127.0.0.1"


def register(app: App) -> None:
    """Add the command to the application."""
    app.command(token)


def token(
    *,
    as_: Annotated[str | None, Parameter(name="--as")] = None,
    list_: Annotated[bool, Parameter(name="--list", negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Print a bearer token of the embedded stack, good for an hour, and nothing else.

    Args:
        as_: Whose token, such as anna.
        list_: Show instead whose tokens there are.
        json: One JSON value instead.
    """
    settings = configuration.load()
    folder = settings.state / ISSUER_FOLDER
    people = _people(folder)
    if list_:
        _show(people, json=json)
        return 0
    if as_ is None:
        raise CommandFailed("Whose? fristwerk token --as anna; all of them: fristwerk token --list")
    if as_ not in {person.name for person in people}:
        raise CommandFailed(f"The demo tenant has no {as_}. See: fristwerk token --list")
    given = _ask(settings, folder, as_)
    if json:
        print_json(given)
    else:
        sys.stdout.write(f"{given['access_token']}\n")
    return 0


def _people(folder: Path) -> tuple[DemoPerson, ...]:
    try:
        return read_people(folder)
    except FileNotFoundError as error:
        raise CommandFailed(
            "Only the embedded stack gives tokens, and none has been started here. Start it: fristwerk up"
        ) from error
    except (OSError, ValueError) as error:
        raise CommandFailed(str(error)) from error


def _show(people: tuple[DemoPerson, ...], *, json: bool) -> None:
    if json:
        print_json([person.model_dump() for person in people])
        return
    rows = table(None, "name", "roles", "tenant")
    for person in people:
        rows.add_row(person.name, ", ".join(person.roles), person.tenant)
    out().print(rows)


def _ask(settings: Settings, folder: Path, name: str) -> dict[str, Any]:
    issuer = settings.oidc_issuer
    if issuer is None or urlsplit(issuer).hostname != _LOOPBACK:
        raise CommandFailed("No embedded issuer runs. Start it: fristwerk up; otherwise ask your own issuer.")
    form = {"grant_type": "password", "username": name}
    try:
        form["client_secret"] = (folder / CLIENT_FILE).read_text(encoding="ascii")
        answer = httpx.post(f"{issuer}/token", data=form, timeout=_SECONDS)
    except (OSError, httpx.HTTPError) as error:
        raise CommandFailed(
            f"The issuer does not answer ({type(error).__name__}). See: fristwerk status"
        ) from error
    if answer.status_code != httpx.codes.OK:
        raise CommandFailed(f"The issuer gives no token ({answer.status_code}).")
    given: dict[str, Any] = answer.json()
    return given
