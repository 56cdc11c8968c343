"""Whose a mail is, what becomes of it, and who may see it."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from temporalio.exceptions import ApplicationError

from activities.errors import ErrorType
from activities.inbox import InboxActivities
from activities.inbox_orders import MailOrder
from adapters.inbox.bounce_teller import TemporalBounceTeller
from adapters.inbox.matching import Read, names_in
from services.openings import Contact, Opening
from services.registering import NewLead, register
from tests.inbox.letters import bounce, letter
from tests.inbox.post_office import PostOffice
from tests.services.office import company


async def lead_with(post: PostOffice, email: str, **said: str) -> UUID:
    """A lead whose contact has this address."""
    wanted = NewLead(
        company=company(**said), opening=Opening(contact=Contact(name="Kim Kontakt", email=email))
    )
    return (await register(post.office.desk, post.office.asking("anna"), wanted)).lead


async def test_mails_are_matched_by_what_they_answer_address_domain_and_name(post: PostOffice) -> None:
    domain = f"{uuid4().hex[:12]}.example"
    named = f"Feinkost {uuid4().hex[:10]}"
    lead = await lead_with(post, f"kim@{domain}")
    other = await lead_with(post, f"{uuid4().hex}@gmail.com", company=f"{named} GmbH & Co. KG")
    answered = f"<{uuid4().hex}@fristwerk.example>"
    await post.office.lab.execute(
        "insert into notification (tenant, id, lead, cycle, kind, recipient, channel, message_id, status,"
        " sent_at, created_at, updated_at) values ($1, $2, $3, '1', 'feedback-invitation', 'contact',"
        " 'EMAIL', $4, 'sent', '2026-01-01Z', '2026-01-01Z', '2026-01-01Z')",
        post.tenant, uuid4(), other, answered,
    )  # fmt: skip
    rows = await post.come(
        letter(f"Kim <KIM@{domain}>"),
        letter(f"Chefin <chefin@{domain}>"),
        letter("Koch <koch@gmail.com>", text=f"Guten Tag,\n\nKoch\n{named} GmbH & Co. KG\n"),
        letter("Wer <wer@gmx.de>", answers=answered),
        letter("Wer <wer@gmail.com>", text="Niemand kennt mich"),
    )
    assert [(row["state"], row["match"], row["lead"]) for row in rows] == [
        ("matched", "address", lead),
        ("matched", "domain", lead),
        ("matched", "name", other),
        ("matched", "reply", other),
        ("unmatched", None, None),
    ]
    assert [float(row["confidence"] or 0) for row in rows] == [1.0, 0.8, 0.6, 1.0, 0.0]
    assert rows[-1]["why"] == "nobody"
    proposed = await post.proposals(lead)
    assert {(one["kind"], one["subject_id"], one["state"]) for one in proposed} == {
        ("CUSTOMER_REACTION", str(row["id"]), "open") for row in rows[:2]
    }


async def test_what_could_be_several_is_nobodys_and_what_no_customer_wrote_is_ignored(
    post: PostOffice,
) -> None:
    email = f"kim@{uuid4().hex[:12]}.example"
    leads = {await lead_with(post, email), await lead_with(post, email)}
    rows = await post.come(
        letter(email),
        letter(email, Auto_Submitted="auto-replied"),
        letter(email, List_Unsubscribe="<https://x.example>"),
        letter("clock@fristwerk.example"),
        letter(post.office.lab.address("anna")),
        b"\x00\x01",
    )
    assert [(row["state"], row["why"]) for row in rows] == [
        ("unmatched", "ambiguous"),
        ("ignored", "automatic"),
        ("ignored", "newsletter"),
        ("ignored", "own"),
        ("ignored", "colleague"),
        ("ignored", "unreadable"),
    ]
    assert set(rows[0]["candidates"]) == leads


@pytest.mark.parametrize("said", ["", "a", "GmbH", "x" * 5000, "ein " * 5000])
def test_names_are_looked_for_in_anything(said: str) -> None:
    names = names_in(Read(address="a@gmail.com", name=said, subject=said, text=said, linked=()))
    assert len(names) <= 3_000
    assert all(len(name) >= 5 for name in names)


async def test_bounces_of_mails_nobody_sent_and_of_those_still_tried_change_nothing(post: PostOffice) -> None:
    rows = await post.come(
        bounce(f"<{uuid4().hex}@fristwerk.example>"),
        bounce(f"<{uuid4().hex}@fristwerk.example>", action="delayed", status="4.4.1"),
    )
    assert [(row["state"], row["why"]) for row in rows] == [("bounce", "not-ours"), ("ignored", "not-final")]


async def test_a_bounce_waits_for_the_mail_it_is_about_and_clocks_may_differ(post: PostOffice) -> None:
    lab, ours = post.office.lab, f"<{uuid4().hex}@fristwerk.example>"
    await lab.execute(
        "insert into notification (tenant, id, lead, cycle, kind, recipient, channel, message_id, status,"
        " created_at, updated_at) values ($1, $2, $3, '1', 'feedback-invitation', 'contact', 'EMAIL', $4,"
        " 'sending', '2026-01-01Z', '2026-01-01Z')",
        post.tenant, uuid4(), await lead_with(post, f"{uuid4().hex}@gmail.com"), ours,
    )  # fmt: skip
    post.outside.deliver(bounce(ours))
    await post.read()
    (row,) = await post.rows()
    steps = InboxActivities(post.desk, TemporalBounceTeller(lab.pool, post.desk, lab.gateway))
    order = MailOrder(str(post.tenant), str(row["id"]))
    with pytest.raises(ApplicationError) as refused:
        await steps.sort(order)
    assert (refused.value.type, refused.value.non_retryable) == (ErrorType.MAIL_BUSY, False)

    # The mail server's clock is behind ours.
    await lab.execute(
        "update notification set status = 'sent', sent_at = now() + interval '5 minutes'"
        " where message_id = $1",
        ours,
    )
    assert (await steps.sort(order)).outcome == "noted"
    (mail,) = await lab.execute(
        "select status, updated_at = sent_at as in_order from notification where message_id = $1", ours
    )
    assert mail == {"status": "bounced", "in_order": True}
