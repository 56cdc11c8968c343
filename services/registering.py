"""New leads: rights, duplicates, personal data, the lead itself, then its workflow (domain.md section 5).

Lead and contacts are entered in one transaction, before the workflow is started. Should anything stop in
between, the same request again finds the lead under the same id and completes it.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from adapters.act_store import Standing, standing_of
from adapters.database import Connection
from adapters.lead_entry import LeadEntry
from adapters.lead_gateway import LeadsUnavailable
from adapters.normalise import lead_key
from adapters.policy_store import current_policy
from adapters.read_model import Protection, protection_at_once, protection_of
from adapters.registration_store import (
    Described,
    NotLetIn,
    describe_lead,
    enter_lead,
    has_live_duplicate,
    lead_to_describe,
    leads_begun,
    similar_leads,
)
from adapters.registration_store import ExternalIdTaken as IdTaken
from adapters.registration_store import LiveDuplicate as Duplicate
from adapters.vault import NoteConflict
from protection.dates import format_instant
from protection.lifecycle import begin
from protection.permission import Act
from protection.policy import Policy
from protection.state import LeadState, Status
from services.acting import tell
from services.asking import Asking
from services.clock_reading import whole_ledger
from services.desk import Desk
from services.door import Done, enter, finish, new_entry
from services.errors import (
    ExternalIdTaken,
    Forbidden,
    KeyReused,
    LiveDuplicate,
    NotFound,
    Similar,
    Unavailable,
)
from services.governing import require_person
from services.known_customers import require_new_customer
from services.openings import (
    Company,
    Opening,
    checked_company,
    checked_opening,
    checked_preregistration,
    personal_rows,
)
from services.turns import OfBefore, in_turn
from services.words import LeadSource
from workflows.messages import Preregister, Register

_LOOK_AGAIN: Final = timedelta(milliseconds=20)
_LONGEST_PAUSE: Final = timedelta(milliseconds=200)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLead:
    """A lead somebody wants to open.

    Attributes:
        owner: whose lead it is; None is the caller's.
        preregistration: only note company and place; nothing personal, nothing protected.
    """

    company: Company
    opening: Opening = field(default_factory=Opening)
    owner: str | None = None
    preregistration: bool = False


@dataclass(frozen=True, slots=True)
class _Plan:
    """A checked opening of a lead.

    Attributes:
        lead: the id it will have; the same for the same request.
        at: UTC instant of the request.
    """

    asking: Asking
    lead: UUID
    company: Company
    opening: Opening
    message: Register | Preregister
    at: datetime

    @property
    def owner(self) -> str:
        return self.message.owner

    @property
    def place(self) -> tuple[str, str | None]:
        return lead_key(self.company.company, self.company.city), self.company.postcode

    def lead_entry(self) -> LeadEntry:
        said = self.company
        return LeadEntry(
            id=self.lead,
            external_id=said.external_id,
            company=said.company,
            city=said.city,
            postcode=said.postcode,
            industry=said.industry,
            source=said.source,
            owner=self.owner,
            company_key=lead_key(said.company, said.city),
            created_at=self.at,
            contacts=(),
        )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A lead that would be opened.

    Attributes:
        state: as its protection would begin.
        at: the UTC instant of it.
        known: the lead as it is, where this very registration is on record; nothing would change.
    """

    entry: LeadEntry
    state: LeadState
    at: datetime
    known: Protection | None


async def register(desk: Desk, asking: Asking, wanted: NewLead) -> Done:
    """Open a lead: register it, or only note it.

    Raises:
        Forbidden: not for this caller, not for another owner, or not without a manager.
        Refused: something is missing or makes no sense; names the field.
        LiveDuplicate: a live lead of the same company and place exists.
        Similar: similar leads exist; nothing was entered.
        ExternalIdTaken: another lead has this external id.
        KeyReused: the idempotency key stands for another request.
        Unavailable: nobody took it up in time; repeat it with the same key.
    """
    return await in_turn(lambda more: _register(desk, asking, wanted, more))


async def _register(desk: Desk, asking: Asking, wanted: NewLead, more: int) -> Done:
    plan = await _planned(desk, asking, wanted, more)
    entry = new_entry(desk, plan.asking, None, Act.REGISTER, {"register": asdict(wanted)})
    async with desk.writing(plan.asking) as connection:
        known = await enter(connection, entry)
        if known is not None and known.done is not None:
            return known.done
        entry = entry if known is None else replace(entry, id=known.id)
        policy, new = await _let_in(connection, plan)
        begun = None if new else await _begun(connection, plan)
        if begun is None:
            await _sealed(desk, connection, plan)
    if begun is None:
        begun = await _started(desk, plan, policy)
    return await finish(desk, plan.asking, entry, _opened(plan, begun, duplicate=not new), None)


