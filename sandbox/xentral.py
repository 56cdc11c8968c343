"""An ERP in the manner of Xentral: paged and filtered lists, customers and orders in, signed news out."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from sandbox.erp_records import Kind, NotThere, Record, Records
from sandbox.news import News
from sandbox.switches import Upstream
from sandbox.wire import Answer, Asked

_TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Payload Too Large",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
}
_BASE: Final = "/api/v1/"
_FILTER: Final = re.compile(r"filter\[(\d{1,2})\]\[(key|op|value)\]")
_MOST: Final = 100
_USUAL: Final = 10
_OPERATIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "equals": lambda is_now, value: is_now == value,
    "notEquals": lambda is_now, value: is_now != value,
    "in": lambda is_now, value: is_now in value.split(","),
    "startsWith": lambda is_now, value: is_now.startswith(value),
    "contains": lambda is_now, value: value.lower() in is_now.lower(),
    "greaterThan": lambda is_now, value: is_now > value,
    "greaterThanOrEqual": lambda is_now, value: is_now >= value,
    "lesserThan": lambda is_now, value: is_now < value,
    "lesserThanOrEqual": lambda is_now, value: is_now <= value,
}


class _Wrong(Exception):
    def __init__(self, status: int, messages: Mapping[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.messages = messages


class Xentral:
    """Plays the ERP.

    Attributes:
        records: what it has, and what can happen in it.
        hears: where its news go; None: nowhere.
    """

    upstream = Upstream.XENTRAL

    def __init__(self, token: str, news: News, *, hears: str | None = None) -> None:
        self._token = token
        self._news = news
        self._usually_hears = hears
        self.hears = hears
        self.records = Records(self._tell)

    def refusal(self, status: int) -> Answer:
        """An error as Xentral gives them."""
        return _problem(status, {})

    def delivered(self, asked: Asked, answer: Answer) -> None:
        """Nothing is charged."""

    async def answer(self, asked: Asked) -> Answer:
        """Answer a request."""
        if not hmac.compare_digest(asked.bearer().encode(), self._token.encode()):
            return self.refusal(401)
        try:
            return self._known_caller(asked)
        except NotThere:
            return self.refusal(404)
        except _Wrong as wrong:
            return _problem(wrong.status, wrong.messages)

    def forget(self) -> None:
        """Start anew."""
        self._news.forget()
        self.hears = self._usually_hears
        self.records.restock()

    def _tell(self, event: Mapping[str, Any]) -> None:
        if self.hears is not None:
            self._news.tell(self.hears, event)

    def _known_caller(self, asked: Asked) -> Answer:
        parts = asked.path.removeprefix(_BASE).split("/") if asked.path.startswith(_BASE) else []
        match asked.method, parts:
            case "GET", [kind] if kind in set(Kind):
                return self._list(Kind(kind), asked)
            case "GET", [kind, record_id] if kind in set(Kind):
                return Answer(200, {"data": self.records.one(Kind(kind), record_id)})
            case "POST", ["customers"]:
                return self._customer(asked.json())
            case "POST", ["salesOrders", "actions", "import"]:
                return self._order(asked.json())
            case "POST", ["salesOrders", order_id, "actions", "cancel"]:
                return self._called_off(order_id)
            case _:
                return self.refusal(404)

    def _list(self, kind: Kind, asked: Asked) -> Answer:
        fields = asked.fields()
        number = _whole(fields, "page[number]", 1, 1_000_000)
        size = _whole(fields, "page[size]", _USUAL, _MOST)
        wanted = _filters(fields)
        found = [one for one in self.records.all(kind) if all(holds(one) for holds in wanted)]
        page = found[(number - 1) * size : number * size]
        extra = {"totalCount": len(found), "page": {"number": number, "size": size}}
        return Answer(200, {"data": page, "extra": extra})

    def _customer(self, body: dict[str, Any] | None) -> Answer:
        body = body or {}
        address = body.get("address")
        given = address if isinstance(address, dict) else {}
        texts = {"name": body.get("name"), "address.city": given.get("city")}
        _refuse(
            {name: "is required" for name, text in texts.items() if not isinstance(text, str) or not text}
        )
        number = body.get("number")
        if number is not None and any(one["number"] == number for one in self.records.all(Kind.CUSTOMERS)):
            raise _Wrong(409, {"number": "is taken"})
        made = self.records.add_customer(
            str(body["name"]), str(given.get("zipCode", "")), str(given["city"]), number=number
        )
        return Answer(201, {"data": made}, {"location": f"{_BASE}customers/{made['id']}"})

    def _order(self, body: dict[str, Any] | None) -> Answer:
        body = body or {}
        wrong: dict[str, str] = {}
        for field in ("customer", "project"):
            if _reference(body.get(field)) is None:
                wrong[f"{field}.id"] = "is required"
        try:
            date.fromisoformat(str(body.get("date")))
        except ValueError:
            wrong["date"] = "must be a date such as 2026-11-23"
        if not isinstance(body.get("delivery"), dict):
            wrong["delivery"] = "is required"
        financials = body.get("financials")
        if not isinstance(financials, dict) or not isinstance(financials.get("currency"), str):
            wrong["financials.currency"] = "is required"
        positions = body.get("positions")
        if not isinstance(positions, list) or not positions:
            wrong["positions"] = "must hold at least one"
            positions = []
        known = {one["id"] for one in self.records.all(Kind.PRODUCTS)}
        for number, position in enumerate(positions):
            product = _reference(position.get("product")) if isinstance(position, dict) else None
            if product not in known:
                wrong[f"positions.{number}.product.id"] = "is not known"
            elif not isinstance(position.get("quantity"), int) or position["quantity"] < 1:
                wrong[f"positions.{number}.quantity"] = "must be 1 or more"
        _refuse(wrong)
        if body["customer"]["id"] not in {one["id"] for one in self.records.all(Kind.CUSTOMERS)}:
            raise _Wrong(422, {"customer.id": "is not known"})
        external = body.get("externalOrderNumber")
        if external is not None and any(
            one["externalOrderNumber"] == external for one in self.records.all(Kind.ORDERS)
        ):
            raise _Wrong(409, {"externalOrderNumber": "is taken"})
        made = self.records.add_order(body)
        return Answer(201, {"data": {"id": made["id"]}}, {"location": f"{_BASE}salesOrders/{made['id']}"})

    def _called_off(self, order_id: str) -> Answer:
        if self.records.one(Kind.ORDERS, order_id)["status"] == "completed":
            raise _Wrong(409, {"status": "is on its way"})
        self.records.cancel(order_id)
        return Answer(200, {"data": {"id": order_id}})


def _reference(found: Any) -> str | None:
    record_id = found.get("id") if isinstance(found, dict) else None
    return record_id if isinstance(record_id, str) and record_id else None


def _refuse(wrong: Mapping[str, str]) -> None:
    if wrong:
        raise _Wrong(422, wrong)


def _whole(fields: Mapping[str, str], name: str, usual: int, most: int) -> int:
    given = fields.get(name)
    if given is None:
        return usual
    if not (given.isascii() and given.isdigit()) or not 1 <= int(given) <= most:
        raise _Wrong(400, {name: f"must be a whole number from 1 to {most}"})
    return int(given)


def _filters(fields: Mapping[str, str]) -> list[Callable[[Record], bool]]:
    given: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        found = _FILTER.fullmatch(name)
        if found is not None:
            given.setdefault(found[1], {})[found[2]] = value
    return [_filter(number, one) for number, one in given.items()]


def _filter(number: str, given: Mapping[str, str]) -> Callable[[Record], bool]:
    operation = _OPERATIONS.get(given.get("op", ""))
    if operation is None:
        raise _Wrong(400, {f"filter[{number}][op]": f"must be one of {', '.join(_OPERATIONS)}"})
    if "key" not in given or "value" not in given:
        raise _Wrong(400, {f"filter[{number}]": "needs key and value"})
    path, value = given["key"].split("."), _comparable(given["value"])

    def holds(record: Record) -> bool:
        found: Any = record
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found is not None and operation(_comparable(str(found)), value)

    return holds


def _comparable(value: str) -> str:
    """Instants in one spelling, so that texts compare as what they mean; anything else as it is."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if found.tzinfo is None else found.astimezone(UTC).isoformat(timespec="microseconds")


def _problem(status: int, messages: Mapping[str, str]) -> Answer:
    title = _TITLES.get(status, "Internal Server Error" if status >= 500 else "Refused")
    listed = [{"field": field, "message": message} for field, message in messages.items()]
    return Answer(
        status,
        {
            "type": f"https://api.xentral.biz/problems/{title.lower().replace(' ', '-')}",
            "title": title,
            "status": status,
            "messages": listed,
        },
    )
