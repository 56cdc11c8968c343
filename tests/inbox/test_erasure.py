"""An erasure reaches the mails that came in, and what nobody has taken goes by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from activities.erasure_orders import Cause
from adapters.erasure_store import PostgresErasureStore
from adapters.inbox.store import forget_old_mails
from tests.inbox.letters import letter
from tests.inbox.post_office import PostOffice
from tests.inbox.test_sorting import lead_with


async def test_an_erasure_empties_the_mails_of_a_lead_and_of_its_contacts(post: PostOffice) -> None:
    email = f"kim@{uuid4().hex[:12]}.example"
    lead = await lead_with(post, email)
    rows = await post.come(
        letter(email), letter(email, Auto_Submitted="auto-replied"), letter("wer@gmx.de", subject="anderes")
    )
    lab = post.office.lab
    await lab.execute(
        "update protection set status = 'RELEASED', ended_at = now() where tenant = $1 and lead = $2",
        post.tenant,
        lead,
    )
    store = PostgresErasureStore(lab.pool)
    at = datetime.now(UTC)
    foreseen = await store.outlook(post.tenant, lead, at)
    assert foreseen.held.mails == 2
    erased = await store.erase(post.tenant, lead, erasure=uuid4(), cause=Cause.REQUEST, by="adam", at=at)
    assert erased.receipt is not None
    mine, automatic, other = (await post.rows())[:3]
    for row in (mine, automatic):
        assert row["erased_at"] is not None
        assert [row[name] for name in ("key", "sender", "subject", "body", "linked", "sender_index")] == [
            None
        ] * 6
    assert other["key"] is not None
    keys = await lab.execute("select mail from mail_key where tenant = $1", post.tenant)
    assert {rows[0]["id"], rows[1]["id"]}.isdisjoint({key["mail"] for key in keys})

    assert await forget_old_mails(lab.pool, post.tenant, keep=timedelta(days=30), at=at) == 0
    later = at + timedelta(days=31)
    assert await forget_old_mails(lab.pool, post.tenant, keep=timedelta(days=30), at=later) >= 1
    assert (await post.rows())[2]["key"] is None
