"""The client at work: a lead's life on the running service, as a backend service would program it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from client import Fristwerk, NotModified, Problem, Retries, every
from client.collaborators import CollaboratorInput
from client.extensions import ApproveExtensionInput, ExtensionInput, NextStepInput
from client.facts import ActivityInput, CorrectionInput, NoteInput, ReplacementInput
from client.holds import ApproveHoldInput, HoldInput
from client.leads import ContactInput, LeadChange, NewLeadInput, RegisterInput, SimilarOutput
from client.policy import DraftPolicy, RehearsalRequest
from client.protection import OtherPolicy, PreviewQuestion, SupposedExtension
from client.settings import SettingChange
from client.shared import Acted
from tests.api.shop import Shop, new_company
from tests.services.office import PEOPLE

JO = ContactInput(name="Jo Geheim", email="jo@haus.example")


@dataclass
class People:
    """Clients of several people."""

    shop: Shop
    url: str

    def client(self, user: str, **options: Any) -> Fristwerk:
        """Somebody's client; the token is made anew for every request."""
        tenant = self.shop.office.lab.tenant
        return Fristwerk(
            self.url, lambda: self.shop.callers.token(user, PEOPLE[user], tenant=tenant), **options
        )


@pytest.fixture
def people(shop: Shop, url: str) -> People:
    return People(shop, url)


def opened(api: Fristwerk, **said: Any) -> Acted:
    """A lead of somebody, just registered."""
    told = api.leads.open_lead(NewLeadInput(**new_company(), contact=JO, **said))
    assert told.status == 201
    assert isinstance(told.value, Acted)
    assert told.location == f"/api/leads/{told.value.lead}"
    return told.value


def life(people: People) -> None:
    with people.client("anna") as anna, people.client("maria") as maria:
        lead = opened(anna, source="REFERRAL").lead
        assert anna.caller.read_me().value.user == "anna"

        read = anna.leads.get_lead(lead)
        assert read.value.contacts[0].name == "Jo Geheim"
        changed = anna.leads.change_lead(lead, LeadChange(postcode="99085"), if_match=read.etag)
        assert changed.value.changed == 1
        with pytest.raises(Problem) as late:
            anna.leads.change_lead(lead, LeadChange(postcode="99086"), if_match=read.etag)
        assert (late.value.status, late.value.code) == (412, "revision-conflict")

        call = ActivityInput(kind="QUALIFIED_CALL", occurred_at=datetime.now(UTC), note="Wants an offer")
        logged = anna.facts.log_activity(lead, call)
        again = anna.facts.log_activity(lead, call, idempotency_key=logged.idempotency_key)
        assert again.value == logged.value

        asked = anna.holds.ask_for_hold(lead, HoldInput(reason="FFZ_SAMPLE_DELAY"))
        assert asked.value.effect == "REQUESTED"
        with pytest.raises(Problem) as own:
            anna.holds.approve_hold(lead, asked.value.id, ApproveHoldInput())
        assert own.value.status == 403
        waiting = {row.id for row in every(lambda cursor: maria.overview.read_inbox(limit=1, cursor=cursor))}
        assert asked.value.id in waiting
        assert maria.holds.approve_hold(lead, asked.value.id, ApproveHoldInput()).value.state == "APPROVED"
        assert anna.protection.get_protection(lead).value.paused
        assert maria.holds.release_hold_now(lead, asked.value.id).value is None
        now = anna.protection.get_protection(lead)
        assert not now.value.paused
        with pytest.raises(NotModified):
            anna.protection.get_protection(lead, if_none_match=now.etag)

        step = NextStepInput(what="Tasting", at=datetime.now(UTC) + timedelta(days=9))
        more = anna.extensions.ask_for_extension(
            lead, ExtensionInput(reason="Later", days=30, next_step=step)
        )
        granted = maria.extensions.approve_extension(lead, more.value.id, ApproveExtensionInput(days=20))
        assert granted.value.days == 20
        wrong = CorrectionInput(
            corrects=logged.value.fact_id,
            replacement=ReplacementInput(occurred_at=datetime.now(UTC) - timedelta(hours=1)),
            reason="Wrong hour",
        )
        assert maria.facts.correct_fact(lead, wrong).status == 201
        types = [
            row.type for row in every(lambda cursor: anna.history.read_timeline(lead, limit=3, cursor=cursor))
        ]
        assert types[-1] == "registered"
        assert types[0] == "corrected"
        assert {row.lead for row in maria.audit.read_lead_audit(lead).value.items} == {lead}

        shared = anna.collaborators.add_collaborator(lead, CollaboratorInput(user_id="ben", role="ASSIST"))
        assert shared.value.added_by == "anna"
        assert anna.collaborators.remove_collaborator(lead, "ben").status == 204
        assert anna.facts.release_lead(lead, NoteInput()).value.status == "RELEASED"


