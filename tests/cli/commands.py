"""Every command of `fristwerk`: whether it only looks, how it is called, and where the audit tells of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias
from uuid import uuid4

from activities.proposal_facts import LeadClass, Potential, Segment
from cli.importing.shapes import SourceFile
from tests.cli.house import House
from tests.cli.test_acts import ago, write
from tests.cli.test_proposals import proposed

REASON: Final = ("--reason", "Agreed on the telephone")
FIRST: Final = ("--owner", "anna", "--contact-name", "E. Muster")


@dataclass(frozen=True)
class Stage:
    """What a command is tried on.

    Attributes:
        by: who acts; nobody else is called that.
        folder: a folder of its own.
    """

    house: House
    by: str
    folder: Path

    @cached_property
    def lead(self) -> str:
        """A lead just registered, by somebody else."""
        return self.registered("register", *FIRST)

    @cached_property
    def noted(self) -> str:
        """A lead only pre-registered."""
        return self.registered("preregister", "--owner", "anna")

    @cached_property
    def request(self) -> str:
        """What anna asked for; its id."""
        told = self.house.done("request-hold", self.lead, "FFZ_SAMPLE_DELAY", "--by", "anna")
        return str(told["id"])

    def registered(self, command: str, *more: str) -> str:
        """A lead of that command; its id."""
        name = f"test-{uuid4()}"
        return str(self.house.done(command, f"Gasthof {name}", "Jena", *more, "--fact-id", name)["lead"])

    def proposal(self) -> str:
        """Something proposed about the lead; its id."""
        return proposed(self.house, self.lead, LeadClass(segment=Segment.HOTEL, potential=Potential.LOW))

    def export(self) -> str:
        """A CRM export of one lead; its folder."""
        row = {
            "external_id": f"EX-{uuid4()}",
            "company": f"Haus {uuid4()}",
            "city": "Jena",
            "source": "REFERRAL",
            "registered_at": ago(3),
            "owner_email": "anna@agents.example",
            "contact_name": "Jo",
        }
        write(self.folder / SourceFile.LEADS, row)
        return str(self.folder)

    def mail(self) -> str:
        """A mail that is nobody's; its id."""
        mail, mailbox = uuid4(), uuid4().hex[:16]
        self.house.sql(
            "insert into inbox_mailbox (tenant, mailbox, uid_validity, last_uid, read_at)"
            " values ($1, $2, 1, 1, now())",
            self.house.tenant,
            mailbox,
        )
        self.house.sql(
            "insert into inbound_mail (tenant, id, mailbox, uid_validity, uid, fingerprint, received_at,"
            " read_at, size, cut, attachments, nature, state, why, brought_at, sorted_at, settled_at)"
            " values ($1, $2, $3, 1, 1, $4, now(), now(), 10, false, 0, 'mail', 'unmatched', 'nobody-known',"
            " now(), now(), now())",
            self.house.tenant,
            mail,
            mailbox,
            mail.bytes,
        )
        return str(mail)


Words: TypeAlias = "Callable[[Stage], tuple[str, ...]]"


@dataclass(frozen=True, slots=True)
class Looks:
    """It changes nothing: it is called where the database can only be read and there is no Temporal.

    Attributes:
        words: how it is called.
    """

    words: Words


@dataclass(frozen=True, slots=True)
class Acts:
    """It acts: whoever did so stands in the audit afterwards, and not after a dry run.

    Attributes:
        words: how it is called, without who does it.
        what: what the audit calls it.
        codes: with what it may end.
        by: who acts on a lead of his own; None is somebody who does nothing else.
    """

    words: Words
    what: str
    codes: frozenset[int] = frozenset({0})
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """It acts on what takes long to set up: a test that does so looks into the audit.

    Attributes:
        test: `module:function` in tests.
    """

    test: str


@dataclass(frozen=True, slots=True)
class Untold:
    """Nothing of it belongs into a tenant's audit.

    Attributes:
        why: the reason.
    """

    why: str


