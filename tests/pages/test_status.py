"""How the installation stands, for its administrators: alive, with something broken, and with parts away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from adapters.database import transaction
from adapters.outside import QUEUES
from adapters.readiness import Part, workers_standing
from adapters.reconciliation_store import KeptFinding, begin_run, finish_run, keep_finding
from tests.api.shop import Shop
from tests.pages.visitor import visitor
from workers import bootstrap


async def _reconciled(shop: Shop, lead: UUID, found: bool) -> None:
    run, at = uuid4(), datetime.now(UTC)
    lab = shop.office.lab
    async with transaction(lab.pool, lab.tenant, "reconciliation") as connection:
        await begin_run(connection, lab.tenant, run, by="schedule", at=at - timedelta(minutes=1))
        await keep_finding(
            connection, lab.tenant, run, KeptFinding(lead, "gap", "revisions are missing: 2", not found)
        )
        await finish_run(
            connection, lab.tenant, run, leads=41, workflows=40, first_broken=7 if found else None, at=at
        )


@pytest.mark.parametrize(("language", "whole"), [("de", "alles stimmt überein"), ("en", "everything agrees")])
async def test_everything_that_is_known_is_shown(shop: Shop, language: str, whole: str) -> None:
    adam = await visitor(shop, "adam", language=language)
    lead = UUID((await shop.opened()).removeprefix("/"))
    await _reconciled(shop, lead, found=False)
    assert (await adam.get("/status")).status_code == 200
    text = adam.html.text
    for word in (*QUEUES, whole, "41", "gap"):
        assert word in text, word
    await _reconciled(shop, lead, found=True)
    assert (await adam.get("/status")).status_code == 200
    text = adam.html.text
    assert whole not in text
    assert "revisions are missing: 2" in text
    assert adam.html.all("a", href=f"/leads/{lead}")


async def test_without_temporal_it_says_so_and_shows_the_rest(empty_shop: Shop) -> None:
    adam = await visitor(empty_shop, "adam")
    assert (await adam.get("/status")).status_code == 200
    text = adam.html.text
    assert "does not answer" in text
    assert "unknown" in text
    assert "Reminders that should be out" in text


async def test_a_worker_that_fell_silent_is_none(shop: Shop) -> None:
    """Temporal goes on counting it for minutes; the page, which adds up both, must not say that all works."""
    client = shop.office.lab.client
    assert await workers_standing(client, as_of=datetime.now(UTC)) is Part.UP
    assert await workers_standing(client, as_of=datetime.now(UTC) + timedelta(minutes=3)) is Part.DOWN


def test_the_queues_of_the_page_are_those_of_the_workers() -> None:
    assert QUEUES == bootstrap.QUEUES
