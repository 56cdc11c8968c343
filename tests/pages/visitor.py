"""Somebody with a browser: cookies, forms, and what a page shows.

anna = await visitor(shop, "anna")
page = await anna.get("/leads")
assert page.status_code == 200
assert anna.html.find(".//h1").text_content() == "Leads"
page = await anna.post("/leads/…/activities", kind="QUALIFIED_CALL")
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any, Final
from uuid import UUID

import httpx

from adapters.database import Caller
from adapters.session_store import SessionStore
from tests.api.house import Api
from tests.api.shop import Shop
from tests.services.office import PEOPLE

_VOID: Final = frozenset(
    {"meta", "link", "input", "br", "img", "hr", "source", "col", "wbr", "area", "base", "embed", "track"}
)


class Node:
    """An element of a page."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node | str] = []

    @property
    def text(self) -> str:
        """All its text, blanks as one."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    def all(self, tag: str = "", **attributes: str) -> list[Node]:
        """Every element below with this tag and these attributes; `class_`, `data_x`, `aria_x` as spelled.

        Of `class_` each word counts; of other attributes the whole.
        """
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                if child._is(tag, wanted):
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def one(self, tag: str = "", **attributes: str) -> Node:
        """The only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    def _is(self, tag: str, wanted: dict[str, str]) -> bool:
        if tag and self.tag != tag:
            return False
        for name, value in wanted.items():
            given = self.attributes.get(name)
            if given is None or (value not in given.split() if name == "class" else given != value):
                return False
        return True


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parsed(text: str) -> Node:
    """A page as a tree."""
    tree = _Tree()
    tree.feed(text)
    tree.close()
    return tree.root


class Visitor:
    """A browser without a window."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.html = Node("", {})

    async def get(self, path: str, *, follow: bool = False, **headers: str) -> httpx.Response:
        """Read a page; `hx_request="true"` becomes the header HX-Request.

        Args:
            path: where.
            follow: go on where the answer leads to another page.
            headers: of the request.
        """
        return self._seen(await self.client.get(path, headers=_headers(headers), follow_redirects=follow))

    async def post(
        self,
        path: str,
        *,
        follow: bool = False,
        act: str | None = None,
        headers: dict[str, str] | None = None,
        **fields: Any,
    ) -> httpx.Response:
        """Send a form; a field named like a Python word ends with an underscore.

        Args:
            path: where to.
            follow: go on where the answer leads.
            act: key of the act; a new one where none is given.
            headers: besides those a browser sends.
            fields: what is in the form.
        """
        sent = {name.rstrip("_") if name != "_" else name: value for name, value in fields.items()}
        sent["_act"] = act or secrets.token_urlsafe(16)
        given = {"Sec-Fetch-Site": "same-origin", **(headers or {})}
        answer = await self.client.post(path, data=sent, headers=given, follow_redirects=follow)
        return self._seen(answer)

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.html = parsed(answer.text)
        return answer

    @property
    def heading(self) -> str:
        """The heading of the page."""
        return self.html.one("h1").text

    @property
    def said(self) -> str:
        """What the page tells was done."""
        return " ".join(node.text for node in self.html.all("div", class_="note"))


def _headers(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in given.items()}


def stranger(api: Api, language: str = "en") -> Visitor:
    """A browser nobody is signed in with."""
    transport = httpx.ASGITransport(api.app, raise_app_exceptions=False)
    headers = {"Accept-Language": language}
    return Visitor(httpx.AsyncClient(transport=transport, base_url="http://pages.test", headers=headers))


async def signed_in(
    api: Api, tenant: UUID, user: str, *roles: str, language: str = "en", at: datetime | None = None
) -> Visitor:
    """A browser somebody is signed in with.

    Args:
        api: the application.
        tenant: whose leads.
        user: id of the person.
        roles: what he is.
        language: what he reads.
        at: UTC instant of the sign-in; usually now.
    """
    visiting = stranger(api, language)
    store = SessionStore(api.wiring.app)
    session = await store.open(Caller(tenant, user, roles), at or datetime.now(UTC))
    visiting.client.cookies.set("fristwerk", session, domain="pages.test")
    return visiting


async def visitor(shop: Shop, user: str, role: str | None = None, language: str = "en") -> Visitor:
    """Somebody of the shop's people, signed in.

    Args:
        shop: the application over people at work.
        user: `anna`, `maria` and so on.
        role: another role than is his.
        language: what he reads.
    """
    tenant = shop.office.lab.tenant
    return await signed_in(shop.api, tenant, user, role or PEOPLE[user], language=language)
