"""What the ERP's workflows are started with, and what everything about them is called."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import StringConstraints
from pydantic.dataclasses import dataclass

from workflows.message import STRICT

ERP_SYNC: Final = "erp-sync"
ERP_RECONCILE: Final = "erp-reconcile"
ERP_ORDER: Final = "erp-order"
_UUID = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def sync_id(tenant: object) -> str:
    """The id of a reading somebody asks for; those of the schedule carry their time behind it."""
    return f"erp-sync/{tenant}"


def reconcile_id(tenant: object) -> str:
    """The same for comparing everything."""
    return f"erp-reconcile/{tenant}"


def order_id(tenant: object, box: object) -> str:
    """The id of the workflow that makes a box an order, or calls the order off."""
    return f"erp-order/{tenant}/{box}"


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartErp:
    """Read what the ERP of this tenant tells; or compare everything with it."""

    tenant: _UUID


@dataclass(frozen=True, slots=True, config=STRICT, kw_only=True)
class StartErpOrder:
    """See to the order of this box."""

    tenant: _UUID
    lead: _UUID
    box: _UUID