def on_lead(*words: str) -> Words:
    """The command's words with the lead's id after the first."""
    return lambda stage: (words[0], stage.lead, *words[1:])


def held(stage: Stage) -> tuple[str, ...]:
    """The release of a hold that somebody else placed."""
    stage.house.done("hold", stage.lead, "CUSTOMER_BLOCKED", "--id", "h1")
    return ("release", stage.lead, "h1")


def corrected(stage: Stage) -> tuple[str, ...]:
    """A note taken back."""
    told = stage.house.done("log", stage.lead, "NOTE")
    return ("correct", stage.lead, str(told["fact_id"]), "--retract", *REASON)


def ended(stage: Stage) -> tuple[str, ...]:
    """A lead given up and brought back."""
    stage.house.done("release-lead", stage.lead, "--yes")
    return ("reinstate", stage.lead, *REASON)


def unshared(stage: Stage) -> tuple[str, ...]:
    """Somebody who helped."""
    stage.house.done("share", stage.lead, "ben", "ASSIST")
    return ("unshare", stage.lead, "ben")


def on_request(command: str, *more: str) -> Words:
    """A decision about what anna asked for."""
    return lambda stage: (command, stage.lead, stage.request, *more)


def lost(stage: Stage) -> tuple[str, ...]:
    """A workflow that is missing."""
    name = f"lead/{stage.house.tenant}/{stage.lead}"
    stage.house.temporal(lambda client: client.get_workflow_handle(name).terminate("a test"))
    return ("verify", stage.lead, "--start")


_NEXT: Final = ("--next-step", "Tasting", "--next-step-at", "2099-01-12T10:00Z", "--days", "30")
_HERE: Final = "tests.cli.test_personal_data"
_DESK: Final = "starts, stops or shows programs of this machine"

