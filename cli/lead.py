"""The command `fristwerk lead`: one lead, where it stands, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from cyclopts import App, Parameter

from adapters import settings as configuration
from adapters.console_model import LeadMail, Ledger, Person, ledger_of, mails_of, people
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.read_model import Hold, Lead, Protection, holds_of, protection_of
from adapters.vault import Vault
from cli.console import DONE, Reading, language_of_reader, perform, reading
from cli.lead_view import show_lead
from cli.moments import iso, maybe_moment, now
from cli.output import CommandFailed, out, print_json
from cli.teaching import add
from protection.dates import zone
from protection.explain import Explanation, explain
from protection.explain_texts import Language, explanation_text, moment_text
from protection.facts import Fact, HoldPlaced
from protection.holds import Hold as ClockHold
from protection.lifecycle import Snapshot, replay, snapshot
from protection.refusal import Refused
from protection.state import LeadState
from protection.wire import fact_to_json


def register(app: App) -> None:
    """Add the command to the application."""
    add(app, lead)


def lead(
    key: Annotated[str, Parameter(name="ID")],
    /,
    *,
    explain: Annotated[bool, Parameter(negative=())] = False,
    lang: Language | None = None,
    as_of: str | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Show one lead: status, deadlines, holds, what happened last, mails; or explain why.

    Examples:
        `fristwerk lead DEMO-0001`

        The explanation, to be read aloud, in German:
        `fristwerk lead DEMO-0001 --explain --lang de`

        As it stood, with what was known then:
        `fristwerk lead DEMO-0001 --as-of 2026-11-01T00:00:00Z`

    Args:
        key: External id, id, or the first 8 or more characters of the id.
        explain: Say step by step how each deadline came about, with the contract's clauses.
        lang: Language of the explanation; default: that of LC_ALL or LANG, else English.
        as_of: Answer for this moment (ISO 8601 with a zone), from the facts recorded by then.
        json: One JSON value instead of text.

    Returns:
        0.
    """
    return perform(_lead(key, explaining=explain, lang=lang, as_of=as_of, json=json))


@dataclass(frozen=True, slots=True)
class _Found:
    lead: Lead
    protection: Protection | None
    ledger: Ledger | None
    holds: tuple[Hold, ...]
    mails: tuple[LeadMail, ...]
    contacts: tuple[ContactEntry, ...]
    names: dict[str, Person]


async def _lead(key: str, *, explaining: bool, lang: Language | None, as_of: str | None, json: bool) -> int:
    asked = maybe_moment(as_of, "--as-of")
    language = language_of_reader(lang)
    settings = configuration.load()
    async with reading(settings) as desk:
        found = await _find(desk, key, Vault.of(settings))
    if found.protection is None or found.ledger is None:
        raise CommandFailed(
            f"Lead {key} is entered, but nothing has been recorded of it yet. See: fristwerk verify {key}"
        )
    state = _state(found.ledger, asked, key)
    moment = max(asked or now(), state.recorded_at)
    answer = snapshot(state, moment)
    explanation = explain(state, moment)
    if json:
        print_json(_as_json(found, state, answer, explanation if explaining else None, as_of=asked))
    elif explaining:
        out().print(_read_aloud(found, explanation, asked, language), markup=False, soft_wrap=True)
    else:
        show_lead(
            out(),
            lead=found.lead,
            state=state,
            answer=answer,
            as_of=asked,
            holds=holds_at(state) if asked else found.holds,
            mails=tuple(mail for mail in found.mails if asked is None or mail.created_at <= asked),
            contacts=found.contacts,
            names=found.names,
        )
    return DONE


async def _find(desk: Reading, key: str, vault: Vault) -> _Found:
    found = await desk.find(key)
    async with desk.look() as connection:
        return _Found(
            lead=found,
            protection=await protection_of(connection, desk.tenant, found.id),
            ledger=await ledger_of(connection, desk.tenant, found.id),
            holds=await holds_of(connection, desk.tenant, found.id),
            mails=await mails_of(connection, desk.tenant, found.id),
            contacts=await vault.open_contacts(connection, desk.tenant, found.id),
            names=await people(connection, desk.tenant),
        )


