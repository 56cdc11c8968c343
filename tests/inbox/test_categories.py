"""What a model says a mail is about; without a model, or without an answer, it is proposed all the same."""

from __future__ import annotations

from uuid import UUID, uuid4

from activities.ai.cases.mails import MailAnswer, MailCategory
from activities.inbox_orders import NextStep
from activities.mail_category import MailCategoriser
from adapters.ai.composition import open_ai
from adapters.inbox.sorting import PostgresMailDesk
from adapters.outside_settings import OutsideSettings
from adapters.registry import SettingsRegistry
from tests.inbox.letters import letter
from tests.inbox.post_office import PostOffice, post_office
from tests.inbox.test_sorting import lead_with
from tests.outsidefixtures import Outside
from tests.services.office import Office
from tests.vaultfixtures import VAULT
from workers.ai import ai_worker
from workflows.lead_classify import LeadClassify


async def unsorted(post: PostOffice, mail: bytes) -> UUID:
    """A mail that was read and nothing else."""
    post.outside.deliver(mail)
    await post.read()
    identity: UUID = (await post.rows())[-1]["id"]
    await post.office.lab.execute("update inbound_mail set brought_at = now() where id = $1", identity)
    return identity


def said(category: MailCategory, *, reaction: bool = True) -> MailAnswer:
    """What a model says."""
    return MailAnswer(category=category, reaction=reaction, confidence=0.9)


async def test_a_category_goes_with_the_proposal_and_quotes_are_not_asked_about(post: PostOffice) -> None:
    desk = PostgresMailDesk(post.office.lab.pool, VAULT, categorised=True)
    email = f"kim@{uuid4().hex[:12]}.example"
    lead = await lead_with(post, email)
    mail = await unsorted(post, letter(email, "Preise", "Was kostet es?\n\n> altes Zitat"))
    assert (await desk.sort(post.tenant, mail)).step is NextStep.CATEGORISE
    asked = await desk.question(post.tenant, mail)
    assert asked is not None
    assert (asked.lead, asked.question.subject, asked.question.text) == (lead, "Preise", "Was kostet es?")
    await desk.categorised(post.tenant, mail, said(MailCategory.PRICE_REQUEST))
    assert (await desk.propose(post.tenant, mail)).outcome == "proposed"
    assert (await desk.propose(post.tenant, mail)).outcome is None
    (proposed,) = await post.proposals(lead)
    assert proposed["facts"]["category"] == "PRICE_REQUEST"
    assert await desk.question(post.tenant, mail) is None


async def test_what_a_model_takes_for_advertising_is_ignored(post: PostOffice) -> None:
    desk = PostgresMailDesk(post.office.lab.pool, VAULT, categorised=True)
    email = f"kim@{uuid4().hex[:12]}.example"
    lead = await lead_with(post, email)
    mail = await unsorted(post, letter(email, "Aktion!", "Nur heute"))
    await desk.sort(post.tenant, mail)
    await desk.categorised(post.tenant, mail, said(MailCategory.NEWSLETTER, reaction=False))
    await desk.propose(post.tenant, mail)
    row = (await post.rows())[-1]
    assert (row["state"], row["why"]) == ("ignored", "newsletter")
    assert await post.proposals(lead) == []


async def test_a_mail_is_categorised_by_its_workflow_and_no_name_leaves_the_house(
    office: Office, outside: Outside
) -> None:
    lab, email = office.lab, f"kim@{uuid4().hex[:12]}.example"
    configured = OutsideSettings.model_validate(
        {
            "OPENAI_API_KEY": outside.accounts.openai,
            "OPENAI_BASE_URL": outside.openai_url,
            "FRISTWERK_TENANT": str(lab.tenant),
        }
    )
    async with (
        post_office(office, outside, categorised=True) as post,
        open_ai(configured, lab.pool, SettingsRegistry(lab.pool), VAULT) as ai,
        ai_worker(lab.client, [MailCategoriser(post.desk, ai.router).categorise], [LeadClassify]),
    ):
        lead = await lead_with(post, email)
        # Nobody knows her but the mail itself: its sender, and what her program puts below.
        said = (
            f"Was kosten 100 Portionen?\nKim Kontakt, {email}\n\nErika Beispiel\u00admann\nHotel Seeblick\n"
            "-- \nLea Unterschrift, Assistentin\n"
        )
        (row,) = await post.come(letter(f"Erika Beispielmann <{email}>", "Preise für Beispielmann", said))
        (one,) = await post.proposals(lead)
    assert row["category"] == one["facts"]["category"]
    assert row["category"] in set(MailCategory)
    told = "".join(asked.body for asked in outside.log("openai"))
    assert "100 Portionen" in told
    assert email not in told
    for name in ("Kontakt", "Erika", "Beispiel", "Unterschrift"):
        assert name not in told
