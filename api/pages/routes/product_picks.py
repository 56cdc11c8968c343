"""Products chosen for a box: a few lines, each a product the ERP knows and how many of it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from adapters.database import Connection
from adapters.erp.reading import ProductRow, products
from adapters.sample_records import Item
from api.pages.forms import Form, FormModel
from api.pages.texts import N_
from api.pages.view import View

LINES: Final = 4
PRODUCT: Final = "product_"
QUANTITY: Final = "quantity_"
_MOST: Final = 1_000
_Text = Annotated[str, Field(max_length=200)] | None
_Number = Annotated[str, Field(max_length=6, pattern=r"^[0-9]{1,6}$")] | None

PICKS: Final[dict[str, Any]] = {
    **{f"{PRODUCT}{line}": (_Text, None) for line in range(LINES)},
    **{f"{QUANTITY}{line}": (_Number, None) for line in range(LINES)},
}


async def products_to_pick(view: View, connection: Connection) -> tuple[ProductRow, ...]:
    """What can be chosen; nothing where no ERP has told of any."""
    return await products(connection, view.caller.tenant, most=_MOST)


def picked(form: Form[Any], values: FormModel) -> list[Item]:
    """What was chosen; a line without a quantity is one of it."""
    said = values.model_dump()
    items = []
    for line in range(LINES):
        sku, quantity = said[f"{PRODUCT}{line}"], said[f"{QUANTITY}{line}"]
        if sku is None:
            if quantity is not None:
                form.fail(f"{PRODUCT}{line}", N_("Which product?"))
            continue
        items.append(Item(sku.strip(), 1 if quantity is None else int(quantity)))
    return items
