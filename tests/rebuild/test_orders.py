"""What a reconciliation is started and ordered with is checked, and the field at fault is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.errors import ErrorType
from activities.reconciliation import ReconciliationActivities
from activities.reconciliation_orders import CompareOrder, CompareStep, FinishOrder, Reconciled
from protection.refusal import Refused
from workflows.messages import parse
from workflows.reconciliation_start import StartReconciliation

A, B = "0f7e0000-0000-4000-8000-000000000001", "0f7e0000-0000-4000-8000-000000000002"
COMPARE = CompareOrder(tenant=A, run=B, by="somebody", at="2030-05-01T02:30:00Z", most=200, repair=True)
FINISH = FinishOrder(tenant=A, run=B, by="somebody", leads=1, workflows=1)


class _Nobody:
    """Nothing is compared here; says what it was asked."""

    def __init__(self) -> None:
        self.begun: list[tuple[UUID, UUID, str, datetime]] = []

    async def tenants(self) -> list[UUID]:
        return [UUID(A), UUID(B)]

    async def begin(self, tenant: UUID, run: UUID, *, by: str, at: datetime) -> None:
        self.begun.append((tenant, run, by, at))

    async def compare(
        self, tenant: UUID, run: UUID, *, after: UUID | None, most: int, repair: bool
    ) -> CompareStep:
        return CompareStep(None if after else B, most, int(repair))

    async def finish(
        self, tenant: UUID, run: UUID, *, by: str, leads: int, workflows: int
    ) -> Reconciled | None:
        return None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tenant", "nobody"),
        ("tenant", ""),
        ("run", "2030"),
        ("after", "the next"),
        ("at", "yesterday"),
        ("at", "2030-05-01T02:30:00"),
        ("most", 0),
        ("most", 10_001),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_for_good(field: str, value: Any) -> None:
    nobody = _Nobody()
    with pytest.raises(ApplicationError) as caught:
        await ActivityEnvironment().run(
            ReconciliationActivities(nobody).compare, replace(COMPARE, **{field: value})
        )
    assert caught.value.type == ErrorType.MALFORMED_ORDER
    assert caught.value.non_retryable
    assert caught.value.message.startswith(f"{field}:")
    assert nobody.begun == []


async def test_a_step_begins_the_run_and_says_where_to_go_on() -> None:
    nobody = _Nobody()
    steps = ReconciliationActivities(nobody)
    first = await ActivityEnvironment().run(steps.compare, COMPARE)
    assert first == CompareStep(B, 200, 1)
    assert await ActivityEnvironment().run(steps.compare, replace(COMPARE, after=B)) == CompareStep(
        None, 200, 1
    )
    assert [(tenant, run, by) for tenant, run, by, _ in nobody.begun] == 2 * [(UUID(A), UUID(B), "somebody")]
    assert await ActivityEnvironment().run(steps.list_tenants) == [A, B]
    with pytest.raises(ApplicationError, match="run: "):
        await ActivityEnvironment().run(steps.finish, FINISH)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"by": None}, "by"),
        ({"by": "a b@c"}, "by"),
        ({"tenants": ["x"]}, "tenants.0"),
        ({"tenants": A}, "tenants"),
        ({"repair": "yes"}, "repair"),
        ({"batch": 0}, "batch"),
        ({"batch": 2001}, "batch"),
        ({"steps": 0}, "steps"),
        ({"underway": {"run": A}}, "underway.after"),
        ({"underway": {"run": A, "after": B, "leads": -1, "workflows": 0}}, "underway.leads"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(changed: dict[str, Any], field: str) -> None:
    assert parse(StartReconciliation, {"by": "somebody"}).tenants is None
    with pytest.raises(Refused) as caught:
        parse(StartReconciliation, {"by": "somebody"} | changed)
    assert caught.value.field == field


@pytest.mark.parametrize("garbage", [None, [], "now", 7])
def test_a_start_that_is_no_object_is_refused(garbage: Any) -> None:
    with pytest.raises(Refused):
        parse(StartReconciliation, garbage)
