"""Asking customers for feedback: whom is opened from the vault, once per invitation and kind."""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.invite import InvitationActivities
from activities.orders import InvitationKind, InvitationOrder, NotificationOutcome, NotificationResult
from activities.ports import Contact, Invitation, Language
from adapters.contacts import VaultContacts
from adapters.database import transaction
from adapters.lead_entry import ContactEntry, ContactKind
from adapters.mail import MailServer, SmtpMailer
from adapters.mail_texts.writer import MailTexts
from adapters.notification_store import PostgresNotificationStore, PostgresPeople
from protection.dates import format_instant
from tests.mail.smtpserver import Server
from tests.mail.world import PUBLIC_URL, SENDER, World, life
from tests.vaultfixtures import VAULT

AT = datetime(2031, 3, 10, 9, 0, tzinfo=UTC)
INVITATION = UUID(int=4711)
WRITER = MailTexts(PUBLIC_URL)


@dataclass
class Box:
    """Invitations as somebody else keeps them."""

    known: dict[UUID, Invitation] = field(default_factory=dict)

    async def invitation(self, tenant: UUID, invitation: UUID) -> Invitation | None:
        return self.known.get(invitation)

    async def link(self, tenant: UUID, invitation: UUID) -> str:
        return f"https://leads.example/feedback/token-of-{invitation.int}"


