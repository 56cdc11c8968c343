"""What can be made to happen outside by hand: a failure, a decision, a shipment, a mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from sandbox.erp_records import Kind as Recorded
from sandbox.erp_records import NotThere
from sandbox.replies import Kind, answer
from sandbox.switches import Failure, Switch, Upstream, failing
from sandbox.world import World

_MOST_DAYS: Final = 400
_LONGEST: Final = 20_000

Form = Mapping[str, str]


class ActError(Exception):
    """What was asked for makes no sense.

    Attributes:
        field: which part of it.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


async def act(world: World, name: str, form: Form) -> str:
    """Make something happen.

    Args:
        world: where.
        name: of the act.
        form: its fields.

    Returns:
        What happened, in a few words.

    Raises:
        ActError: there is no such act, or a field makes no sense.
    """
    known = _ACTS.get(name)
    if known is None:
        raise ActError("act", f"must be one of {', '.join(sorted(_ACTS))}")
    try:
        return await known(world, form)
    except NotThere as missing:
        raise ActError("id", f"{missing} is not on record") from missing


async def _fail(world: World, form: Form) -> str:
    upstream, failure = _upstream(form), form.get("failure", "")
    if failure not in set(Failure):
        raise ActError("failure", f"must be one of {', '.join(Failure)}")
    world.switches.set(upstream, failing(Failure(failure)))
    return f"{upstream} fails: {failure}"


async def _heal(world: World, form: Form) -> str:
    upstream = _upstream(form)
    world.switches.set(upstream, Switch())
    return f"{upstream} is well again"


async def _delay(world: World, form: Form) -> str:
    upstream = _upstream(form)
    milliseconds = _whole(form, "milliseconds", 60_000)
    world.switches.set(upstream, Switch(latency_ms=milliseconds))
    return f"{upstream} takes {milliseconds} ms"


async def _decide(world: World, _: Form) -> str:
    return f"{world.credit.decide()} decided"


async def _ship(world: World, form: Form) -> str:
    record = world.xentral.records.ship(_text(form, "id"), at=_at(form))
    return f"shipped as {record['number']}"


async def _deliver(world: World, form: Form) -> str:
    world.xentral.records.deliver(_text(form, "id"), at=_at(form))
    return "delivered"


async def _hold(world: World, form: Form) -> str:
    world.xentral.records.hold(_text(form, "id"), at=_at(form))
    return "waits until its price is approved"


async def _release(world: World, form: Form) -> str:
    world.xentral.records.release(_text(form, "id"), at=_at(form))
    return "price approved"


async def _cancel(world: World, form: Form) -> str:
    world.xentral.records.cancel(_text(form, "id"), at=_at(form))
    return "given up"


async def _invoice(world: World, form: Form) -> str:
    record = world.xentral.records.invoice(_text(form, "id"), at=_at(form))
    return f"invoice {record['number']}"


async def _pay(world: World, form: Form) -> str:
    world.xentral.records.pay(_text(form, "id"), at=_at(form))
    return "paid"


async def _stock(world: World, form: Form) -> str:
    products = _whole(form, "products", 20_000)
    world.xentral.records.restock(products)
    return f"{products} products, everything else begins anew"


async def _add_customer(world: World, form: Form) -> str:
    name, city = _text(form, "name"), _text(form, "city")
    record = world.xentral.records.add_customer(name, form.get("zip", ""), city)
    return f"customer {record['number']}"


async def _mail(world: World, form: Form) -> str:
    kind = form.get("kind") or Kind.ANSWER
    if kind not in set(Kind):
        raise ActError("kind", f"must be one of {', '.join(Kind)}")
    try:
        mail = answer(
            sender=_text(form, "from"),
            to=form.get("to", ""),
            subject=_text(form, "subject"),
            text=_text(form, "text"),
            in_reply_to=form.get("in_reply_to", ""),
            kind=Kind(kind),
        )
    except ValueError as error:
        raise ActError("from", "from, to, subject and in_reply_to must be one line each") from error
    uid = await world.inbox.deliver(mail)
    return f"mail {uid} is in the inbox"


async def _reset(world: World, _: Form) -> str:
    await world.reset()
    return "everything begins anew"


_ACTS: Final[Mapping[str, Callable[[World, Form], Awaitable[str]]]] = {
    "fail": _fail,
    "heal": _heal,
    "delay": _delay,
    "decide": _decide,
    "ship": _ship,
    "deliver": _deliver,
    "hold": _hold,
    "release": _release,
    "cancel": _cancel,
    "invoice": _invoice,
    "pay": _pay,
    "stock": _stock,
    "add-customer": _add_customer,
    "mail": _mail,
    "reset": _reset,
}


def open_deliveries(world: World, order_id: str) -> list[str]:
    """The shipments of an order that have not arrived."""
    return [
        str(one["id"])
        for one in world.xentral.records.all(Recorded.DELIVERIES)
        if one["salesOrder"]["id"] == order_id and one["deliveredAt"] is None
    ]


def _upstream(form: Form) -> Upstream:
    name = form.get("upstream", "")
    if name not in set(Upstream):
        raise ActError("upstream", f"must be one of {', '.join(Upstream)}")
    return Upstream(name)


def _text(form: Form, field: str) -> str:
    text = form.get(field, "").strip()
    if not text or len(text) > _LONGEST:
        raise ActError(field, f"is required, up to {_LONGEST} characters")
    return text


def _whole(form: Form, field: str, most: int) -> int:
    given = form.get(field, "")
    if not (given.isascii() and given.isdigit()) or int(given) > most:
        raise ActError(field, f"must be a whole number up to {most}")
    return int(given)


def _at(form: Form) -> datetime | None:
    """When it happened: so many days ago, or now."""
    if not form.get("days_ago"):
        return None
    return datetime.now(UTC) - timedelta(days=_whole(form, "days_ago", _MOST_DAYS))