async def foresee_opening(desk: Desk, asking: Asking, wanted: NewLead) -> Foreseen:
    """What would come of it: all that the database has a say in is done, and taken back.

    Raises:
        See `register`.
    """
    return await in_turn(lambda more: _foresee(desk, asking, wanted, more))


async def _foresee(desk: Desk, asking: Asking, wanted: NewLead, more: int) -> Foreseen:
    plan = await _planned(desk, asking, wanted, more)
    async with desk.writing(asking) as connection:
        trial = connection.transaction()
        await trial.start()
        try:
            policy, new = await _let_in(connection, plan)
            known = None if new else await _begun(connection, plan)
        finally:
            await trial.rollback()
    state = begin(policy, plan.message.fact(plan.asking.fact_id, plan.at))
    return Foreseen(plan.lead_entry(), state, plan.at, known)


async def register_known(
    desk: Desk,
    asking: Asking,
    lead: UUID,
    opening: Opening,
    *,
    source: LeadSource | None = None,
    owner: str | None = None,
) -> Done:
    """Register a lead that was pre-registered; looks for duplicates again.

    Args:
        source: where it came from, where that is known by now.
        owner: whose lead it is from now on; None leaves it with whom it is.

    Raises:
        NotFound: there is no such lead for this caller.
        See besides `register`.
    """
    now = desk.now()
    right = checked_opening(opening, source, now)
    async with desk.looking(asking) as connection:
        before = await protection_of(connection, asking.tenant, lead)
    if before is None:
        raise NotFound
    _require(asking, right)
    whose = owner or before.owner
    if whose not in (before.owner, asking.caller.user):
        asking.require(Act.REGISTER_FOR_OTHERS)

    async def check(connection: Connection, _: Standing) -> None:
        described = await lead_to_describe(connection, asking.tenant, lead)
        if described is None:
            raise Forbidden(Act.EDIT_LEAD)
        if whose != before.owner:
            await require_person(connection, asking, whose)
        if right.override is None and await has_live_duplicate(
            connection, asking.tenant, lead, described.company_key, described.postcode, at=now
        ):
            raise LiveDuplicate
        if right.override is None and right.similar is None:
            await _ask_about_similar(connection, described, lead, now)
        if source is not None and described.source != source:
            await describe_lead(connection, asking.tenant, lead, replace(described, source=source))

    registered_at = None if right.backdating is None else right.backdating.registered_at
    return await tell(
        desk,
        asking,
        lead,
        asking.message(Register, owner=whose, registered_at=registered_at),
        act=Act.REGISTER,
        contacts=personal_rows(right, lead, asking.fact_id),
        check=check,
    )


# -------------------------------------------------------------------------------- one step each


def _require(asking: Asking, opening: Opening) -> None:
    if opening.backdating is not None or opening.override is not None:
        asking.require(Act.GOVERN)


async def _planned(desk: Desk, asking: Asking, wanted: NewLead, more: int) -> _Plan:
    now = desk.now()
    asking.require(Act.REGISTER)
    owner = wanted.owner or asking.caller.user
    if owner != asking.caller.user:
        asking.require(Act.REGISTER_FOR_OTHERS)
    _require(asking, wanted.opening)
    company = checked_company(wanted.company)
    await require_new_customer(desk, asking, company, wanted.opening)
    if wanted.preregistration:
        opening = checked_preregistration(company, wanted.opening)
    else:
        opening = checked_opening(wanted.opening, company.source, now)
    if not asking.lasting:
        # So that trying again completes what was begun, even without a key.
        key = lead_key(company.company, company.city)
        async with desk.looking(asking) as connection:
            turn = more + await leads_begun(connection, asking.tenant, key, owner)
        same = f"registration/{owner}/{key}/{company.postcode}/{turn}"
        asking = replace(asking, fact_id=str(uuid5(asking.tenant, same)))
    backdated = None if opening.backdating is None else opening.backdating.registered_at
    message: Register | Preregister
    if wanted.preregistration:
        message = asking.message(Preregister, owner=owner)
    else:
        message = asking.message(Register, owner=owner, registered_at=backdated)
    lead = _lead_id(asking, company)
    return _Plan(asking, lead, company, opening, message, now)


