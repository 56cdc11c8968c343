"""Who looks after the systems outside: on the pages, and at the shell."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from adapters.database import Pool
from tests.cli.house import House
from tests.pages.visitor import Node, Visitor, signed_in
from tests.webhooks.letterbox import Letterbox, dead_letter, news


@pytest.fixture(scope="module")
def shell(postgres_url: str, letterbox: Letterbox) -> Iterator[House]:
    """The command line over the same database."""
    environment = {"DATABASE_URL": postgres_url, "FRISTWERK_TENANT": str(letterbox.company)}
    with ThreadPoolExecutor(1) as thread:
        yield House(environment, thread)


async def system(browser: Visitor) -> Node:
    """What the page Integrations tells about news."""
    assert (await browser.get("/integrations")).status_code == 200
    return browser.html.one("section", aria_labelledby="system-webhooks")


async def test_a_dead_letter_is_seen_and_tried_again_on_the_pages(
    letterbox: Letterbox, superuser: Pool
) -> None:
    root = await signed_in(letterbox.api, letterbox.company, "root", "admin")
    assert "not needed yet" in (await system(root)).one("h2").text
    dead = await dead_letter(letterbox, superuser)
    told = await system(root)
    assert "needs a look" in told.one("h2").text
    assert "Some news was given up." in told.text
    assert len(told.all("a", href="/integrations/webhooks")) == 1
    action = f"/integrations/webhooks/{dead}/replay"
    await root.get("/integrations/webhooks")
    assert len(root.html.all("form", action=action)) == 1
    assert "invoice.created" in root.html.text
    assert "Beispiel" not in root.html.text
    # A manager looks, and cannot; an agent does not even look.
    manager = await signed_in(letterbox.api, letterbox.company, "maria", "manager", language="de")
    await manager.get("/integrations/webhooks")
    assert manager.heading == "Nachrichten von außen"
    assert not manager.html.all("form", action=action)
    assert (await manager.post(action)).status_code == 403
    agent = await signed_in(letterbox.api, letterbox.company, "anna", "agent")
    assert (await agent.get("/integrations/webhooks")).status_code == 403
    await root.post(action, follow=True)
    assert "It is tried again." in root.said
    await root.post(action, follow=True)
    assert "It is no dead letter any more." in root.said
    assert "tried again by root" in root.html.text
    assert (await root.post("/integrations/webhooks/garbage/replay")).status_code == 422


async def test_the_shell_lists_and_tries_again(letterbox: Letterbox, superuser: Pool, shell: House) -> None:
    await letterbox.send(news())
    dead = [str(await dead_letter(letterbox, superuser)) for _ in range(3)]
    listed = shell.done("webhooks", "list", "--state", "dead")
    assert {one["id"] for one in listed} == set(dead)
    assert "Beispiel" not in str(listed)
    assert {one["state"] for one in shell.done("webhooks", "list")} >= {"dead", "waiting"}
    assert shell.done("webhooks", "list", "--source", "allianz") == []
    assert "invoice.created" in shell.run("webhooks", "list").out
    assert shell.done("webhooks", "replay", dead[0], "--by", "mender") == {"replayed": [dead[0]]}
    assert shell.audited("mender") == ["webhook-replayed"]
    assert set(shell.done("webhooks", "replay", "--all")["replayed"]) == set(dead[1:])
    assert shell.done("webhooks", "replay", "--all") == {"replayed": []}
    gone = shell.run("webhooks", "replay", dead[0])
    assert (gone.code, "no such dead letter" in gone.err) == (1, True)
    refused = shell.run("webhooks", "list", "--by", "agent")
    assert (refused.code, "looks after" in refused.err) == (1, True)


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--most", "0"),
        ("list", "--most", "201"),
        ("list", "--state", "lost"),
        ("replay",),
        ("replay", "no-id"),
        ("replay", str(uuid4()), "--all"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(words: tuple[str, ...], shell: House) -> None:
    assert shell.run("webhooks", *words).code == 2