async def test_a_life(people: People) -> None:
    await asyncio.to_thread(life, people)


def looking(people: People) -> None:
    with people.client("anna") as anna, people.client("adam") as adam:
        mine = {opened(anna).lead for _ in range(3)}
        listed = every(
            lambda cursor: anna.leads.list_leads_page(mine=True, sort="-updatedAt", limit=2, cursor=cursor)
        )
        assert mine <= {row.id for row in listed}
        csv = anna.leads.list_leads_page_csv(mine=True, status="ACTIVE").value
        assert {str(lead) for lead in mine} <= {line.partition(",")[0] for line in csv.splitlines()}
        lead = min(mine)
        what_if = PreviewQuestion(
            facts=[SupposedExtension(type="extension_granted", days=30)], policy=OtherPolicy(grace_days=14)
        )
        answer = anna.protection.preview_protection(lead, what_if, lang="de").value
        assert answer.compared[0].gained_days.base_until == 30
        then = anna.protection.get_protection(lead, as_of=datetime.now(UTC), explain=True, lang="en").value
        assert then.explanation is not None
        assert then.explanation.text
        assert anna.overview.read_kpis(days=7).value.counts["ACTIVE"] >= 3
        assert anna.caller.export_own_data().value.account is not None
        key = "lead.protection.maxHoldDays"
        before = adam.settings.resolve_setting(key).value.value
        done = adam.settings.change_setting(
            key, SettingChange(scope="tenant", value={"days": 30}, reason="Agreed")
        )
        assert done.value.effective.value == {"days": 30}
        adam.settings.change_setting(key, SettingChange(scope="tenant", value=None), if_match=done.etag)
        assert adam.settings.resolve_setting(key).value.value == before
        tried = adam.policy.rehearse_policy(RehearsalRequest(policy=DraftPolicy(grace_days=14)))
        assert adam.policy.read_rehearsal(tried.value.id).value.policy.grace_days == 14
        assert anna.operations.read_health().value.alive
        assert "fristwerk" in anna.operations.read_metrics().value


async def test_looking(people: People) -> None:
    await asyncio.to_thread(looking, people)


def saying_no(people: People) -> None:
    with people.client("anna") as anna, people.client("olga") as olga:
        with pytest.raises(Problem) as unknown:
            anna.leads.get_lead(uuid4())
        assert (unknown.value.status, unknown.value.code) == (404, "not-found")
        with pytest.raises(Problem) as reader:
            olga.leads.open_lead(NewLeadInput(**new_company(), contact=JO))
        assert reader.value.status == 403
        company = new_company()
        anna.leads.open_lead(NewLeadInput(**company, contact=JO))
        with pytest.raises(Problem) as twice:
            anna.leads.open_lead(NewLeadInput(**company, contact=JO))
        assert twice.value.code == "live-duplicate"
        nearly = anna.leads.open_lead(
            NewLeadInput(
                company=f"{company['company'][:-5]} und Partner GmbH", city=company["city"], contact=JO
            )
        )
        assert nearly.status == 202
        assert isinstance(nearly.value, SimilarOutput)
        noted = anna.leads.open_lead(NewLeadInput(**new_company(), preregistration=True)).value
        assert isinstance(noted, Acted)
        with pytest.raises(Problem) as nobody:
            anna.leads.register_preregistered_lead(noted.lead, RegisterInput())
        assert nobody.value.errors[0].place == "body"
        with pytest.raises(Problem) as naive:
            anna.facts.log_activity(noted.lead, ActivityInput(kind="NOTE", occurred_at=datetime(2026, 1, 1)))  # noqa: DTZ001
        assert naive.value.errors[0].pointer == "#/occurredAt"


async def test_saying_no(people: People) -> None:
    await asyncio.to_thread(saying_no, people)


class Losing(httpx.HTTPTransport):
    """Loses the first answer of every request: it was served, and nobody heard of it."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        key = request.headers["idempotency-key"]
        if key not in self.lost:
            self.lost.add(key)
            answer.close()
            raise httpx.ReadTimeout("lost", request=request)
        return answer


def once(people: People) -> None:
    waited: list[float] = []
    retries = Retries(wait=waited.append)
    with people.client("anna") as anna:
        lead = opened(anna).lead
    with people.client("anna", transport=Losing(), retries=retries) as unlucky:
        for number in range(3):
            unlucky.facts.log_activity(lead, ActivityInput(kind="QUALIFIED_CALL", note=f"Call {number}"))
    with people.client("anna") as anna:
        rows = anna.history.read_timeline(lead).value.items
        assert [row.type for row in rows].count("activity") == 3
    assert waited == [0.5, 0.5, 0.5]


async def test_a_lost_answer_is_asked_for_again_and_nothing_happens_twice(people: People) -> None:
    await asyncio.to_thread(once, people)