def asked(lead: UUID, **changes: object) -> Invitation:
    made = Invitation(
        lead=lead,
        company="Bäckerei Süß GmbH",
        sender="FreshFoodz",
        agent="erika",
        products=("FF-100 Tomatensugo", "FF-200 Basilikumpesto"),
        delivered_at=AT - timedelta(days=3),
        expires_at=AT + timedelta(days=30),
        language=Language.DE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def activities(world: World, smtp: Server, box: Box) -> InvitationActivities:
    people = PostgresPeople(world.pool)
    return InvitationActivities(
        store=PostgresNotificationStore(world.pool),
        mailer=SmtpMailer(MailServer.from_url(smtp.url), SENDER),
        contacts=VaultContacts(world.pool, VAULT),
        invitations=box,
        directory=people,
        writer=WRITER,
    )


async def known_contact(world: World, lead: UUID, email: str | None = "chef@baecker.example") -> None:
    entry = ContactEntry(id=uuid4(), kind=ContactKind.CONTACT, name="Lena Köchin", email=email)
    async with transaction(world.pool, world.tenant, "system") as connection:
        await VAULT.seal_entries(connection, world.tenant, lead, [entry])


async def send(
    told: InvitationActivities, order: InvitationOrder, at: datetime = AT, attempt: int = 1
) -> NotificationResult:
    environment = ActivityEnvironment()
    environment.info = replace(ActivityEnvironment.default_info(), started_time=at, attempt=attempt)
    result = await environment.run(told.send_invitation, order)
    assert isinstance(result, NotificationResult)
    return result


def order(
    world: World, lead: UUID, kind: InvitationKind = InvitationKind.INVITATION, retry: bool = False
) -> InvitationOrder:
    return InvitationOrder(str(world.tenant), str(lead), str(INVITATION), kind, retry)


async def test_the_contact_is_asked_once_and_reminded_once(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    await known_contact(world, lead)
    told = activities(world, smtp, Box({INVITATION: asked(lead)}))
    first = await send(told, order(world, lead))
    assert first == NotificationResult(NotificationOutcome.SENT, format_instant(AT))
    assert await send(told, order(world, lead), AT + timedelta(hours=1), 2) == first
    reminder = order(world, lead, InvitationKind.REMINDER)
    reminded = await send(told, reminder, AT + timedelta(days=7))
    assert reminded.outcome is NotificationOutcome.SENT
    assert await send(told, reminder, AT + timedelta(days=8)) == reminded
    invitation, again = smtp.mails
    assert smtp.recipients == ["chef@baecker.example"] * 2
    assert (invitation.kind, again.kind) == ("feedback-invitation", "feedback-reminder")
    assert invitation.message_id != again.message_id
    for mail in (invitation, again):
        assert "FreshFoodz" in mail.subject
        for body in (mail.text, mail.html):
            for part in (
                "Guten Tag Lena Köchin,",
                "FF-100 Tomatensugo, FF-200 Basilikumpesto",
                "Mittwoch, 9. April 2031, 11:00 Uhr (Europe/Berlin, UTC+02:00)",
                "Erika Müller",
                "https://leads.example/feedback/token-of-4711",
            ):
                assert part in body
    assert "am 7. März 2031" in invitation.text
    assert "vor Kurzem" in again.text


async def test_nothing_personal_is_left_behind(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    await known_contact(world, lead)
    result = await send(activities(world, smtp, Box({INVITATION: asked(lead)})), order(world, lead))
    kept = json.dumps([dict(row) for row in await world.told(lead)], default=str)
    payloads = await DataConverter.default.encode([order(world, lead), result])
    for place in (kept, *(payload.data.decode() for payload in payloads)):
        assert not re.search("lena|köchin|baecker|token-of", place, re.IGNORECASE)


@pytest.mark.parametrize("email", [None, "", "no address at all"])
async def test_without_an_address_it_bounces(world: World, smtp: Server, email: str | None) -> None:
    lead = await world.lead(life())
    await known_contact(world, lead, email)
    told = activities(world, smtp, Box({INVITATION: asked(lead)}))
    result = await send(told, order(world, lead))
    assert result.outcome is NotificationOutcome.BOUNCED
    assert result.code == ("bad-address" if email else "no-address")
    assert await send(told, order(world, lead)) == result
    await known_contact(world, lead)
    assert (await send(told, order(world, lead, retry=True))).outcome in NotificationOutcome


async def test_what_is_not_open_any_more_is_not_asked(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    await known_contact(world, lead)
    nothing = NotificationResult(NotificationOutcome.SUPERSEDED)
    assert await send(activities(world, smtp, Box()), order(world, lead)) == nothing
    over = activities(world, smtp, Box({INVITATION: asked(lead, expires_at=AT)}))
    assert await send(over, order(world, lead)) == nothing
    assert smtp.mails == []


async def test_orders_that_make_no_sense_are_final(world: World, smtp: Server) -> None:
    lead = await world.lead(life())
    told = activities(world, smtp, Box({INVITATION: asked(uuid4())}))
    good = order(world, lead)
    for bad in (
        replace(good, tenant="x"),
        replace(good, lead=""),
        replace(good, invitation="../../etc"),
        good,
    ):
        with pytest.raises(ApplicationError) as refused:
            await send(told, bad)
        assert refused.value.type == "malformed-order"
        assert refused.value.non_retryable


@pytest.mark.parametrize("kind", list(InvitationKind))
@pytest.mark.parametrize("language", list(Language))
def test_every_invitation_reads_well(kind: InvitationKind, language: Language) -> None:
    bare = asked(uuid4(), language=language, products=(), delivered_at=None)
    written = WRITER.invite(kind, bare, Contact("x@y.example", None), "", "https://leads.example/feedback/t")
    assert written.text.startswith("Guten Tag,\n" if language is Language.DE else "Hello,\n")
    assert ("In the box" in written.text) is ("Im Paket" in written.text) is False
    assert "%(" not in written.text + written.subject + written.html
    assert 'href="https://leads.example/feedback/t"' in written.html
    assert f'lang="{language}"' in written.html


@pytest.mark.parametrize(
    "text", ['<script>alert(1)</script>"', "a\r\nBcc: x@y.example\r\n\r\nz", "%(x)s {{ 1 }}"]
)
def test_what_others_wrote_is_only_text(text: str) -> None:
    wild = asked(uuid4(), company=text, sender=text, products=(text, text))
    written = WRITER.invite(
        InvitationKind.INVITATION,
        wild,
        Contact("x@y.example", text),
        text,
        "https://leads.example/feedback/t",
    )
    assert "<script>" not in written.html
    assert len(written.subject.splitlines()) == 1
    assert not re.search(r"(?m)^Bcc:", written.text)
