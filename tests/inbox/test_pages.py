"""What people see of the inbox and do about it; words are for whoever may read them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from activities.inbox_orders import Sorted
from adapters.inbox.messenger import InboxMessenger
from adapters.inbox.sorting import PostgresMailDesk
from adapters.inbox.store import MailState
from services import inbox
from services.errors import Forbidden, NotFound
from services.inbox import MailSettled
from tests.api.shop import Shop
from tests.inbox.letters import letter
from tests.inbox.post_office import PostOffice
from tests.inbox.test_sorting import lead_with
from tests.pages.visitor import visitor
from tests.vaultfixtures import VAULT

NOBODYS = (MailState.UNMATCHED,)


async def test_a_manager_says_whose_a_mail_is_and_it_is_proposed(post: PostOffice) -> None:
    lead = await lead_with(post, f"{uuid4().hex}@gmail.com")
    (row,) = await post.come(letter("Wer <wer@gmx.de>", "Frage", "Was kostet das?"))
    desk, maria, anna = post.office.desk, post.office.asking("maria"), post.office.asking("anna")

    listed = await inbox.list_mails(desk, maria, states=NOBODYS, most=200)
    assert row["id"] in {one.id for one in listed.mails}
    assert (await inbox.read_mail(desk, maria, row["id"])).mail.text == "Was kostet das?"
    with pytest.raises(NotFound):
        await inbox.read_mail(desk, anna, row["id"])
    with pytest.raises(Forbidden):
        await inbox.assign(desk, anna, row["id"], lead)
    with pytest.raises(NotFound):
        await inbox.assign(desk, maria, row["id"], uuid4())

    await inbox.assign(desk, maria, row["id"], lead)
    await post.settled()
    with pytest.raises(MailSettled):
        await inbox.assign(desk, maria, row["id"], lead)
    with pytest.raises(MailSettled):
        await inbox.dismiss(desk, maria, row["id"])
    assert [one["subject_id"] for one in await post.proposals(lead)] == [str(row["id"])]
    assert (await inbox.read_mail(desk, anna, row["id"])).mail.subject == "Frage"
    with pytest.raises(NotFound):
        await inbox.read_mail(desk, post.office.asking("ben"), row["id"])
    told = await post.office.lab.execute(
        "select actor, what, after from audit_event where tenant = $1 and lead = $2 and what like 'mail-%'",
        post.tenant,
        lead,
    )
    assert [(one["actor"], one["what"]) for one in told] == [("maria", "mail-assigned")]
    assert "kostet" not in str(told)


async def test_what_a_manager_decides_while_mails_are_brought_on_is_not_lost(post: PostOffice) -> None:
    lead, lab = await lead_with(post, f"{uuid4().hex}@gmail.com"), post.office.lab
    post.outside.deliver(letter("Wer <wer@gmx.de>"))
    await post.read()
    (row,) = await post.rows()

    class Overtaken(PostgresMailDesk):
        async def sort(self, tenant: UUID, mail: UUID) -> Sorted:
            done = await super().sort(tenant, mail)
            if mail == row["id"]:
                await inbox.assign(post.office.desk, post.office.asking("maria"), mail, lead)
            return done

    desk = Overtaken(lab.pool, VAULT, categorised=False)
    await InboxMessenger(lab.pool, lab.client, desk, post.tenant).bring()
    assert (await post.rows())[0]["brought_at"] is None
    await post.settled()
    assert [one["subject_id"] for one in await post.proposals(lead)] == [str(row["id"])]


async def test_what_is_nobodys_is_put_aside(post: PostOffice) -> None:
    (row,) = await post.come(letter("Wer <wer@gmx.de>", "Werbung?"))
    await inbox.dismiss(post.office.desk, post.office.asking("maria"), row["id"])
    seen = await inbox.read_mail(post.office.desk, post.office.asking("olga"), row["id"])
    assert seen.mail.state is MailState.DISMISSED
    with pytest.raises(Forbidden):
        await inbox.dismiss(post.office.desk, post.office.asking("olga"), row["id"])


async def test_the_page_shows_mails_to_whom_they_concern(post: PostOffice, shop: Shop) -> None:
    lead = await lead_with(post, f"kim@{uuid4().hex[:12]}.example")
    subject = f"Frage {uuid4().hex}"
    (row,) = await post.come(letter("Wer <wer@gmx.de>", subject, "<b>fett</b>"))
    maria, anna = await visitor(shop, "maria"), await visitor(shop, "anna")
    assert subject in (await maria.get("/inbox?show=unmatched")).text
    assert subject not in (await anna.get("/inbox?show=unmatched")).text
    assert (await anna.get(f"/inbox/{row['id']}")).status_code == 404
    page = (await maria.get(f"/inbox/{row['id']}")).text
    assert "&lt;b&gt;fett" in page
    assert "/assign" in page
    for wrong in ("/inbox?show=x", "/inbox?lead=x", "/inbox?at=2026-01-01T00:00&after=x"):
        assert (await maria.get(wrong)).status_code == 422
    said = await maria.post(f"/inbox/{row['id']}/assign", lead="nonsense")
    assert said.status_code == 303
    assert (await maria.post(f"/inbox/{row['id']}/assign", lead=f"/leads/{lead}")).status_code == 303
    await post.settled()
    assert subject in (await anna.get(f"/inbox?show=matched&lead={lead}")).text