COMMANDS: Final[dict[str, Looks | Acts | Tried | Untold]] = {
    "ai ask": Untold("changes nothing; every call is kept with who asked (tests/ai)"),
    "ai usage": Looks(lambda _: ("ai", "usage")),
    "api": Untold(_DESK),
    "approve": Acts(on_request("approve"), "request_decided"),
    "clock replay": Untold("computes what a file says"),
    "convert": Acts(on_lead("convert", "--customer-no", "K-1"), "converted"),
    "correct": Acts(corrected, "corrected"),
    "credit check": Tried("tests.cli.test_credit:test_a_company_is_checked_once_and_listed"),
    "credit list": Looks(lambda stage: ("credit", "list", stage.lead)),
    "end-hold-campaign": Tried("tests.cli.test_campaigns:test_a_campaign_is_shown_placed_and_ended"),
    "erase": Acts(on_lead("erase", *REASON), "erasure-requested"),
    "erp status": Untold("only looks; it wants an ERP (tests/erp)"),
    "erp sync": Untold("only has it read sooner; what comes of it is told by itself"),
    "export-own": Looks(lambda _: ("export-own", "anna")),
    "extend": Acts(on_lead("extend", "30", "--note", "Agreed"), "extension_granted"),
    "find-contact": Looks(lambda _: ("find-contact", "--email", "nobody@nowhere.example")),
    "hold": Acts(on_lead("hold", "CUSTOMER_BLOCKED"), "hold_placed"),
    "hold-campaign": Tried("tests.cli.test_campaigns:test_a_campaign_is_shown_placed_and_ended"),
    "import": Acts(lambda stage: ("import", stage.export()), "leads-imported"),
    "inbox assign": Acts(lambda stage: ("inbox", "assign", stage.mail(), stage.lead), "mail-assigned"),
    "inbox dismiss": Acts(lambda stage: ("inbox", "dismiss", stage.mail()), "mail-dismissed"),
    "inbox list": Looks(lambda _: ("inbox", "list")),
    "keys generate": Untold("writes a file; keys of no tenant change"),
    "keys rotate": Tried(f"{_HERE}:test_keys_turn_over_without_losing_anything"),
    "keys status": Untold("only looks, as the owner, who sees tenants by lifting row security for a moment"),
    "late-corrections": Looks(lambda _: ("late-corrections",)),
    "lead": Looks(on_lead("lead")),
    "leads": Looks(lambda _: ("leads",)),
    "legal-hold": Acts(on_lead("legal-hold", *REASON), "legal-hold-placed"),
    "log": Acts(on_lead("log", "QUALIFIED_CALL"), "activity"),
    "mails": Untold("shows the mail sink of this machine"),
    "migrate": Untold("brings the tables up to date; acts on no tenant's data"),
    "policy adopt": Tried("tests.cli.test_settings:test_adopting"),
    "policy rehearse": Looks(lambda _: ("policy", "rehearse", "--grace-days", "14")),
    "policy show": Looks(lambda _: ("policy", "show")),
    "policy versions": Looks(lambda _: ("policy", "versions")),
    "preregister": Acts(lambda _: ("preregister", f"Haus {uuid4()}", "Jena", *FIRST[:2]), "preregistered"),
    "proposals confirm": Acts(lambda stage: ("proposals", "confirm", stage.proposal()), "proposal-confirmed"),
    "proposals list": Looks(lambda _: ("proposals", "list")),
    "proposals reject": Acts(lambda stage: ("proposals", "reject", stage.proposal()), "proposal-rejected"),
    "rebuild": Acts(lambda _: ("rebuild",), "rebuilt"),
    "receipts": Looks(on_lead("receipts")),
    "reconcile": Acts(lambda _: ("reconcile",), "reconciled", frozenset({0, 1})),
    "register": Acts(lambda _: ("register", f"Haus {uuid4()}", "Jena", *FIRST), "registered"),
    "reinstate": Acts(ended, "reinstated"),
    "reject": Acts(on_request("reject", *REASON), "request_decided"),
    "release": Acts(held, "hold_released"),
    "release-lead": Acts(on_lead("release-lead", "--yes"), "released"),
    "request-extension": Acts(
        on_lead("request-extension", *REASON, *_NEXT), "extension_requested", by="anna"
    ),
    "request-hold": Acts(on_lead("request-hold", "FFZ_SAMPLE_DELAY"), "hold_requested", by="anna"),
    "requests": Looks(lambda _: ("requests",)),
    "restore-from-histories": Tried(
        "tests.cli.test_restore:test_facts_come_back_gapless_and_audited_and_names_have_to_be_told"
    ),
    "retention": Tried(f"{_HERE}:test_retention_counts_and_erases_what_is_overdue"),
    "retry-mail": Tried("tests.cli.test_acts:test_a_refused_reminder_is_sent_again"),
    "seed-demo": Untold("invented leads, once; its own mark in the audit keeps it from a second time"),
    "settings get": Looks(lambda _: ("settings", "get", "lead.protection.graceDays")),
    "settings list": Looks(lambda _: ("settings", "list")),
    "settings set": Tried("tests.cli.test_settings:test_setting_and_taking_back"),
    "settings unset": Tried("tests.cli.test_settings:test_setting_and_taking_back"),
    "share": Acts(on_lead("share", "ben", "ASSIST"), "collaborator-added"),
    "show-hold-campaign": Untold("only looks at a campaign (tests.cli.test_campaigns)"),
    "simulate": Untold("computes what a file says, on a server of its own"),
    "status": Untold(_DESK),
    "stop": Untold(_DESK),
    "token": Untold("asks the issuer of the embedded stack"),
    "transfer": Acts(on_lead("transfer", "ben", *REASON), "transferred"),
    "unshare": Acts(unshared, "collaborator-removed"),
    "up": Untold(_DESK),
    "verify": Acts(lost, "workflow-started"),
    "verify audit": Looks(lambda _: ("verify", "audit")),
    "webhooks list": Looks(lambda _: ("webhooks", "list")),
    "webhooks replay": Tried("tests.webhooks.test_looking_after:test_the_shell_lists_and_tries_again"),
    "withdraw": Acts(on_request("withdraw"), "request_withdrawn", by="anna"),
}
