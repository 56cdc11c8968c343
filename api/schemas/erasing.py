"""Erasing personal data on request: what is said, what it would meet, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from activities.erasure_orders import Cause, Obstacle
from api.schemas.base import Input, Instant, Output
from api.schemas.opening import GraveReason
from protection.state import Status


class ErasureInput(Input):
    """Why. It stays in the audit for good, so name nobody. `dryRun` only looks."""

    reason: GraveReason
    dry_run: bool = False


class StoreErased(Output):
    """What an erasure does in one store; `docs/personal-data.md` says what lies there.

    Attributes:
        done: destroyed, emptied, pseudonymised, or why nothing has to be done.
        rows: how many rows; null where nobody counts.
    """

    store: str
    done: str
    rows: int | None

    @classmethod
    def listed(cls, stores: Mapping[str, Mapping[str, Any]]) -> list[StoreErased]:
        """Every store of an outlook or a receipt."""
        return [cls(store=name, done=told["done"], rows=told.get("rows")) for name, told in stores.items()]


class ErasureOutlook(Output):
    """What an erasure would meet. Nothing was done.

    Attributes:
        status: where the lead stands; null where nothing was recorded of it.
        obstacle: what stands against it; null where nothing does.
        stores: what would be done, store by store.
    """

    lead: UUID
    status: Status | None
    obstacle: Obstacle | None
    stores: list[StoreErased]


class ErasureBegun(Output):
    """An erasure that was begun; its receipt is found where `Location` says.

    Attributes:
        over: whether it has come to an end already.
        receipt: id of the receipt; null while it goes on, and where nothing was left to erase.
        rows: how many rows were emptied until now.
    """

    lead: UUID
    over: bool
    receipt: UUID | None
    rows: int


class ErasureReceipt(Output):
    """What an erasure has done.

    Attributes:
        by: who asked, or the part of the system that noticed the lapse.
        cause: lapse or request.
    """

    id: UUID
    at: Instant
    by: str
    cause: Cause
    stores: list[StoreErased]


class ErasureReceiptList(Output):
    """All receipts of a lead, the newest first."""

    items: list[ErasureReceipt]
