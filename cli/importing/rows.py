"""Checks of whole rows: a raw row in, a checked value out, or `BadCell` with the first fault found."""

from collections.abc import Mapping
from datetime import datetime

from cli.importing.fields import (
    BadCell,
    choice,
    email,
    filled,
    identifier,
    instant,
    maybe_instant,
    text,
    token,
    whole_days,
)
from cli.importing.shapes import (
    ActivityRow,
    ChildRow,
    ConversionRow,
    ExtensionRow,
    HoldRow,
    LeadRow,
    RawRow,
    SourceFile,
)
from protection.checks import MAX_EXTENSION_DAYS
from protection.facts import HoldReason
from protection.policy import Policy
from services.words import MAX_NOTE, MAX_PHONE, MIN_FIRST_CONTACT, LeadSource

_NEEDS_FIRST_CONTACT: Mapping[LeadSource, str] = {
    LeadSource.TRADE_FAIR: "trade fair without first contact",
    LeadSource.PHONE: "phone without first contact",
}


def lead_row(raw: RawRow, now: datetime) -> LeadRow:
    """Check a row of leads.csv.

    Args:
        raw: the row as written.
        now: UTC instant that nothing in the past may lie after.

    Raises:
        BadCell: the first fault, in the order of the columns.
    """
    cells = raw.values
    external_id = token(cells, "external_id")
    company = filled(cells, "company")
    postcode = text(cells, "postcode", 20)
    city = filled(cells, "city")
    industry = text(cells, "industry")
    source = choice(cells, "source", LeadSource, "unknown source")
    registered_at = instant(cells, "registered_at", now=now)
    if not cells["owner_email"].strip():
        raise BadCell("owner_email", "owner_email is empty")
    owner = email(cells, "owner_email", "owner is malformed")
    contact_name = text(cells, "contact_name")
    contact_email = ""
    if cells["contact_email"].strip():
        contact_email = email(cells, "contact_email", "e-mail is malformed")
    contact_phone = text(cells, "contact_phone", MAX_PHONE)
    note = text(cells, "first_contact_note", MAX_NOTE, note=True)
    _check_first_contact(source, note)
    if not any(part.strip() for part in (contact_name, contact_email, contact_phone, note)):
        raise BadCell("contact_name", "neither contact nor first contact")
    return LeadRow(
        line=raw.line,
        external_id=external_id,
        company=company,
        postcode=postcode,
        city=city,
        industry=industry,
        source=source,
        registered_at=registered_at,
        owner=owner,
        contact_name=contact_name,
        contact_email=contact_email,
        contact_phone=contact_phone,
        first_contact_note=note,
    )


def child_row(
    file: SourceFile, raw: RawRow, *, policy: Policy, now: datetime, registered_at: datetime
) -> ChildRow:
    """Check a row of one of the other files.

    Args:
        file: which of them.
        raw: the row as written.
        policy: whose catalogue of activity kinds counts.
        now: UTC instant that nothing in the past may lie after.
        registered_at: UTC instant at which the row's lead was registered.

    Raises:
        BadCell: the first fault, in the order of the columns.
        ValueError: leads.csv has no such rows.
    """
    match file:
        case SourceFile.ACTIVITIES:
            return _activity(raw, policy, now, registered_at)
        case SourceFile.HOLDS:
            return _hold(raw, now, registered_at)
        case SourceFile.EXTENSIONS:
            return _extension(raw, now, registered_at)
        case SourceFile.CONVERSIONS:
            return _conversion(raw, now, registered_at)
        case SourceFile.LEADS:
            raise ValueError("leads.csv holds leads, not what happened to them")


def _check_first_contact(source: LeadSource, note: str) -> None:
    missing = _NEEDS_FIRST_CONTACT.get(source)
    if missing is None:
        return
    if not note.strip():
        raise BadCell("first_contact_note", missing)
    if len(note.strip()) < MIN_FIRST_CONTACT:
        raise BadCell("first_contact_note", f"first contact shorter than {MIN_FIRST_CONTACT} characters")


def _recorded(cells: Mapping[str, str], column: str, now: datetime, registered_at: datetime) -> datetime:
    moment = instant(cells, column, now=now)
    if moment < registered_at:
        raise BadCell(column, f"{column} lies before the registration")
    return moment


def _activity(raw: RawRow, policy: Policy, now: datetime, registered_at: datetime) -> ActivityRow:
    cells = raw.values
    occurred_at = instant(cells, "occurred_at", now=now)
    recorded_at = _recorded(cells, "recorded_at", now, registered_at)
    if occurred_at > recorded_at:
        raise BadCell("occurred_at", "occurred_at lies after recorded_at")
    kind = token(cells, "kind")
    if kind not in policy.qualifying_kinds and kind not in policy.other_kinds:
        raise BadCell("kind", "unknown kind")
    note = text(cells, "note", MAX_NOTE, note=True)
    return ActivityRow(raw.line, token(cells, "external_id"), occurred_at, recorded_at, kind, note)


def _hold(raw: RawRow, now: datetime, registered_at: datetime) -> HoldRow:
    cells = raw.values
    hold = identifier(cells, "hold_ref")
    reason = choice(cells, "reason", HoldReason, "unknown hold reason")
    placed_at = _recorded(cells, "placed_at", now, registered_at)
    start_at = instant(cells, "start_at")
    end_at = maybe_instant(cells, "end_at")
    if end_at is not None and end_at <= start_at:
        raise BadCell("end_at", "end_at does not lie after start_at")
    released_at = maybe_instant(cells, "released_at", now=now)
    if released_at is not None and released_at < placed_at:
        raise BadCell("released_at", "released_at lies before placed_at")
    external_id = token(cells, "external_id")
    return HoldRow(raw.line, external_id, hold, reason, placed_at, start_at, end_at, released_at)


def _extension(raw: RawRow, now: datetime, registered_at: datetime) -> ExtensionRow:
    cells = raw.values
    granted_at = _recorded(cells, "granted_at", now, registered_at)
    days = whole_days(cells, "days", MAX_EXTENSION_DAYS)
    reason = text(cells, "reason", MAX_NOTE, note=True)
    return ExtensionRow(raw.line, token(cells, "external_id"), granted_at, days, reason)


def _conversion(raw: RawRow, now: datetime, registered_at: datetime) -> ConversionRow:
    cells = raw.values
    converted_at = _recorded(cells, "converted_at", now, registered_at)
    customer_no = text(cells, "customer_no").strip() or None
    return ConversionRow(raw.line, token(cells, "external_id"), converted_at, customer_no)
