"""The subject holds. Made by `make openapi`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from client.asking import Answer, Call, Group, address
from client.base import Sent, Told
from client.shared import RejectInput, RequestActed
from client.words import CampaignState, Code, HoldReason, Status, Turn


class ApproveHoldInput(Sent):
    """The hold as asked for, or with another start or end."""

    start_at: datetime | None = None
    end_at: datetime | None = None
    note: str | None = None


class CampaignEffect(Told):
    """What the hold would do to one lead.

    Attributes:
        then_valid_until: null where it is unknown while the clock stands still, and where it is refused.
        days: by how many dates the end of protection would move; null where that is unknown.
        refused: why the contract would not allow it.
    """

    lead: UUID
    company: str
    city: str
    owner: str
    status: Status
    valid_until: datetime | None
    then_valid_until: datetime | None
    days: int | None
    refused: Code | None


class CampaignFilterInput(Sent):
    """Leads that are protected or in grace; what is left out does not narrow.

    Attributes:
        paused: whether a hold stops their clock already.
        ends_before: those whose protection ends before then.
        text: words that company, city and postcode together have to say.
    """

    owner: str | None = None
    city: str | None = None
    industry: str | None = None
    status: Literal["ACTIVE", "GRACE"] | None = None
    paused: bool | None = None
    ends_before: datetime | None = None
    text: str | None = None


class CampaignInput(Sent):
    """One hold over many leads. A dry run unless `dryRun` is false; then `plan` and `why` are needed.

    Attributes:
        filter: left out, it is for all leads that are protected or in grace.
        start_at: left out, it begins now.
        end_at: left out, it ends when the campaign is ended.
        why: for the audit; stays for good, so it names nobody.
        plan: what the dry run has named; the campaign is for exactly the leads it has shown.
    """

    filter: CampaignFilterInput | None = None
    reason: HoldReason
    start_at: datetime | None = None
    end_at: datetime | None = None
    dry_run: bool = True
    why: str | None = None
    plan: str | None = None


class CampaignPlan(Told):
    """What a campaign would be for; nothing was done.

    Attributes:
        plan: stands for exactly this; to be sent with `dryRun` false.
        leads: how many leads would be told.
        own: how many more the filter finds where the caller may only ask.
        effects: of the first of them, those that end first.
    """

    plan: str
    leads: int
    own: int
    effects: list[CampaignEffect]


class CampaignTurn(Told):
    """What came of one lead; `code` says why, where there is something to say."""

    lead: UUID
    company: str
    city: str
    turn: Turn
    code: str | None
    told_at: datetime


class CampaignRead(Told):
    """A campaign, and how far it is.

    Attributes:
        leads: how many it is for.
        left: how many of them something is still to be told to.
        counts: how many stand where.
        items: what came of its leads, by id.
    """

    id: UUID
    state: CampaignState
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None
    asked_by: str
    asked_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    leads: int
    left: int
    counts: dict[Turn, int]
    items: list[CampaignTurn]
    next_cursor: str | None


class EndCampaignInput(Sent):
    """Why it ends, for the audit; stays for good, so it names nobody."""

    why: str


class HoldActed(Told):
    """What came of asking for a hold.

    Attributes:
        id: of the hold, and of the request for it.
        effect: PLACED takes effect at once; REQUESTED waits for a manager.
    """

    lead: UUID
    fact_id: str
    revision: int | None
    status: Status
    paused: bool
    valid_until: datetime | None
    id: str
    effect: Literal["PLACED", "REQUESTED"]
    reason: HoldReason
    start_at: datetime
    end_at: datetime | None


class HoldInput(Sent):
    """A hold somebody wants. `startAt` left out is now; without `endAt` it ends when it is released."""

    reason: HoldReason
    start_at: datetime | None = None
    end_at: datetime | None = None
    note: str | None = None


class Holds(Group):
    """Operations of the subject holds."""

    def ask_for_hold(
        self, lead: UUID, body: HoldInput, *, idempotency_key: str | None = None, if_match: str | None = None
    ) -> Answer[HoldActed]:
        """Stop the clock, or ask for it: `effect` says which.

        A manager's hold takes effect at once. The owner's is a request where the tenant's setting
        `lead.protection.holdApproval` demands approval; an approved request becomes the hold of the same id.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/holds", lead=lead),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {201: HoldActed})

    def release_hold_now(self, lead: UUID, hold: str, *, if_match: str | None = None) -> Answer[None]:
        """End a hold now; one that has not begun is cancelled.

        For managers.
        """
        call = Call(
            method="DELETE",
            path=address("/api/leads/{lead}/holds/{hold}", lead=lead, hold=hold),
            headers={"If-Match": if_match},
        )
        return self._asker.tell(call)

    def plan_or_begin_campaign(
        self, body: CampaignInput, *, idempotency_key: str | None = None
    ) -> Answer[CampaignPlan | CampaignRead]:
        """Say what one hold over many leads would do; with `dryRun` false, place it.
         A campaign is for exactly the leads that the dry run has shown: its `plan` stands for them, and where
        they have changed meanwhile the answer is a 409. It is placed lead by lead, as if each were told
        alone; leads of the caller's own are left out, because there he may only ask. For managers and
        administrators.
        """
        call = Call(
            method="POST",
            path="/api/holds/campaigns",
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: CampaignPlan, 202: CampaignRead})

    def read_campaign(
        self, campaign: UUID, *, limit: int | None = None, cursor: str | None = None
    ) -> Answer[CampaignRead]:
        """Say how far a campaign is, and what came of its leads.

        For who reads the whole tenant.
        """
        call = Call(
            method="GET",
            path=address("/api/holds/campaigns/{campaign}", campaign=campaign),
            query={"limit": limit, "cursor": cursor},
        )
        return self._asker.ask(call, {200: CampaignRead})

    def end_campaign(
        self, campaign: UUID, body: EndCampaignInput, *, idempotency_key: str | None = None
    ) -> Answer[CampaignRead]:
        """Let the clock run again on all leads of a campaign.

        Leads whose turn has not come are left out. Saying it twice changes nothing.
        """
        call = Call(
            method="POST",
            path=address("/api/holds/campaigns/{campaign}/end", campaign=campaign),
            headers={"Idempotency-Key": idempotency_key},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {202: CampaignRead})

    def approve_hold(
        self,
        lead: UUID,
        hold: str,
        body: ApproveHoldInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[RequestActed]:
        """Approve a requested hold; never one's own request.

        The second decision is a 409.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/holds/{hold}/approve", lead=lead, hold=hold),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})

    def reject_hold(
        self,
        lead: UUID,
        hold: str,
        body: RejectInput,
        *,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> Answer[RequestActed]:
        """Reject a requested hold; never one's own request.

        The second decision is a 409.
        """
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/holds/{hold}/reject", lead=lead, hold=hold),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            body=body,
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})

    def withdraw_hold(
        self, lead: UUID, hold: str, *, idempotency_key: str | None = None, if_match: str | None = None
    ) -> Answer[RequestActed]:
        """Ask for a hold no longer; for whoever asked, and for the lead's owner."""
        call = Call(
            method="POST",
            path=address("/api/leads/{lead}/holds/{hold}/withdraw", lead=lead, hold=hold),
            headers={"Idempotency-Key": idempotency_key, "If-Match": if_match},
            keyed=True,
        )
        return self._asker.ask(call, {200: RequestActed})
