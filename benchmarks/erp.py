"""A thousand products from the ERP into the database: asked for page by page, checked, kept.

Beside it the bare thing: the same pages fetched by httpx, and nothing done with them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import httpx

from activities.erp_orders import Resource, Source
from adapters.database import open_pool
from adapters.erp.xentral import PAGE_SIZE, Xentral
from adapters.http import trust
from adapters.outside_settings import OutsideSettings, XentralAccount
from adapters.registry import SettingsRegistry
from adapters.settings import Login
from adapters.temporal_client import connect
from benchmarks.outside import played
from benchmarks.result import Aim, Bound, Figure, Result
from benchmarks.stack import running_stack
from benchmarks.status_read import database_url, filled_database
from benchmarks.throughput import TENANT
from workers.erp import erp_office

NAMES: Final = ("erp-1000-products",)
_WITHIN_SECONDS: Final = 5
_CONNECTIONS: Final = 2
_LEADS: Final = 100


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    products: int = 1_000


FULL: Final = Size()
QUICK: Final = Size(products=120)


async def measure(wanted: frozenset[str], size: Size) -> list[Result]:
    """Measures what is wanted of `NAMES`."""
    if not wanted:
        return []
    with running_stack(workers=False) as stack, played() as sandbox:
        sandbox.act("stock", products=str(size.products))
        account = sandbox.settings.xentral()
        if account is None:
            raise AssertionError("the sandbox has no ERP")
        client = await connect(stack.settings)
        login = stack.settings.owner_login()
        async with filled_database(stack, _LEADS, TENANT) as name:
            here = replace(login, url=database_url(login.url, name), role=None)
            bare = _fetched(account, size.products)
            async with (
                await open_pool(Login(here.url, None), name="benchmark", largest=_CONNECTIONS) as pool,
                Xentral(account) as erp,
            ):
                outside = OutsideSettings.model_validate({"FRISTWERK_TENANT": TENANT})
                office = erp_office(client, pool, SettingsRegistry(pool), erp, outside)
                began = time.perf_counter()
                pulled = await office.pull(Resource.PRODUCTS, Source.SYNC, datetime.now(UTC), lambda: None)
                ours = time.perf_counter() - began
                kept = await pool.fetchval("select count(*) from erp_product where tenant = $1", TENANT)
    if pulled.read != size.products or kept != size.products:
        raise AssertionError(f"{pulled.read} products were read, {kept} kept")
    return [Result(NAMES[0], ours, bare, "s", Aim(Figure.OURS, Bound.AT_MOST, _WITHIN_SECONDS))]


def _fetched(account: XentralAccount, products: int) -> float:
    """Seconds to fetch them, and no more."""
    began, number, found = time.perf_counter(), 1, 0
    headers = {"Authorization": f"Bearer {account.token}"}
    with httpx.Client(headers=headers, verify=trust(account.ca_file), trust_env=False) as client:
        while found < products:
            query = {"page[number]": number, "page[size]": PAGE_SIZE}
            answer = client.get(f"{account.url}/api/v1/products", params=query).raise_for_status()
            found += len(answer.json()["data"])
            number += 1
    return time.perf_counter() - began
