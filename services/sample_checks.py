"""What may be said about samples, checked the same way for API, pages and the public form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from adapters.sample_records import SKU, Item, Rating, SampleBox, TestResult
from services import words

MOST_ITEMS: Final = 50
MOST_QTY: Final = 100_000
MAX_COMMENT: Final = 2_000
_MOST_CHANGE: Final = Decimal("99999.99")


def checked_ratings(ratings: Sequence[Rating]) -> tuple[Rating, ...]:
    """Ratings as they may be kept: 1 to 5, each product once, comments of a bearable length.

    Raises:
        Malformed: names the field.
    """
    if not 1 <= len(ratings) <= MOST_ITEMS:
        raise words.malformed("ratings", "rate at least one product")
    _once([rating.sku for rating in ratings], "ratings")
    checked = []
    for rating in ratings:
        if not 1 <= rating.rating <= 5:
            raise words.malformed("ratings", "a rating is a number from 1 to 5")
        comment = words.note((rating.comment or "").strip() or None, "comment")
        if comment is not None and len(comment) > MAX_COMMENT:
            raise words.malformed("comment", f"must be text of at most {MAX_COMMENT} characters")
        checked.append(replace(rating, comment=comment))
    return tuple(checked)


def checked_items(items: Sequence[Item]) -> tuple[Item, ...]:
    """What is to be in a box, each product once.

    Raises:
        Malformed: names the field.
    """
    if not 1 <= len(items) <= MOST_ITEMS:
        raise words.malformed("items", f"a box holds 1 to {MOST_ITEMS} products")
    for item in items:
        if not SKU.fullmatch(item.sku):
            raise words.malformed("items", "a SKU is 1 to 60 letters, digits, blanks, or any of . _ : # / -")
        if not 1 <= item.qty <= MOST_QTY:
            raise words.malformed("items", f"a quantity is a number from 1 to {MOST_QTY}")
    _once([item.sku for item in items], "items")
    return tuple(items)


def _once(skus: Sequence[str], field: str) -> None:
    if len(set(skus)) < len(skus):
        raise words.malformed(field, "each product once")


def require_of_the_box(box: SampleBox, skus: Sequence[str], field: str) -> None:
    """Go on only if these products were in the box.

    Raises:
        Malformed: names the field.
    """
    if not skus:
        raise words.malformed(field, "name at least one product")
    _once(skus, field)
    if not set(skus) <= set(box.skus):
        raise words.malformed(field, "a product was not in the box")


def checked_result(result: TestResult) -> TestResult:
    """A result as it may be kept.

    Raises:
        Malformed: names the figure.
    """
    for figure, field in ((result.sell_through, "sell_through"), (result.waste_change, "waste_change")):
        if figure is None:
            continue
        if not figure.is_finite() or abs(figure) > _MOST_CHANGE or figure != figure.quantize(Decimal("0.01")):
            raise words.malformed(field, "a change in per cent with at most two decimals")
    return result
