"""Where people of an office have companies checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from adapters.credit.bureau import CreditBureau
from adapters.credit.records import CreditCheck, Purpose
from adapters.credit.work import CreditWork
from adapters.outside_settings import CreditAccount
from services import credit
from services.credit import Credits, WantedCheck
from tests.outsidefixtures import Outside
from tests.services.office import Office


@dataclass
class Hands:
    """A clock moved by hand, in seconds."""

    at: float = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return self.at


@dataclass
class Counter:
    """An office, its account at the bureau, and what is on its way there."""

    office: Office
    outside: Outside
    bureau: CreditBureau
    credits: Credits
    hands: Hands = field(default_factory=Hands)

    @property
    def work(self) -> CreditWork:
        """What sees pending checks through."""
        return CreditWork(self.office.lab.pool, self.bureau)

    async def check(
        self, lead: UUID, user: str = "anna", *, key: str | None = None, **said: Any
    ) -> CreditCheck:
        """Have a lead's company checked."""
        wanted = self.wanted(lead, **said)
        return await credit.check(self.office.desk, self.credits, self.office.asking(user, key=key), wanted)

    @staticmethod
    def wanted(lead: UUID, **said: Any) -> WantedCheck:
        """A check of 2,500 EUR."""
        usual: dict[str, Any] = {
            "amount": Decimal("2500.00"),
            "currency": "EUR",
            "purpose": Purpose.FIRST_ORDER,
            "country": "DE",
        }
        return WantedCheck(lead=lead, **{**usual, **said})

    def questions(self) -> list[str]:
        """The companies the bureau was asked about, each as often as it was."""
        asked = [one for one in self.outside.log("credit") if one.path == "/covers/bulk"]
        return [cover["company"]["name"] for one in asked for cover in one.json()["covers"]]

    def calls(self, path: str) -> int:
        """How many requests went to a path."""
        return sum(one.path == path for one in self.outside.log("credit"))

    async def row(self, check: UUID) -> dict[str, Any]:
        """A check as it is on record."""
        (row,) = await self.office.lab.execute(
            "select * from credit_check where tenant = $1 and id = $2", self.office.lab.tenant, check
        )
        return row


def account_at(outside: Outside, *, https: bool = False, **other: Any) -> CreditAccount:
    """The account the sandbox knows."""
    known: dict[str, Any] = {
        "url": outside.https_credit_url if https else outside.credit_url,
        "token_url": outside.https_credit_token_url if https else outside.credit_token_url,
        "client_id": outside.accounts.credit_client,
        "client_secret": outside.accounts.credit_secret,
        "ca_file": outside.ca_file if https else None,
    }
    return CreditAccount(**{**known, **other})


@asynccontextmanager
async def counter_at(
    office: Office,
    outside: Outside,
    *,
    account: CreditAccount | None = None,
    within: timedelta = timedelta(seconds=100),
    callback: str | None = None,
) -> AsyncIterator[Counter]:
    """A counter over this office; its breakers are closed.

    Args:
        account: who the bureau is asked as; None is as whom it knows us.
        within: how long a call may take.
        callback: where the bureau tells of decisions that come later.
    """
    hands = Hands()
    bureau = CreditBureau(account or account_at(outside), callback=callback, clock=hands, within=within)
    async with bureau:
        made = Counter(office, outside, bureau, Credits(office.lab.tenant, bureau, office.lab.pool), hands)
        yield made
        await made.credits.stop()