def _state(ledger: Ledger, as_of: datetime | None, key: str) -> LeadState:
    """The lead as its facts leave it, those recorded after `as_of` left out."""
    known = [fact for fact in ledger.facts if as_of is None or fact.recorded_at <= as_of]
    if not known:
        first = moment_text(ledger.facts[0].recorded_at, zone(ledger.policy.timezone), "en")
        raise CommandFailed(f"--as-of: nothing was known of lead {key} then; its first fact is of {first}")
    try:
        return replay(ledger.policy, known)
    except Refused as refused:
        raise CommandFailed(
            f"The ledger of lead {key} cannot be replayed ({refused.code}). See: fristwerk verify {key}"
        ) from refused


def holds_at(state: LeadState) -> tuple[Hold, ...]:
    """The holds as a state knows them."""
    placed_by = {fact.fact_id: fact.by for fact in state.facts if isinstance(fact, HoldPlaced)}
    return tuple(_hold(hold, placed_by.get(hold.fact_id)) for hold in state.basis.holds)


def _hold(hold: ClockHold, by: str | None) -> Hold:
    return Hold(
        hold=hold.hold, reason=str(hold.reason), start_at=hold.start_at, end_at=hold.end_at, placed_by=by
    )


def _read_aloud(found: _Found, explanation: Explanation, as_of: datetime | None, language: Language) -> str:
    tz = zone(explanation.timezone)
    heading = f"{found.lead.company}, {found.lead.city}"
    if as_of is not None:
        at = moment_text(as_of, tz, language)
        heading += f" – as known on {at}" if language == "en" else f" – nach dem Stand vom {at}"
    return f"{heading}\n{explanation_text(explanation, language)}"


def _as_json(
    found: _Found,
    state: LeadState,
    answer: Snapshot,
    explanation: Explanation | None,
    *,
    as_of: datetime | None,
) -> dict[str, Any]:
    notes = {
        contact.fact_id: contact.note
        for contact in found.contacts
        if contact.kind is not ContactKind.CONTACT and contact.note is not None
    }
    owner = found.names.get(state.basis.owner)
    holds = holds_at(state) if as_of else found.holds
    plain: dict[str, Any] = {
        "lead": str(found.lead.id),
        "external_id": found.lead.external_id,
        "company": found.lead.company,
        "city": found.lead.city,
        "postcode": found.lead.postcode,
        "industry": found.lead.industry,
        "source": found.lead.source,
        "owner": state.basis.owner,
        "owner_name": None if owner is None else owner.display_name,
        "owner_email": None if owner is None else owner.email,
        "as_of": iso(answer.as_of),
        "revision": state.revision,
        "policy_version": state.policy.version,
        "timezone": state.policy.timezone,
        "status": str(answer.status),
        "paused": answer.paused,
        "reason": None if answer.reason is None else str(answer.reason),
        "problem": state.problem,
        "cycle": state.cycle,
        **{
            name: iso(getattr(answer, name))
            for name in ("base_until", "progress_until", "reminder_due_at", "grace_until", "valid_until")
        },
        "holds": [
            {
                "hold": hold.hold,
                "reason": hold.reason,
                "start_at": iso(hold.start_at),
                "end_at": iso(hold.end_at),
                "placed_by": hold.placed_by,
            }
            for hold in holds
        ],
        "facts": [_fact(fact, notes.get(fact.fact_id)) for fact in state.facts],
        "mails": [
            {
                "kind": mail.kind,
                "recipient": mail.recipient,
                "status": mail.status,
                "attempt": mail.attempt,
                "sent_at": iso(mail.sent_at),
                "code": mail.code,
            }
            for mail in found.mails
            if as_of is None or mail.created_at <= as_of
        ],
    }
    if explanation is not None:
        plain["explanation"] = explanation.to_json() | {
            "text": {
                "de": explanation_text(explanation, "de"),
                "en": explanation_text(explanation, "en"),
            }
        }
    return plain


def _fact(fact: Fact, note: str | None) -> dict[str, Any]:
    return fact_to_json(fact) | ({} if note is None else {"note": note})
