"""Commands for whoever asks what is held about him: find-contact, receipts, export-own."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from adapters import settings as configuration
from adapters.database import transaction
from adapters.own_data import own_data
from adapters.read_model import find_lead
from adapters.retention import Receipt, receipts_of
from adapters.vault import Vault
from cli.acts import Json, LeadKey, Text
from cli.console import DONE, UsageError, perform, reading
from cli.moments import iso, wall
from cli.output import out, print_json, table
from cli.teaching import add
from protection.permission import Role


def register(app: App) -> None:
    """Add the commands to the application."""
    add(app, find_contact)
    add(app, receipts)
    add(app, export_own)


def find_contact(*, email: Text | None = None, phone: Text | None = None, json: Json = False) -> int:
    """Find the leads with a contact of exactly this mail address or telephone number, in any spelling.

    Names and parts of an address cannot be searched for: the database holds nothing readable.

    Examples:
        `fristwerk find-contact --email e.muster@gasthof-muster.example`

        `fristwerk find-contact --phone "0361 / 99 88 77"`

    Args:
        email: Mail address.
        phone: Telephone number; with both, both are of one contact.
    """
    return perform(_find_contact(email, phone, json=json))


async def _find_contact(email: str | None, phone: str | None, *, json: bool) -> int:
    if not (email or "").strip() and not (phone or "").strip():
        raise UsageError("--email or --phone: say which address or number")
    settings = configuration.load()
    vault = Vault.of(settings)
    async with reading(settings) as desk, desk.look() as connection:
        found = [
            lead
            for one in await vault.search(connection, desk.tenant, email=email, phone=phone)
            if (lead := await find_lead(connection, desk.tenant, str(one))) is not None
        ]
    if json:
        print_json([{"lead": str(lead.id), "company": lead.company, "city": lead.city} for lead in found])
    elif not found:
        out().print("No lead has such a contact.")
    else:
        rows = table(None, "lead", "company", "city", "owner")
        for lead in found:
            rows.add_row(lead.external_id or str(lead.id)[:8], lead.company, lead.city, lead.owner)
        out().print(rows)
    return DONE


def receipts(key: LeadKey, /, *, json: Json = False) -> int:
    """Show the receipts of a lead's erasures: when, by whom, why, and what was done in every store.

    Examples:
        `fristwerk receipts DEMO-0001`
    """
    return perform(_receipts(key, json=json))


async def _receipts(key: str, *, json: bool) -> int:
    async with reading() as desk:
        lead = await desk.find(key)
        async with desk.look() as connection:
            found = await receipts_of(connection, desk.tenant, lead.id)
    if json:
        print_json([_plain(receipt) for receipt in found])
        return DONE
    if not found:
        out().print("Nothing was erased of this lead.")
    for receipt in found:
        out().print(
            f"{wall(receipt.at)}, by {receipt.by}, cause {receipt.cause}, receipt {receipt.id}", markup=False
        )
        rows = table(None, "store", "what was done there", "rows")
        for store, done in receipt.stores.items():
            rows.add_row(
                store.replace("_", " "), str(done["done"]).replace("-", " "), str(done.get("rows", ""))
            )
        out().print(rows)
    return DONE


def _plain(receipt: Receipt) -> dict[str, object]:
    return {
        "receipt": str(receipt.id),
        "at": iso(receipt.at),
        "by": receipt.by,
        "cause": str(receipt.cause),
        "stores": receipt.stores,
    }


def export_own(who: Annotated[str, Parameter(name="USER")], /) -> int:
    """Write everything held about a person who works here as JSON: account, leads, activities, mails.

    Examples:
        `fristwerk export-own anna@agents.example > anna.json`

    Args:
        who: id or mail address.
    """
    return perform(_export_own(who))


async def _export_own(who: str) -> int:
    async with reading() as desk:
        person = await desk.person(who, "USER")
        async with transaction(desk.pool, desk.tenant, person.id, (Role.AGENT,), reading=True) as connection:
            found = await own_data(connection, desk.tenant, person.id)
    print_json(found.to_json())
    return DONE
