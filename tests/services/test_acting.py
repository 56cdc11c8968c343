"""Acts on leads: who may, once only, with words in the vault, and with nobody there."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from adapters.keyring import Keyring
from adapters.vault import Vault
from protection.permission import Share
from protection.refusal import Code, Refused
from services import governing
from services.acting import foresee
from services.asking import spelled
from services.door import Done
from services.editing import Change, edit
from services.errors import (
    ExternalIdTaken,
    Forbidden,
    KeyReused,
    LiveDuplicate,
    Missing,
    NobodyKeepsIt,
    NotFound,
    Unavailable,
)
from services.openings import Backdating, Contact, FirstContact, Opening
from services.registering import NewLead, register
from services.sharing import share, unshare
from tests.services.office import Office, company, same
from tests.vaultfixtures import VAULT
from workflows.messages import RecordActivity, ReleaseLead
from workflows.names import workflow_id

CALL = "QUALIFIED_CALL"


async def log(office: Office, lead: UUID, user: str = "anna", *, kind: str = CALL, **more: Any) -> Done:
    note = more.pop("note", None)
    return await governing.log_activity(office.desk, office.asking(user, **more), lead, kind=kind, note=note)


async def refused(what: Any) -> tuple[Code, str]:
    with pytest.raises(Refused) as error:
        await what
    return error.value.code, error.value.field


async def test_an_act_is_on_record_when_it_is_answered_and_its_note_is_sealed(office: Office) -> None:
    lead = await office.opened()
    done = await log(office, lead, note="Frau Geheim will kosten")
    assert (done.revision, done.status, done.duplicate) == (2, "ACTIVE", False)
    fact = (await office.facts(lead))[-1]
    assert (fact["type"], fact["by"], fact["fact_id"]) == ("activity", "anna", done.fact_id)
    assert await office.words(lead) == ["Frau Geheim will kosten"]
    assert "Geheim" not in str(await office.facts(lead))
    assert await office.acts(lead) == 1


async def test_the_same_key_has_one_effect_and_one_answer(office: Office) -> None:
    lead, other, key = await office.opened(), await office.opened(), uuid4().hex
    first = await log(office, lead, key=key, note="once")
    again = await log(office, lead, key=key, note="once")
    assert again.duplicate
    assert same(first, again)
    for reuse in (
        log(office, lead, key=key, note="twice"),
        log(office, lead, key=key),
        log(office, lead, key=key, kind="NOTE", note="once"),
        log(office, other, key=key, note="once"),
        log(office, lead, "maria", key=key, note="once"),
    ):
        with pytest.raises(KeyReused):
            await reuse
    assert len(await office.facts(lead)) == 2
    assert await office.words(lead) == ["once"]


async def test_two_clicks_at_once_have_one_effect(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    done = await asyncio.gather(*(log(office, lead, key=key, note="once") for _ in range(5)))
    assert len({one.revision for one in done}) == 1
    assert len(await office.facts(lead)) == 2
    assert await office.words(lead) == ["once"]


async def test_who_may_not_is_told_so_only_where_he_sees_the_lead(office: Office) -> None:
    lead = await office.opened()
    for stranger in (log(office, lead, "ben"), log(office, uuid4(), "maria")):
        with pytest.raises(NotFound) as error:
            await stranger
        assert error.value.what is Missing.LEAD
    await office.share(lead, "ben", Share.VIEW)
    for forbidden in (
        log(office, lead, "ben"),
        log(office, lead, "olga"),
        governing.convert(office.desk, office.asking(), lead),
        governing.transfer(office.desk, office.asking(), lead, owner="ben", reason="mine no more"),
        governing.release_lead(office.desk, office.asking("ben"), lead),
        share(office.desk, office.asking("ben"), lead, "max", Share.ASSIST),
        edit(office.desk, office.asking("ben"), lead, Change(fields={})),
    ):
        with pytest.raises(Forbidden):
            await forbidden
    assert len(await office.facts(lead)) == 1
    # The manager's sharing, and nothing else.
    assert await office.acts(lead) == 1


async def test_a_refused_act_leaves_no_word_and_its_key_free(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    ahead = office.desk.now() + timedelta(hours=1)
    asking = office.asking(key=key)
    code = await refused(
        governing.log_activity(office.desk, asking, lead, kind=CALL, occurred_at=ahead, note="too soon")
    )
    assert code == (Code.FUTURE_PROGRESS, "occurred_at")
    assert await office.words(lead) == []
    assert await office.acts(lead) == 0
    assert not (await log(office, lead, key=key, note="now")).duplicate
    assert await refused(log(office, lead, kind="DANCED")) == (Code.UNKNOWN_KIND, "kind")
    assert await refused(log(office, lead, kind="")) == (Code.MALFORMED, "kind")
    assert await refused(log(office, lead, note="\0")) == (Code.MALFORMED, "note")
    assert await refused(log(office, lead, fact_id="a b")) == (Code.MALFORMED, "fact_id")


async def test_a_state_that_was_not_seen_is_not_changed(office: Office) -> None:
    lead = await office.opened()
    key = uuid4().hex
    assert (await log(office, lead, key=key, if_revision=1)).revision == 2
    assert (await log(office, lead, key=key, if_revision=1)).revision == 2
    assert await refused(log(office, lead, if_revision=1, note="late")) == (
        Code.REVISION_CONFLICT,
        "if_revision",
    )
    assert await office.words(lead) == []


async def test_with_nobody_there_the_act_waits_for_its_repetition(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    asking = office.asking(key=key)
    for _ in range(2):
        with pytest.raises(Unavailable) as error:
            await governing.log_activity(office.nobody(), asking, lead, kind=CALL, note="kept")
        assert error.value.retry_after > timedelta()
    assert await office.words(lead) == ["kept"]
    done = await log(office, lead, key=key, note="kept")
    assert (done.revision, await office.words(lead)) == (2, ["kept"])


async def test_with_no_worker_the_act_waits_for_its_repetition(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    workflow = workflow_id(office.lab.tenant, lead)
    client = office.lab.client
    await client.get_workflow_handle(workflow).terminate("a test")
    stray = await client.start_workflow("lead-protection", id=workflow, task_queue="nobody-listens-here")
    with pytest.raises(Unavailable):
        await governing.log_activity(office.impatient(), office.asking(key=key), lead, kind=CALL, note="kept")
    await stray.terminate("a test")
    assert await office.words(lead) == ["kept"]
    with pytest.raises(NobodyKeepsIt):
        await log(office, lead, key=key, note="kept")
    assert await office.words(lead) == []
    await office.lab.gateway.start(office.lab.tenant, lead)
    assert (await log(office, lead, key=key, note="kept")).revision == 2
    assert await office.words(lead) == ["kept"]


async def test_an_ended_lead_takes_nothing_but_a_reinstatement(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    asking = office.asking(key=key)
    first = await governing.release_lead(office.desk, asking, lead, note="Closed for good")
    assert first.status == "RELEASED"
    again = await governing.release_lead(office.desk, asking, lead, note="Closed for good")
    assert same(first, again)
    assert await refused(log(office, lead, "maria")) == (Code.PROTECTION_ENDED, "")
    assert await refused(governing.release_lead(office.desk, office.asking(), lead)) == (
        Code.PROTECTION_ENDED,
        "",
    )
    boss = office.asking("maria", key=uuid4().hex)
    back = await governing.reinstate(office.desk, boss, lead, reason="They reopened")
    assert back.status == "ACTIVE"
    again = await governing.reinstate(office.desk, boss, lead, reason="They reopened")
    assert same(back, again)
    assert await refused(
        governing.reinstate(office.desk, office.asking("maria"), lead, reason="They reopened")
    ) == (Code.NOT_ENDED, "")
    with pytest.raises(Forbidden):
        await governing.reinstate(office.desk, office.asking(), lead, reason="They reopened")


async def test_an_end_that_was_recorded_but_never_answered_is_found_again(office: Office) -> None:
    lead = await office.opened()
    done = await governing.convert(
        office.desk, office.asking("maria", fact_id="won"), lead, customer_no="K1", note="Signed"
    )
    assert done.status == "CONVERTED"
    again = await governing.convert(
        office.desk, office.asking("maria", fact_id="won"), lead, customer_no="K1", note="Signed"
    )
    assert again.duplicate
    assert same(done, again)
    other = governing.convert(office.desk, office.asking("maria", fact_id="won"), lead, customer_no="K2")
    assert await refused(other) == (Code.FACT_ID_REUSED, "fact_id")


async def test_a_lead_changes_hands(office: Office) -> None:
    lead = await office.opened()
    boss = office.asking("maria")
    done = await governing.transfer(office.desk, boss, lead, owner="ben", reason="change of territory")
    assert done.revision == 2
    with pytest.raises(NotFound):
        await log(office, lead)
    assert (await log(office, lead, "ben")).revision == 3
    for owner, reason, field in (
        ("nobody", "change of territory", "owner"),
        ("ben", "change of territory", "owner"),
        ("a b", "change of territory", "owner"),
        ("anna", "x", "reason"),
    ):
        with pytest.raises(Refused) as error:
            await governing.transfer(office.desk, office.asking("maria"), lead, owner=owner, reason=reason)
        assert error.value.field == field


async def test_a_correction_says_what_is_right(office: Office) -> None:
    lead = await office.opened()
    await log(office, lead, kind="CALL_ATTEMPT", fact_id="call")
    boss = office.asking("maria")
    done = await governing.correct(
        office.desk, boss, lead, corrects="call", replacement={"kind": CALL}, reason="wrong key"
    )
    assert done.revision == 3
    assert await office.words(lead) == ["wrong key"]
    for corrects, replacement, code in (
        ("nothing", None, Code.UNKNOWN_FACT),
        ("call", {"days": 4}, Code.NOT_CORRECTABLE),
        ("call", {"kind": "DANCED"}, Code.UNKNOWN_KIND),
    ):
        found = await refused(
            governing.correct(
                office.desk,
                office.asking("maria"),
                lead,
                corrects=corrects,
                replacement=replacement,
                reason="no sense",
            )
        )
        assert found[0] is code


async def test_when_protection_began_is_corrected_by_managers(office: Office) -> None:
    lead = await office.opened()
    past = Backdating(
        registered_at=office.desk.now() - timedelta(days=20),
        reason="Entered twenty days late",
        evidence="https://crm.example/7",
    )
    done = await governing.set_registered_at(office.desk, office.asking("maria"), lead, past)
    assert done.revision == 2
    assert await office.words(lead) == ["Entered twenty days late\nhttps://crm.example/7"]
    with pytest.raises(Forbidden):
        await governing.set_registered_at(office.desk, office.asking(), lead, past)
    noted = await office.noted()
    assert await refused(governing.set_registered_at(office.desk, office.asking("maria"), noted, past)) == (
        Code.NOT_REGISTERED,
        "",
    )


async def test_sharing(office: Office) -> None:
    lead, key = await office.opened(), uuid4().hex
    shared = [await share(office.desk, office.asking(key=key), lead, "ben", Share.VIEW) for _ in range(2)]
    assert shared[0][0] == shared[1][0]
    with pytest.raises(Forbidden):
        await log(office, lead, "ben")
    await share(office.desk, office.asking(), lead, "ben", Share.ASSIST)
    assert (await log(office, lead, "ben")).revision == 2
    for user in ("anna", "nobody"):
        assert await refused(share(office.desk, office.asking(), lead, user, Share.VIEW)) == (
            Code.MALFORMED,
            "user_id",
        )
    with pytest.raises(Forbidden):
        await unshare(office.desk, office.asking("ben"), lead, "ben")
    await unshare(office.desk, office.asking(), lead, "ben")
    with pytest.raises(NotFound) as error:
        await unshare(office.desk, office.asking(), lead, "ben")
    assert error.value.what is Missing.COLLABORATOR
    told = await office.lab.execute("select what, actor from audit_event where lead = $1 order by seq", lead)
    assert [row["what"] for row in told if row["what"].startswith("collab")] == [
        "collaborator-added",
        "collaborator-changed",
        "collaborator-removed",
    ]


async def test_editing_what_describes_a_lead(office: Office) -> None:
    name = f"E-{uuid4().hex}"
    lead = await office.opened(industry="HOTEL")
    change = Change(fields={"industry": None, "postcode": "99084", "external_id": name}, seen=0)
    after = await edit(office.desk, office.asking(), lead, change)
    assert (after.revision, after.changed) == (1, 1)
    assert await refused(edit(office.desk, office.asking(), lead, change)) == (
        Code.REVISION_CONFLICT,
        "if_revision",
    )
    stale = edit(office.desk, office.asking(if_revision=7), lead, Change(fields={}))
    assert (await refused(stale))[0] is Code.REVISION_CONFLICT
    assert (await edit(office.desk, office.asking(), lead, Change(fields={}))).changed == 1
    contact = Contact(name="Al Neu", phone="030 1")
    after = await edit(office.desk, office.asking(), lead, Change(fields={}, contact=contact))
    assert after.changed == 2
    async with office.desk.looking(office.asking()) as connection:
        (row,) = await office.desk.vault.open_contacts(connection, office.lab.tenant, lead)
    assert (row.name, row.email, row.phone) == ("Al Neu", None, "030 1")
    (told,) = await office.lab.execute("select * from lead where id = $1", lead)
    assert (told["industry"], told["postcode"], told["external_id"]) == (None, "99084", name)
    other = await office.opened()
    with pytest.raises(ExternalIdTaken):
        await edit(office.desk, office.asking(), other, Change(fields={"external_id": name}))
    assert await refused(edit(office.desk, office.asking(), lead, Change(fields={"industry": " "}))) == (
        Code.MALFORMED,
        "industry",
    )


async def test_a_contact_that_comes_later_is_a_change_too(office: Office) -> None:
    """The audit is told that there is one, not who; a contact in another's place counts once."""
    heard = Opening(first_contact=FirstContact(note="Kostete am Stand"))
    wanted = NewLead(company=company(), opening=heard)
    lead = (await register(office.desk, office.asking(), wanted)).lead
    for number, name in enumerate(("Jo Erst", "Al Neu"), start=1):
        change = Change(fields={}, contact=Contact(name=name))
        assert (await edit(office.desk, office.asking(), lead, change)).changed == number
    told = await office.lab.execute(
        "select actor, what, before, after from audit_event where lead = $1 and what <> 'registered'", lead
    )
    assert [tuple(row.values()) for row in told] == [("anna", "contact-changed", None, None)] * 2


