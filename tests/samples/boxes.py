"""Boxes of samples in a lab: rows as services write them, and their workflow on skipped time."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from adapters.database import transaction
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.sample_work import FeedbackLinks, invitation_id
from sandbox.mailbox import StoredMail
from tests.samples.parts import PUBLIC_URL
from tests.vaultfixtures import VAULT
from tests.workflows.lab import Lab, Lead, until
from workers.lead_clock import LeadClock
from workflows import names

SKUS: Final = ("GOULASH-1", "SOUP-2")

_BOX: Final = """
insert into sample_box (tenant, id, lead, promised_at, created_by, created_at)
values ($1, $2, $3, $4, 'boss', $5)
"""
_ITEM: Final = "insert into sample_item (tenant, box, lead, sku, qty, place) values ($1, $2, $3, $4, 2, $5)"
_SHIPPED: Final = """
insert into shipment (tenant, box, lead, shipped_by, shipped_at) values ($1, $2, $3, 'boss', $4)
"""
_DELIVERED: Final = """
update shipment set delivered_by = 'boss', delivered_at = $3 where tenant = $1 and box = $2
"""
_CANCELLED: Final = """
update sample_box set cancelled_by = 'boss', cancelled_at = $3 where tenant = $1 and id = $2
"""
_PHASE: Final = """
insert into test_phase (tenant, box, id, lead, stage, starts_at, ends_at, created_by, created_at)
values ($1, $2, gen_random_uuid(), $3, 'SAMPLE', $4, $5, 'boss', $4)
"""
_PHONE: Final = """
insert into feedback_submission
  (tenant, box, id, lead, source, contact_role, told_by, given_at, received_at)
values ($1, $2, $3, $4, 'PHONE', 'CHEF', $5, $6, $6)
"""


@dataclass
class Box:
    """One box, its lead and its workflow.

    Attributes:
        address: whom feedback is asked of.
    """

    lead: Lead
    address: str
    id: UUID = field(default_factory=uuid4)

    @property
    def lab(self) -> Lab:
        """Where it lives."""
        return self.lead.lab

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        """The newest run of its workflow."""
        return self.lab.client.get_workflow_handle(names.sample_id(self.lab.tenant, self.id))

    async def view(self) -> dict[str, Any]:
        """What the workflow says of itself."""
        view: dict[str, Any] = await self.handle.query(names.SAMPLE)
        return view

    async def waits_for(self, what: str) -> None:
        """Waits until the workflow waits for that."""

        async def does() -> bool:
            with suppress(RPCError):  # not started yet, or busy
                return bool((await self.view())["waits_for"] == what)
            return False

        await until(does)

    async def did(self, step: str) -> None:
        """Waits until the workflow has done a step."""

        async def done() -> bool:
            with suppress(RPCError):  # not started yet, or busy
                return step in (await self.view())["done"]
            return False

        await until(done)

    async def told(self) -> None:
        """Waits until the lead's clock knows everything that was said."""

        async def settled() -> bool:
            return bool((await self.row("feedback_submission"))["outcome"])

        await until(settled)

    async def is_over(self) -> None:
        """Waits until the workflow has ended by itself."""

        async def over() -> bool:
            return (await self.handle.describe()).close_time is not None

        await until(over)

    async def forward(self, span: timedelta) -> None:
        """Skips this much of the workflow's own time."""
        clock = LeadClock(self.lab.client, self.handle)
        await clock.skip(await clock.now() + span)

    async def write(self, *statements: tuple[str, *tuple[Any, ...]], by: str = "boss") -> None:
        """Writes rows in one transaction, as the worker role on somebody's behalf."""
        async with transaction(self.lab.pool, self.lab.tenant, by, at=datetime.now(UTC)) as connection:
            for sql, *values in statements:
                await connection.execute(sql, self.lab.tenant, self.id, *values)

    async def promised(self, promised_at: datetime | None = None) -> None:
        """Promises it, with everything in it."""
        await self.write(
            (_BOX, self.lead.id, promised_at, datetime.now(UTC)),
            *((_ITEM, self.lead.id, sku, place) for place, sku in enumerate(SKUS)),
        )

    async def shipped(self) -> None:
        """It is on its way."""
        await self.write((_SHIPPED, self.lead.id, datetime.now(UTC)))

    async def delivered(self) -> None:
        """It has arrived."""
        await self.write((_DELIVERED, datetime.now(UTC)))

    async def cancelled(self) -> None:
        """It was called off."""
        await self.write((_CANCELLED, datetime.now(UTC)))

    async def tested(self, ends_at: datetime) -> None:
        """A test phase is planned until then."""
        await self.write((_PHASE, self.lead.id, datetime.now(UTC), ends_at))

    async def rated_by_phone(self) -> UUID:
        """Somebody was asked on the phone."""
        submission, owner = uuid4(), self.lead.owner
        await self.write((_PHONE, submission, self.lead.id, owner, datetime.now(UTC)), by=owner)
        return submission

    async def link(self) -> str:
        """Where its form is filled in."""
        links = FeedbackLinks(self.lab.pool, VAULT, PUBLIC_URL)
        return await links.link(self.lab.tenant, invitation_id(self.id))

    async def row(self, table: str) -> dict[str, Any]:
        """Its one row of a table."""
        (row,) = await self.lab.execute(f"select * from {table} where box = $1", self.id)
        return row

    async def news(self) -> int:
        """What its workflow has not been told yet."""
        return len(await self.lab.execute("select * from sample_news where box = $1", self.id))

    def mails(self) -> list[StoredMail]:
        """What the customer was sent, oldest first."""
        mailbox = self.lab.mailbox
        mails = (mailbox.read(number) for number in mailbox.numbers())
        return [mail for mail in mails if self.address in mail.recipients]


async def box_of(lab: Lab, *, contact: bool = True) -> Box:
    """A box for a lead of its own, whose protection has begun; nothing is promised yet."""
    address = f"kueche-{uuid4().hex[:12]}@gasthof.example"
    contacts = (ContactEntry(id=uuid4(), kind=ContactKind.CONTACT, name="Jo Geheim", email=address),)
    lead = await lab.lead(contacts=contacts if contact else ())
    await lead.register()
    return Box(lead, address)
