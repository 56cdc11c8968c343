"""Credit checks: asked once, together, answered from what is on record while it is fresh."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from adapters.credit.records import CreditStatus, Grade, bucket_of
from protection.permission import Share
from protection.refusal import Refused
from services.errors import Forbidden, KeyReused, NotFound
from tests.credit.counter import Counter

# The bureau covers it in full.
SOLID: Final = "Gasthof Krone GmbH"


async def test_a_company_is_checked_and_the_answer_is_on_record(counter: Counter) -> None:
    lead = await counter.office.opened(company="Gasthof Adler GmbH")
    check = await counter.check(lead, registration_no="HRB 1234", vat_no="DE123456789")
    assert check.status is CreditStatus.APPROVED
    assert check.grade in set(Grade)
    assert check.limit is not None
    assert check.valid_until is not None
    assert not check.cached
    row = await counter.row(check.id)
    assert (row["status"], row["amount"], row["bucket"]) == (
        "approved",
        Decimal("2500.00"),
        Decimal("5000.00"),
    )
    assert row["took_ms"] is not None
    (asked,) = [one.json() for one in counter.outside.log("credit") if one.path == "/covers/bulk"]
    assert asked["covers"] == [
        {
            "reference": str(check.id),
            "company": {
                "name": "Gasthof Adler GmbH",
                "registrationNumber": "HRB 1234",
                "vatNumber": "DE123456789",
                "country": "DE",
            },
            "amount": "2500.00",
            "currency": "EUR",
            "purpose": "first-order",
        }
    ]


@pytest.mark.parametrize(
    ("name", "status", "grade"),
    [
        ("Insolvenz Krug", CreditStatus.DECLINED, Grade.D),
        ("Prüfhof", CreditStatus.REQUIRES_REVIEW, Grade.C),
        ("Haus Unbekannt", CreditStatus.REQUIRES_REVIEW, None),
    ],
)
async def test_every_kind_of_answer_is_kept(
    name: str, status: CreditStatus, grade: Grade | None, counter: Counter
) -> None:
    lead = await counter.office.opened(company=f"{name} {uuid4().hex}")
    check = await counter.check(lead)
    assert (check.status, check.grade) == (status, grade)
    assert (await counter.check(lead)).cached


async def test_an_answer_serves_whoever_asks_for_as_much_or_less(counter: Counter) -> None:
    lead = await counter.office.opened(company=SOLID)
    first = await counter.check(lead, amount=Decimal(4000))
    again = await counter.check(lead, amount=Decimal(4000))
    assert again.cached
    assert again.id == first.id
    assert (await counter.check(lead, "maria", amount=Decimal(3000))).id == first.id
    more = await counter.check(lead, amount=Decimal(4500))
    assert not more.cached
    # Another bucket, another currency, another company's number: other questions.
    for other in ({"amount": Decimal(1000)}, {"currency": "CHF"}, {"vat_no": "DE111111111"}):
        said: dict[str, Any] = {"amount": Decimal(4000), **other}
        assert not (await counter.check(lead, **said)).cached
    assert len(counter.questions()) == 5


async def two_of_a_company(counter: Counter) -> tuple[UUID, UUID]:
    """Anna's and Ben's leads of the same company at the same place, each with a postcode of its own."""
    said = {"company": f"Gasthof {uuid4().hex} GmbH", "city": "Erfurt"}
    first = await counter.office.opened(postcode="99084", **said)
    return first, await counter.office.opened("ben", postcode="99085", **said)


async def test_the_same_account_of_the_companys_other_lead_is_answered_without_asking(
    counter: Counter,
) -> None:
    first, second = await two_of_a_company(counter)
    account = f"K-{uuid4().hex}"
    one = await counter.check(first, account=account)
    # What another's lead was answered is not for everybody's eyes: Ben asks anew.
    assert not (await counter.check(second, "ben", account=account)).cached
    account = f"K-{uuid4().hex}"
    one = await counter.check(first, "maria", account=account)
    other = await counter.check(second, "maria", account=account)
    assert other.cached
    assert other.id != one.id
    assert (other.lead, other.status, other.limit) == (second, one.status, one.limit)
    assert len(counter.questions()) == 3


async def test_no_company_is_answered_with_what_another_one_was(counter: Counter) -> None:
    good, bad = [
        await counter.office.opened(company=company) for company in (SOLID, f"Insolvenz {uuid4().hex}")
    ]
    account = f"K-{uuid4().hex}"
    # Whichever account a caller names, at once and later.
    at_once = await asyncio.gather(*(counter.check(lead, account=account) for lead in (good, bad)))
    assert [check.status for check in at_once] == [CreditStatus.APPROVED, CreditStatus.DECLINED]
    account = f"K-{uuid4().hex}"
    later = [await counter.check(lead, account=account) for lead in (good, bad)]
    assert [check.status for check in later] == [CreditStatus.APPROVED, CreditStatus.DECLINED]
    assert len(counter.questions()) == 4


async def test_answers_grow_old(counter: Counter) -> None:
    lead = await counter.office.opened()
    first = await counter.check(lead)
    await counter.office.lab.execute(
        "update credit_check set settled_at = settled_at - interval '8 hours' where id = $1", first.id
    )
    again = await counter.check(lead)
    assert not again.cached
    assert again.id != first.id


async def test_the_same_question_in_flight_is_one(counter: Counter) -> None:
    lead = await counter.office.opened()
    counter.outside.switch("credit", latency_ms=1000)
    checks = await asyncio.gather(
        *(counter.check(lead, user) for user in ("anna", "maria", "max") for _ in range(10))
    )
    assert len({check.id for check in checks}) == 1
    assert {check.status for check in checks} == {CreditStatus.APPROVED}
    assert len(counter.questions()) == 1


async def test_questions_that_come_together_go_together(counter: Counter) -> None:
    # None of them is answered by what is on record to another one.
    lead, amounts = (
        await counter.office.opened(),
        [Decimal(step * power) for power in (1, 10, 100, 10_000) for step in (1, 2, 5)],
    )
    await counter.check(lead)
    before = counter.calls("/covers/bulk")
    checks = await asyncio.gather(*(counter.check(lead, amount=amount) for amount in amounts))
    assert [check.subject.amount for check in checks] == amounts
    # One, where the machine is quick enough to have them all within the window.
    assert counter.calls("/covers/bulk") < before + len(amounts)
    assert counter.calls("/oauth2/token") == 1


async def test_a_question_under_a_key_is_the_same_when_it_is_repeated(counter: Counter) -> None:
    lead, key = await counter.office.opened(), uuid4().hex
    first = await counter.check(lead, key=key)
    assert (await counter.check(lead, key=key)).id == first.id
    with pytest.raises(KeyReused):
        await counter.check(lead, key=key, amount=Decimal(9000))
    assert len(counter.questions()) == 1


async def test_whoever_may_not_see_or_touch_the_lead_asks_nothing(counter: Counter) -> None:
    lead = await counter.office.opened()
    with pytest.raises(NotFound):
        await counter.check(lead, "ben")
    with pytest.raises(Forbidden):
        await counter.check(lead, "olga")
    await counter.office.share(lead, "ben", Share.VIEW)
    with pytest.raises(Forbidden):
        await counter.check(lead, "ben")
    with pytest.raises(NotFound):
        await counter.check(uuid4(), "ben", key="other")
    assert counter.questions() == []


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("amount", {"amount": Decimal(0)}),
        ("amount", {"amount": Decimal(-5)}),
        ("amount", {"amount": Decimal("NaN")}),
        ("amount", {"amount": Decimal("Infinity")}),
        ("amount", {"amount": Decimal("1.001")}),
        ("amount", {"amount": Decimal("1000000000.01")}),
        ("currency", {"currency": "euro"}),
        ("country", {"country": "de"}),
        ("country", {"country": "DE\n"}),
        ("vat_number", {"vat_no": "123"}),
        ("account_id", {"account": "a b"}),
        ("registration_number", {"registration_no": "HRB\x001"}),
        ("registration_number", {"registration_no": " "}),
        ("registration_number", {"registration_no": "1" * 61}),
    ],
)
async def test_what_makes_no_sense_is_refused_by_its_name(
    field: str, said: dict[str, Any], counter: Counter
) -> None:
    with pytest.raises(Refused) as refused:
        await counter.check(uuid4(), **said)
    assert refused.value.field == field


def test_amounts_are_put_together_in_steps_of_one_two_and_five() -> None:
    steps = [
        bucket_of(Decimal(amount)) for amount in ("0.01", "1", "1.01", "3", "5.01", "10", "10.01", "4999")
    ]
    assert steps == [1, 1, 2, 5, 10, 10, 20, 5000]
