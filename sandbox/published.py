"""What leads to a running sandbox: its accounts, the same at every start, and the variables for them."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

from sandbox.switches import Upstream
from sandbox.world import Accounts, World

ENVIRONMENT_FILE: Final = "environment.json"
_ACCOUNTS_FILE: Final = "accounts.json"
# Names of accounts; everything else is a secret.
_NAMES: Final = frozenset({"credit_client", "imap_user"})


def kept_accounts(folder: Path) -> Accounts:
    """The accounts of an earlier start, or new ones whose secrets nobody can guess.

    Args:
        folder: where they lie; only we may read it.

    Raises:
        ValueError: the file is damaged.
    """
    file = folder / _ACCOUNTS_FILE
    if file.exists():
        found = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
            raise ValueError(f"{file} is damaged; remove it")
        return Accounts(**found)
    secret = {
        one.name: f"sandbox-{secrets.token_urlsafe(18)}" for one in fields(Accounts) if one.name not in _NAMES
    }
    made = Accounts(**secret)
    _write(file, asdict(made))
    return made


def publish(world: World, folder: Path) -> None:
    """Write down the variables that lead whoever reads them here; readable by us alone.

    Args:
        world: everybody in it listens.
        folder: where the file goes.
    """
    accounts = world.accounts
    credit = world.address(Upstream.CREDIT, scheme="https")
    _write(
        folder / ENVIRONMENT_FILE,
        {
            "OPENAI_API_KEY": accounts.openai,
            "OPENAI_BASE_URL": f"{world.address(Upstream.OPENAI, scheme='https')}/v1",
            "ANTHROPIC_API_KEY": accounts.anthropic,
            "ANTHROPIC_BASE_URL": world.address(Upstream.ANTHROPIC, scheme="https"),
            "CREDIT_URL": credit,
            "CREDIT_TOKEN_URL": f"{credit}/oauth2/token",
            "CREDIT_CLIENT_ID": accounts.credit_client,
            "CREDIT_CLIENT_SECRET": accounts.credit_secret,
            "CREDIT_WEBHOOK_SECRET": accounts.credit_webhook,
            "XENTRAL_URL": world.address(Upstream.XENTRAL, scheme="https"),
            "XENTRAL_TOKEN": accounts.xentral,
            "XENTRAL_WEBHOOK_SECRET": accounts.xentral_webhook,
            "IMAP_URL": world.imap_url,
            "OUTSIDE_CA_FILE": str(world.ca_file.absolute()),
        },
    )


def _write(file: Path, found: dict[str, str]) -> None:
    half = file.with_suffix(".part")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600)
    half.write_text(json.dumps(found, indent=2), encoding="utf-8")
    half.rename(file)