async def test_a_pre_registered_lead_gets_no_contact(office: Office) -> None:
    lead = await office.noted()
    change = Change(fields={}, contact=Contact(name="Al Neu"))
    assert await refused(edit(office.desk, office.asking(), lead, change)) == (Code.NOT_REGISTERED, "contact")
    assert await office.words(lead) == []


async def test_a_changed_postcode_takes_nobody_elses_lead(office: Office) -> None:
    said = company(postcode="99084")
    await office.opened(company=said.company, city=said.city, postcode="99084")
    lead = await office.opened("ben", company=said.company, city=said.city, postcode="07743")
    with pytest.raises(LiveDuplicate):
        await edit(office.desk, office.asking("ben"), lead, Change(fields={"postcode": "99084"}))


async def test_an_ended_lead_gets_no_new_contact(office: Office) -> None:
    lead = await office.opened()
    await governing.release_lead(office.desk, office.asking(), lead)
    found = await refused(
        edit(office.desk, office.asking("maria"), lead, Change(fields={}, contact=Contact(name="Al")))
    )
    assert found[0] is Code.PROTECTION_ENDED
    assert (await edit(office.desk, office.asking(), lead, Change(fields={"industry": "BAR"}))).changed == 1


async def test_what_would_come_of_an_act(office: Office) -> None:
    lead = await office.opened()
    asking = office.asking()
    before, after, _ = await foresee(office.desk, asking, lead, asking.message(RecordActivity, kind=CALL))
    assert before.status == after.status == "ACTIVE"
    assert len(after.facts) == len(before.facts) + 1
    stranger = office.asking("ben")
    with pytest.raises(NotFound):
        await foresee(office.desk, stranger, lead, stranger.message(ReleaseLead))
    assert len(await office.facts(lead)) == 1


async def test_from_what_is_kept_of_a_request_nobody_guesses_what_was_said(office: Office) -> None:
    lead, key, note = await office.opened(), uuid4().hex, "Frau Geheim will kosten"
    await log(office, lead, note=note, key=key)
    (row,) = await office.lab.execute("select request_hash from act where idempotency_key = $1", key)
    values = {"message": "RecordActivity", "kind": CALL}
    said = spelled("log-activity", lead, values, [f"NOTE:None:None:None:{note}:None"])
    guessed = [hashlib.new(name, said.encode()).digest() for name in ("sha256", "sha512", "blake2b")]
    assert bytes(row["request_hash"]) not in guessed
    assert bytes(row["request_hash"]) == office.desk.vault.request_mark(office.lab.tenant, said)
    assert VAULT.request_mark(office.lab.tenant, said) != VAULT.request_mark(uuid4(), said)
    assert Vault(Keyring.new()).request_mark(office.lab.tenant, said) != bytes(row["request_hash"])
