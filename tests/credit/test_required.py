"""Samples and conversion wait for the bureau's yes where the tenant has settled it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from activities.erasure_orders import Cause
from adapters.credit.rules import Occasion
from adapters.erasure_store import PostgresErasureStore
from adapters.registry import SettingsRegistry
from adapters.sample_records import Item
from adapters.setting_definitions import Scope
from services.errors import CreditWanted
from services.governing import convert, release_lead
from services.samples import WantedBox, promise
from services.settings import Change, SettingsDesk, change
from tests.credit.counter import Counter
from tests.credit.test_checking import SOLID
from tests.services.office import Office


@asynccontextmanager
async def settled(office: Office, occasion: Occasion, value: dict[str, Any]) -> AsyncIterator[None]:
    """The setting holds inside the block."""
    desk = SettingsDesk(pool=office.desk.pool, registry=SettingsRegistry(office.desk.pool))

    async def put(wanted: dict[str, Any] | None) -> None:
        asked = Change(key=occasion, scope=Scope.TENANT, scope_id=None, value=wanted)
        await change(desk, office.asking("adam"), asked)

    await put(value)
    try:
        yield
    finally:
        await put(None)


async def promised(office: Office, lead: UUID) -> None:
    """A box of soup."""
    await promise(office.desk, office.asking(), WantedBox(lead=lead, items=[Item("SOUP", 1)]))


async def test_nothing_is_asked_for_where_nobody_has_settled_it(counter: Counter) -> None:
    await promised(counter.office, await counter.office.opened())


async def test_samples_wait_for_a_yes_that_still_holds(counter: Counter) -> None:
    office = counter.office
    lead = await office.opened(company=SOLID)
    async with settled(office, Occasion.SAMPLES, {"required": True}):
        with pytest.raises(CreditWanted):
            await promised(office, lead)
        counter.outside.switch("credit", error=500)
        assert (await counter.check(lead)).degraded is not None
        with pytest.raises(CreditWanted):
            await promised(office, lead)
        counter.outside.reset()
        pending = await counter.check(lead)
        assert await counter.work.complete(office.lab.tenant, pending.id) == "approved"
        await promised(office, lead)
        await office.lab.execute(
            "update credit_check set valid_until = now() - interval '1 day' where id = $1", pending.id
        )
        with pytest.raises(CreditWanted):
            await promised(office, lead)


async def test_a_no_and_a_grade_that_is_too_bad_bar_it(counter: Counter) -> None:
    office = counter.office
    declined = await office.opened(company=f"Insolvenz {uuid4().hex}")
    good = await office.opened(company=SOLID)
    for lead in (declined, good):
        await counter.check(lead)
    async with settled(office, Occasion.SAMPLES, {"required": True, "worstGrade": "A"}):
        for lead in (declined, good):
            with pytest.raises(CreditWanted):
                await promised(office, lead)
    async with settled(office, Occasion.SAMPLES, {"required": True, "worstGrade": "B"}):
        await promised(office, good)


async def test_conversion_waits_too_and_leaves_no_trace_where_it_may_not_be(counter: Counter) -> None:
    office = counter.office
    lead = await office.opened(company=SOLID)
    async with settled(office, Occasion.CONVERSION, {"required": True}):
        acts = await office.acts(lead)
        with pytest.raises(CreditWanted):
            await convert(office.desk, office.asking("maria"), lead, customer_no="K-1")
        assert await office.acts(lead) == acts
        await counter.check(lead)
        done = await convert(office.desk, office.asking("maria"), lead, customer_no="K-1")
    assert done.status == "CONVERTED"


async def test_an_erasure_takes_the_numbers_along_and_leaves_what_was_answered(counter: Counter) -> None:
    office = counter.office
    lead = await office.opened(company=SOLID)
    check = await counter.check(lead, registration_no="HRA 99", vat_no="DE987654321")
    await release_lead(office.desk, office.asking("maria"), lead)
    store = PostgresErasureStore(office.lab.pool)
    at = datetime.now(UTC) + timedelta(seconds=5)
    await store.erase(office.lab.tenant, lead, erasure=uuid4(), cause=Cause.REQUEST, by="adam", at=at)
    row = await counter.row(check.id)
    assert (row["registration_no"], row["vat_no"], row["conditions"]) == (None, None, [])
    assert (row["status"], row["grade"]) == ("approved", "B")
