"""What comes of the ERP's news: holds that say what is true, conversions that a person confirms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from activities.erp_orders import ErpSettled
from activities.errors import UnknownLead
from activities.proposal_facts import Conversion
from activities.samples import RECORDED, NotYet
from adapters import log
from adapters.database import Pool, transaction
from adapters.delay_teller import NOTHING, DelayTeller
from adapters.erp.intake import _SQL, EventKind
from adapters.erp.rules import delay_mode, price_mode
from adapters.hold_truth import Delay, Subject
from adapters.proposal_store import ProposalSource, Proposed, propose
from adapters.registry import SettingsRegistry
from adapters.sample_delays import ERP, PARTS, delay_of_box, delay_subject
from protection.facts import HoldReason

PROPOSED: Final = "proposed"
NOT_FIRST: Final = "not-the-first-invoice"
_MOST: Final = 200
_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}")

_log = log.get(__name__)


def price_hold(order: str, number: int) -> str:
    """The hold that is placed, or asked for, because an order waits for its price for the n-th time."""
    return f"price-{order}" if number == 1 else f"price{number}-{order}"


class Settling:
    """Makes use of news, each piece for itself.

    Args:
        pool: connections as the worker role.
        registry: what tenants have settled.
        delays: tells leads' clocks of delays.
    """

    def __init__(self, pool: Pool, registry: SettingsRegistry, delays: DelayTeller) -> None:
        self._pool = pool
        self._registry = registry
        self._delays = delays

    async def settle(
        self, tenant: UUID, at: datetime, ids: Sequence[UUID] | None = None
    ) -> tuple[ErpSettled, bool]:
        """Make use of the oldest news, or of these; answers what came of it, and whether some must wait.

        A lead whose clock does not answer holds back only its own.
        """
        async with transaction(self._pool, tenant, ERP, reading=True) as connection:
            rows = [
                row
                async for row in _SQL.unsettled(
                    connection, tenant=tenant, ids=None if ids is None else list(ids), most=_MOST
                )
            ]
        came: Counter[str] = Counter()
        waits = False
        for row in rows:
            try:
                outcome = await self._one(tenant, row, at)
            except NotYet:
                _log.warning("erp news: no answer", news=str(row["id"]), kind=row["kind"])
                waits = True
                continue
            except UnknownLead:
                outcome = "unknown-lead"
            async with transaction(self._pool, tenant, ERP, at=at) as connection:
                await _SQL.settle_event(connection, tenant=tenant, id=row["id"], at=at, outcome=outcome)
            came[outcome] += 1
        return ErpSettled(outcomes=dict(came), more=len(rows) == _MOST), waits

    async def _one(self, tenant: UUID, row: asyncpg.Record, at: datetime) -> str:
        kind = EventKind(row["kind"])
        if kind in {EventKind.PRICE_ASKED, EventKind.PRICE_DECIDED}:
            return await self._price(tenant, row["subject"], at)
        if kind is EventKind.INVOICED:
            return await self._invoice(tenant, row["lead"], row["subject"], at)
        if kind is EventKind.INVOICE_CANCELLED:
            return NOTHING
        async with transaction(self._pool, tenant, ERP, reading=True) as connection:
            delay = await delay_of_box(connection, tenant, row["box"], at)
        subject = delay_subject(row["box"], await delay_mode(self._registry, tenant), by=ERP)
        return await self._delays.tell(tenant, row["lead"], subject, delay, at=at)

    async def _price(self, tenant: UUID, order: str, at: datetime) -> str:
        async with transaction(self._pool, tenant, ERP, reading=True) as connection:
            rounds = [row async for row in _SQL.approvals_of(connection, tenant=tenant, erp_id=order)]
        mode = await price_mode(self._registry, tenant)
        came: list[str] = []
        # Its end may be as new as the next time the order waits.
        for known in reversed(rounds):
            asked_at, decided_at = known["asked_at"], known["decided_at"]
            delay = None if decided_at == asked_at else Delay(start_at=asked_at, end_at=decided_at)
            subject = Subject(
                name=price_hold(order, known["round"]),
                reason=HoldReason.FFZ_PRICE_APPROVAL,
                mode=mode,
                by=ERP,
                parts=PARTS,
            )
            came.append(await self._delays.tell(tenant, known["lead"], subject, delay, at=at))
        usual = RECORDED if RECORDED in came else NOTHING
        return next((one for one in reversed(came) if one not in {RECORDED, NOTHING}), usual)

    async def _invoice(self, tenant: UUID, lead: UUID, invoice: str, at: datetime) -> str:
        async with transaction(self._pool, tenant, ERP, at=at) as connection:
            said = await _SQL.customer_of_invoice(connection, tenant=tenant, erp_id=invoice)
            customer = await _SQL.first_of_lead(
                connection, tenant=tenant, lead=lead, erp_id=said["customer"], issued_on=said["issued_on"]
            )
            if said["cancelled"] or customer is None:
                return NOTHING
            if not customer["first"]:
                return NOT_FIRST
            made = await propose(
                connection,
                Proposed(
                    tenant=tenant,
                    lead=lead,
                    facts=Conversion(
                        customer_no=_number(customer["number"]),
                        agreement_date=said["issued_on"],
                        document=_number(said["number"]),
                    ),
                    source=ProposalSource.ERP,
                    # Once for a lead and a customer, however many invoices follow.
                    subject_id=f"{lead}/{said['customer']}"[:100],
                    at=at,
                ),
            )
        return NOTHING if made is None else PROPOSED


def _number(text: str) -> str | None:
    return text if _NUMBER.fullmatch(text) else None
