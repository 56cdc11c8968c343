"""Imports asked for over HTTP by people of a shop."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Final

import httpx

from tests.api.shop import Shop
from tests.services.office import PEOPLE
from tests.workflows.lab import until

PATH: Final = "/api/leads/import"
CSV: Final = "text/csv; charset=utf-8"


def table(*rows: dict[str, str], separator: str = ",") -> bytes:
    """Rows as a CSV file, with every column that any of them has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, names, delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue().encode()


def token(shop: Shop, user: str) -> dict[str, str]:
    """The header that says who asks."""
    given = shop.callers.token(user, PEOPLE[user], tenant=shop.office.lab.tenant)
    return {"Authorization": f"Bearer {given}"}


async def send(
    shop: Shop,
    body: bytes,
    user: str = "anna",
    *,
    kind: str = CSV,
    dry_run: bool = False,
    key: str | None = None,
) -> httpx.Response:
    """A file, perhaps under an idempotency key."""
    keyed = {} if key is None else {"Idempotency-Key": key}
    return await shop.api.client.post(
        PATH + ("?dryRun=true" if dry_run else ""),
        content=body,
        headers={**token(shop, user), "Content-Type": kind, **keyed},
    )


async def ask(
    shop: Shop, leads: Sequence[Any], user: str = "anna", *, dry_run: bool = False, key: str | None = None
) -> httpx.Response:
    """Leads as JSON."""
    body = json.dumps({"leads": list(leads)}).encode()
    return await send(shop, body, user, kind="application/json", dry_run=dry_run, key=key)


async def done(shop: Shop, answer: httpx.Response, user: str = "anna") -> dict[str, Any]:
    """All of an import once it is done; every row, in one page."""
    assert answer.status_code == 202, answer.text
    path = answer.headers["location"].removeprefix("/api/leads")
    told: dict[str, Any] = {}

    async def is_done() -> bool:
        told.update(await shop.get(user, f"{path}?everything=true&limit=200"))
        return bool(told["state"] == "done")

    await until(is_done)
    assert told["done"] == told["total"] == sum(numbers(told).values())
    return told


def numbers(told: dict[str, Any]) -> dict[str, int]:
    """How many rows there are of each outcome; those of which there are none are left out."""
    names = ("registered", "alreadyThere", "liveDuplicate", "similar", "refused")
    return {name: told[name] for name in names if told[name]}


def faults(told: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Row, pointer and code of everything that is wrong."""
    return [(row["row"], one["pointer"], one["code"]) for row in told["items"] for one in row["errors"]]
