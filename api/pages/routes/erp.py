"""The ERP: how reading it stands, what became of orders of samples, what it told and what came of that."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from activities.erp_orders import Resource
from adapters.delay_teller import CAME_LATE, NOTHING
from adapters.erp.intake import EventKind
from adapters.erp.office import GONE, RECONCILED
from adapters.erp.settling import NOT_FIRST, PROPOSED
from api.pages.forms import FormModel, read_form
from api.pages.outside.shape import FAULTS
from api.pages.texts import N_
from api.pages.view import CurrentView
from protection.permission import Act
from protection.refusal import Code
from services import erp

router: Final = APIRouter(include_in_schema=False)

RESOURCES: Final = {
    Resource.PRODUCTS: N_("Products"),
    Resource.CUSTOMERS: N_("Customers"),
    Resource.ORDERS: N_("Orders"),
    Resource.SHIPMENTS: N_("Shipments"),
    Resource.INVOICES: N_("Invoices"),
    Resource.PAYMENTS: N_("Payments"),
    RECONCILED: N_("Our orders, looked for there"),
}
KINDS: Final = {
    EventKind.ORDER_DUE: N_("The ERP promises the shipment"),
    EventKind.ORDER_CANCELLED: N_("The order was cancelled"),
    EventKind.SHIPPED: N_("Samples shipped"),
    EventKind.DELIVERED: N_("Samples delivered"),
    EventKind.PRICE_ASKED: N_("A price waits for approval"),
    EventKind.PRICE_DECIDED: N_("The price was decided"),
    EventKind.INVOICED: N_("An invoice was issued"),
    EventKind.INVOICE_CANCELLED: N_("An invoice was cancelled"),
}
OUTCOMES: Final = {
    "recorded": N_("told to the lead's clock"),
    NOTHING: N_("nothing to tell"),
    PROPOSED: N_("conversion proposed"),
    NOT_FIRST: N_("not the first invoice"),
    CAME_LATE: N_("came after the lapse: listed among the late corrections"),
    str(Code.PROTECTION_ENDED): N_("the lead had ended"),
    str(Code.WOULD_HAVE_ENDED): N_("left out: protection would have ended by it. Look at the lead."),
}
STATES: Final = {
    "sent": ("good", N_("ordered")),
    "refused": ("bad", N_("refused")),
    "cancelled": ("quiet", N_("cancelled")),
    "not-needed": ("quiet", N_("not ordered")),
}
PROBLEMS: Final = {
    "unknown-product": N_("The ERP does not know one of the products."),
    "unknown-customer": N_("The ERP does not know the customer it is booked on. See the settings."),
    "refused-by-the-erp": N_("The ERP does not take the order. Look there."),
    "not-cancelled-in-the-erp": N_("The ERP does not cancel it any more. Look there."),
    GONE: N_("The order is not there any more. Look there."),
}


class SyncForm(FormModel):
    """Whether everything is read again."""

    everything: Annotated[str, Field(pattern="^yes$")] | None = None


@router.get("/erp")
async def read_erp(view: CurrentView) -> Response:
    """Show how the ERP stands."""
    standing = await erp.standing(view.desk, view.wiring.erp, view.asking())
    return view.page(
        "erp/page.html.j2",
        standing=standing,
        resources=RESOURCES,
        faults=FAULTS,
        kinds=KINDS,
        outcomes=OUTCOMES,
        states=STATES,
        problems=PROBLEMS,
        may_read=view.can(Act.GOVERN),
    )


@router.post("/erp/sync")
async def sync_erp(request: Request, view: CurrentView) -> Response:
    """Have it read at once."""
    form = await read_form(request, SyncForm)
    everything = form.ok and form.values.everything is not None
    await erp.read_at_once(
        view.wiring.temporal, view.wiring.erp, view.asking(form.act), everything=everything
    )
    return view.to("/erp", said=N_("The ERP is being read. Load the page again in a moment."))
