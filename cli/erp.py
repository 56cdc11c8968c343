"""The command `fristwerk erp`: how the ERP stands, and reading it at once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from cyclopts import App, Parameter

from adapters import outside_settings
from cli.acts import By, Json
from cli.console import DONE, NOT_DONE, OPERATOR, complain, perform
from cli.desk import acting
from cli.moments import iso
from cli.output import out, print_json, table
from cli.teaching import add
from services import erp
from services.asking import Asking
from services.erp import ErpConnected, ErpStanding
from services.errors import Forbidden, NotConfigured, Unavailable


def register(app: App) -> None:
    """Add the commands to the application."""
    commands = App(name="erp", help="The ERP: how it stands, and reading it at once.")
    add(commands, erp_status, name="status")
    add(commands, erp_sync, name="sync")
    app.command(commands)


def erp_status(*, by: By = OPERATOR, json: Json = False) -> int:
    """Show how reading the ERP stands, orders of samples, and what it told.

    Examples:
        `fristwerk erp status`
    """
    return perform(_status(by, json=json))


def erp_sync(
    *,
    everything: Annotated[bool, Parameter(negative="")] = False,
    by: By = OPERATOR,
    json: Json = False,
) -> int:
    """Have the ERP read at once.

    Examples:
        `fristwerk erp sync`

        Read everything again and compare:
        `fristwerk erp sync --everything`

    Args:
        everything: Read everything again and compare, instead of what is new.
    """
    return perform(_sync(by, everything=everything, json=json))


def _connected() -> ErpConnected | None:
    outside = outside_settings.load()
    return None if outside.xentral() is None else ErpConnected(outside.tenant)


async def _status(by: str, *, json: bool) -> int:
    async with acting() as opened:
        asking = Asking.of(await opened.reading.acts_as(by))
        try:
            found = await erp.standing(opened.desk, _connected(), asking)
        except (Forbidden, NotConfigured) as error:
            return _why_not(error)
    if json:
        print_json(_plain(found))
        return DONE
    _shown(found)
    return DONE


async def _sync(by: str, *, everything: bool, json: bool) -> int:
    async with acting() as opened:
        asking = Asking.of(await opened.reading.acts_as(by))
        try:
            workflow = await erp.read_at_once(opened.client, _connected(), asking, everything=everything)
        except (Forbidden, NotConfigured, Unavailable) as error:
            return _why_not(error)
    if json:
        print_json({"workflow": workflow})
    else:
        out().print(f"The ERP is being read ({workflow}). See: fristwerk erp status")
    return DONE


def _why_not(error: Forbidden | NotConfigured | Unavailable) -> int:
    match error:
        case Forbidden():
            complain("Only who looks after the systems outside may do this.")
        case NotConfigured():
            complain("No ERP is connected for this tenant: set XENTRAL_URL and XENTRAL_TOKEN.")
        case Unavailable():
            complain("Nobody took it up in time. Is a worker running? See: fristwerk status")
    return NOT_DONE


def _shown(found: ErpStanding) -> None:
    read = table("Readings", "what", "read completely", "things", "news", "left out", "problem")
    for one in found.readings:
        problem = "" if one.problem is None else str(one.problem)
        counted = (str(one.read), str(one.news), str(one.skipped))
        read.add_row(one.resource, iso(one.done_at) or "", *counted, problem)
    orders = table("Orders of samples", "lead", "state", "number", "problem")
    for order in found.orders:
        place = f"{order.company}, {order.city}"
        orders.add_row(place, order.state, order.number or "", order.problem or "")
    told = table("What it told", "what", "when it was so", "when we learned it", "what came of it")
    for event in found.events:
        told.add_row(str(event.kind), iso(event.happened_at), iso(event.learned_at), event.outcome or "waits")
    for shown in (read, orders, told):
        out().print(shown)
    out().print(
        f"Not used yet: {found.backlog.waiting}. Orders to look at: {found.backlog.troubled}. "
        f"Left out because protection would have ended: {found.backlog.withheld}."
    )


def _plain(found: ErpStanding) -> dict[str, Any]:
    """As JSON."""

    def spelled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: spelled(one) for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [spelled(one) for one in value]
        if value is None or isinstance(value, (int, str)):
            return value
        return iso(value) if hasattr(value, "tzinfo") else str(value)

    plain: dict[str, Any] = spelled(asdict(found))
    return plain
