"""The command `fristwerk keys`: master keys, made, turned over, and looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from adapters import settings as configuration
from adapters.key_rotation import KeysInUse, keys_in_use, rotate
from adapters.keyring import Keyring, KeyUnknown, keyring, write_key_file
from adapters.sealing import NotOpened
from cli.acts import By, Json
from cli.console import DONE, NOT_DONE, OPERATOR, UsageError, complain, perform, reading
from cli.erase import administrator
from cli.moments import iso, now, wall
from cli.output import CommandFailed, out, print_json, table
from cli.teaching import add


def register(app: App) -> None:
    """Add the commands to the application."""
    made = App(name="keys", help="Master keys, which wrap the keys of leads.")
    add(made, generate)
    add(made, turn_over, name="rotate")
    add(made, status)
    app.command(made)


def generate(file: Annotated[Path, Parameter(name="FILE")], /) -> int:
    """Write a file with new master keys; an existing one is never touched.

    Examples:
        `fristwerk keys generate /etc/fristwerk/master.keys`

    Args:
        file: Where to write it. Keep it apart from the database and its backups.
    """
    if file.exists():
        raise CommandFailed(f"{file} exists; its keys may be in use. Name another file")
    try:
        write_key_file(file, Keyring.new())
    except OSError as error:
        raise CommandFailed(f"{file} cannot be written ({error.strerror})") from error
    out().print(f"Written: {file}. Set FRISTWERK_MASTER_KEY_FILE to it.", markup=False)
    return DONE


def turn_over(
    *, new: Annotated[bool, Parameter(negative=())] = False, by: By = OPERATOR, json: Json = False
) -> int:
    """Wrap every lead's key with the newest master key; what is sealed stays as it is.

    Running processes read the file again as soon as they meet a key they do not know. Take an old key out
    of the file only when `fristwerk keys status` shows it nowhere, and all processes were started anew.

    Examples:
        `fristwerk keys rotate --new`

    Args:
        new: Put a new master key into the file of FRISTWERK_MASTER_KEY_FILE first.
    """
    return perform(_rotate(by, new=new, json=json))


async def _rotate(who: str, *, new: bool, json: bool) -> int:
    settings = configuration.load()
    ring = keyring(settings)
    async with reading(settings) as desk:
        by = await administrator(desk, who)
    if new:
        if settings.master_key_file is None:
            raise UsageError(
                "--new: needs FRISTWERK_MASTER_KEY_FILE; keys in the environment are yours to change"
            )
        ring = ring.with_new_key()
        write_key_file(settings.master_key_file, ring)
    try:
        turned = await rotate(settings.owner_login(), ring, by=by, at=now())
    except KeyUnknown as error:
        raise CommandFailed(f"{error}; put it back beside the others") from error
    except NotOpened as error:
        raise CommandFailed(f"{error}. See: fristwerk verify audit") from error
    if json:
        print_json({"newest": ring.newest.id, "rewrapped": turned})
    else:
        out().print(f"Wrapped anew: {turned} keys of leads, with master key {ring.newest.id}.")
    return DONE


def status(*, json: Json = False) -> int:
    """Show which master keys are configured, and how many leads' keys each of them wraps.

    Examples:
        `fristwerk keys status`
    """
    return perform(_status(json=json))


async def _status(*, json: bool) -> int:
    settings = configuration.load()
    ring = keyring(settings)
    used = await keys_in_use(settings.owner_login())
    unknown = sorted({row.kek_id for row in used} - set(ring.keys))
    if json:
        print_json(
            {
                "newest": ring.newest.id,
                "configured": list(ring.keys),
                "unknown": unknown,
                "in_use": [_plain(row) for row in used],
            }
        )
    else:
        rows = table(None, "master key", "", "tenant", "leads", "since")
        for row in used:
            rows.add_row(row.kek_id, _state(ring, row.kek_id), row.name, str(row.leads), wall(row.since))
        for kek_id in ring.keys.keys() - {row.kek_id for row in used}:
            rows.add_row(kek_id, f"{_state(ring, kek_id)}, wraps nothing", "", "0", "")
        out().print(rows)
    if unknown:
        complain(f"These keys are in use and not configured: {', '.join(unknown)}")
    return NOT_DONE if unknown else DONE


def _state(ring: Keyring, kek_id: str) -> str:
    if kek_id == ring.newest.id:
        return "newest"
    return "to be rotated" if kek_id in ring.keys else "missing"


def _plain(row: KeysInUse) -> dict[str, object]:
    return {
        "tenant": str(row.tenant),
        "key": row.kek_id,
        "leads": row.leads,
        "since": iso(row.since),
    }
