"""All the stand-ins together: one event loop, one port for each, one authority for their certificates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sandbox.ai import Models
from sandbox.anthropic import Anthropic
from sandbox.certificates import kept_authority, new_authority
from sandbox.credit import CreditBureau
from sandbox.imap import Inbox
from sandbox.listening import LOOPBACK, Port
from sandbox.news import News
from sandbox.openai import OpenAi
from sandbox.requests import RequestLog
from sandbox.stage import Stage
from sandbox.switches import Switch, Switches, Upstream
from sandbox.wire import StandIn
from sandbox.xentral import Xentral

CA_FILE: Final = "sandbox-ca.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What the stand-ins take for good credentials. They lead to nothing real, but news are signed with some.

    Attributes:
        openai: key.
        anthropic: key.
        credit_client: id of the client.
        credit_secret: of the client.
        credit_webhook: the bureau signs with it.
        imap_user: who reads the inbox.
        imap_password: his password.
        xentral: token.
        xentral_webhook: the ERP signs with it.
    """

    openai: str = field(default="sandbox-openai", repr=False)
    anthropic: str = field(default="sandbox-anthropic", repr=False)
    credit_client: str = "fristwerk"
    credit_secret: str = field(default="sandbox-credit", repr=False)
    credit_webhook: str = field(default="sandbox-credit-webhook", repr=False)
    imap_user: str = "inbox"
    imap_password: str = field(default="sandbox-imap", repr=False)
    xentral: str = field(default="sandbox-xentral", repr=False)
    xentral_webhook: str = field(default="sandbox-xentral-webhook", repr=False)


class World:
    """The outside world, played."""

    def __init__(
        self,
        folder: Path,
        accounts: Accounts,
        *,
        news_again_after: float = 30.0,
        also_trusted: bytes = b"",
        decides_after: float | None = None,
        erp_tells: str | None = None,
    ) -> None:
        """Make everything; nobody listens yet.

        Args:
            folder: certificates and the inbox; only we may read it.
            accounts: what is taken for good credentials.
            decides_after: seconds in which the credit bureau makes up its mind; None: when it is told to.
            erp_tells: where the ERP's news go; None: nowhere.
            also_trusted: further authorities for the file of those to trust, PEM.
            news_again_after: seconds until a webhook nobody took is sent again.
        """
        self.accounts = accounts
        self.switches = Switches()
        self.log = RequestLog()
        self.openai = OpenAi(Models(Upstream.OPENAI, accounts.openai))
        self.anthropic = Anthropic(Models(Upstream.ANTHROPIC, accounts.anthropic))
        self.credit_news = News(accounts.credit_webhook, again_after=news_again_after)
        self.credit = CreditBureau(
            accounts.credit_client, accounts.credit_secret, self.credit_news, decides_after=decides_after
        )
        self.xentral_news = News(accounts.xentral_webhook, again_after=news_again_after)
        self.xentral = Xentral(accounts.xentral, self.xentral_news, hears=erp_tells)
        self.trusted, self.unknown = kept_authority(folder, "Sandbox"), new_authority("Nobody")
        self.ca_file = folder / CA_FILE
        self.ca_file.write_bytes(self.trusted.certificate + also_trusted)
        self.inbox = Inbox(
            folder / "inbox", accounts.imap_user, accounts.imap_password, switches=self.switches, log=self.log
        )
        self._inbox_port = 0
        played: tuple[StandIn, ...] = (self.openai, self.anthropic, self.credit, self.xentral)
        self._ports = {
            one.upstream: Port(
                one.upstream,
                Stage(one, self.switches, self.log),
                self.switches,
                self.trusted,
                self.unknown,
            )
            for one in played
        }
        self.switches.whenever_changed(self._heed)

    async def open(self, numbers: Mapping[Upstream, int]) -> None:
        """Listen.

        Args:
            numbers: of the ports; who is not named gets a free one.
        """
        for upstream, port in self._ports.items():
            port.open(numbers.get(upstream, 0))
        self._inbox_port = await self.inbox.open(
            LOOPBACK,
            numbers.get(Upstream.IMAP, 0),
            trusted=self.trusted.server,
            untrusted=self.unknown.server,
        )

    async def close(self) -> None:
        """End everything."""
        self.switch_all_well()
        self.forget()
        await self.inbox.close()
        for port in self._ports.values():
            await port.close()

    def address(self, upstream: Upstream, *, scheme: str = "http") -> str:
        """Where a stand-in of HTTP is, such as `http://127.0.0.1:8071`."""
        return f"{scheme}://{LOOPBACK}:{self._ports[upstream].number}"

    def where(self, upstream: Upstream) -> str:
        """Where a stand-in is, for people."""
        if upstream is Upstream.IMAP:
            return f"imaps://{LOOPBACK}:{self._inbox_port}"
        return self.address(upstream, scheme="https")

    def models(self, upstream: Upstream | None) -> Models | None:
        """The models of a stand-in; None if it has none."""
        match upstream:
            case Upstream.OPENAI:
                return self.openai.models
            case Upstream.ANTHROPIC:
                return self.anthropic.models
            case _:
                return None

    @property
    def imap_url(self) -> str:
        """What IMAP_URL would say."""
        login = f"{self.accounts.imap_user}:{self.accounts.imap_password}"
        return f"imaps://{login}@{LOOPBACK}:{self._inbox_port}/INBOX"

    async def reset(self) -> None:
        """As it was at the start: all is well, nothing was asked, no mail is there."""
        self.switch_all_well()
        self.forget()
        await self.inbox.clear()

    def switch_all_well(self) -> None:
        """Let nothing go wrong any longer."""
        for upstream in Upstream:
            if self.switches.current(upstream).spoils:
                self.switches.set(upstream, Switch())

    def forget(self) -> None:
        """Know nothing of what was asked and done."""
        self.openai.models.forget()
        self.anthropic.models.forget()
        self.credit.forget()
        self.xentral.forget()
        self.log.clear()

    def _heed(self, upstream: Upstream) -> None:
        port = self._ports.get(upstream)
        if port is not None:
            port.heed(self.switches.current(upstream))