def _lead_id(asking: Asking, company: Company) -> UUID:
    """The same for the same request. No external id makes one that a fact's id makes: these can be foreseen,
    and whoever took it first would keep the lead's owner out.
    """
    if company.external_id is not None:
        return uuid5(asking.tenant, company.external_id)
    return uuid5(uuid5(asking.tenant, "leads-by-fact"), asking.fact_id)


async def _let_in(connection: Connection, plan: _Plan) -> tuple[Policy, bool]:
    """Look at everything once more, and enter the lead: its policy, and whether it is new."""
    asking = plan.asking
    policy = await current_policy(connection, asking.tenant, at=plan.at)
    begin(policy, plan.message.fact(asking.fact_id, plan.at))
    if plan.owner != asking.caller.user:
        await require_person(connection, asking, plan.owner)
    return policy, await _entered(connection, plan)


async def _entered(connection: Connection, plan: _Plan) -> bool:
    """Enter the lead; whether it is new."""
    override = plan.opening.override is not None
    try:
        new = await enter_lead(connection, plan.asking.tenant, plan.lead_entry(), allow_duplicate=override)
    except Duplicate as error:
        raise LiveDuplicate from error
    except IdTaken as error:
        raise ExternalIdTaken from error
    except NotLetIn as error:
        raise Forbidden(Act.REGISTER) from error
    if new and not override and plan.opening.similar is None:
        await _ask_about_similar(connection, plan.company, plan.lead, plan.at)
    return new


async def _ask_about_similar(
    connection: Connection, company: Company | Described, lead: UUID, at: datetime
) -> None:
    found = await similar_leads(connection, company.company, company.city, company.postcode, at=at, lead=lead)
    if found:
        raise Similar(found)


async def _begun(connection: Connection, plan: _Plan) -> Protection | None:
    """The lead as this very registration left it, if it is on record; None if it was never completed.

    Raises:
        ExternalIdTaken, KeyReused, OfBefore: the lead of this id came of another registration.
    """
    tenant, asking = plan.asking.tenant, plan.asking
    unnamed = KeyReused if asking.lasting else OfBefore
    other = unnamed if plan.company.external_id is None else ExternalIdTaken
    standing = await standing_of(connection, tenant, plan.lead, asking.caller.user)
    if standing is None or standing.owner != plan.owner:
        raise other
    found = await protection_of(connection, tenant, plan.lead)
    if found is None:
        entered = await lead_to_describe(connection, tenant, plan.lead)
        if entered is None or (entered.company_key, entered.postcode) != plan.place:
            raise other
        return None
    first = (await whole_ledger(connection, asking.caller, plan.lead)).facts[0]
    same = first.fact_id == asking.fact_id and plan.message.fact(asking.fact_id, first.recorded_at) == first
    if not same or (found.status is Status.ERASED and other is OfBefore):
        raise other
    return found


async def _sealed(desk: Desk, connection: Connection, plan: _Plan) -> None:
    asking = plan.asking
    try:
        await desk.vault.seal_entries(
            connection, asking.tenant, plan.lead, personal_rows(plan.opening, plan.lead, asking.fact_id)
        )
    except NoteConflict as error:
        raise KeyReused from error


async def _started(desk: Desk, plan: _Plan, policy: Policy) -> Protection:
    """Start the workflow and wait until the registration is on record."""
    caller = plan.asking.caller
    pause = _LOOK_AGAIN
    try:
        async with asyncio.timeout(desk.within.total_seconds()):
            await desk.gateway.register(caller.tenant, plan.lead, policy, plan.message)
            while True:
                found = await protection_at_once(desk.pool, caller, plan.lead)
                if found is not None:
                    return found
                await asyncio.sleep(pause.total_seconds())
                pause = min(pause * 2, _LONGEST_PAUSE)
    except (LeadsUnavailable, TimeoutError) as error:
        raise Unavailable from error


def _opened(plan: _Plan, found: Protection, *, duplicate: bool) -> Done:
    until = found.valid_until
    return Done(
        lead=plan.lead,
        fact_id=plan.asking.fact_id,
        revision=found.revision,
        duplicate=duplicate,
        status=str(found.status),
        paused=found.paused,
        valid_until=None if until is None else format_instant(until),
    )
