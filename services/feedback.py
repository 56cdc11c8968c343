"""What customers say of samples, without signing in: the form of a secret link (domain.md section 8)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from uuid import UUID, uuid4

from activities.sample_orders import ContactRole
from adapters.feedback_gate import FeedbackGate, OpenForm
from adapters.sample_records import Rating
from adapters.vault import Vault
from services.sample_checks import checked_ratings
from services.words import malformed

Network = IPv4Network | IPv6Network
# One household, one office: what belongs together in the two families of addresses.
_V4_BITS: Final = 24
_V6_BITS: Final = 48
# Nobody reads the names of products and has an opinion in less.
LEAST_TIME: Final = timedelta(seconds=2)
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer says; products without a rating are left out."""

    role: ContactRole
    ratings: Sequence[Rating]


class FeedbackDesk:
    """Serves the form.

    Args:
        gate: the way into the database.
        vault: stamps forms with the moment they were shown.
        proxies: networks whose word is taken for where a request comes from.
    """

    def __init__(self, gate: FeedbackGate, vault: Vault, proxies: Sequence[Network] = ()) -> None:
        self._gate = gate
        self._vault = vault
        self._proxies = tuple(proxies)

    @staticmethod
    def now() -> datetime:
        """This moment, a UTC instant."""
        return datetime.now(UTC)

    async def look(self, token: str, network: str) -> OpenForm:
        """The open form of a token.

        Args:
            token: as it stood in the address; may be anything.
            network: the address range the request comes from, see `network_of`.

        Raises:
            TooManyRequests: too many within an hour.
            FormGone: it takes no feedback.
        """
        return await self._gate.look(token, network, self.now())

    async def give(self, form: OpenForm, said: Said) -> UUID:
        """Put on record what a customer says; the lead's clock is told afterwards.

        Returns:
            The id under which it is on record.

        Raises:
            Malformed: a rating makes no sense; names the field.
            FormGone: the form was closed meanwhile; nothing was kept.
        """
        ratings = checked_ratings(said.ratings)
        if not {rating.sku for rating in ratings} <= set(form.skus):
            raise malformed("ratings", "a product was not in the box")
        submission = uuid4()
        await self._gate.give(form, submission, said.role, ratings, self.now())
        return submission

    def stamp(self, form: OpenForm) -> str:
        """What a form carries so that it is known when it was shown."""
        moment = str(int(self.now().timestamp()))
        return f"{moment}.{self._seal(form, moment)}"

    def too_quick(self, form: OpenForm, stamp: str | None) -> bool:
        """Whether a form came back sooner than anybody could have read it, or was never shown by us."""
        moment, _, seal = (stamp or "").partition(".")
        if not (moment.isascii() and moment.isdigit() and len(moment) < 12):
            return True
        if not hmac.compare_digest(seal.encode("utf-8", "replace"), self._seal(form, moment).encode()):
            return True
        return self.now().timestamp() < int(moment) + LEAST_TIME.total_seconds()

    def network_of(self, peer: str | None, forwarded: str | None) -> str:
        """The address range a request comes from.

        Args:
            peer: who is connected to us.
            forwarded: the header X-Forwarded-For; believed as far as our own proxies have written it.
        """
        address = _address(peer)
        hops = [] if forwarded is None else forwarded.split(",")
        while address is not None and hops and any(address in network for network in self._proxies):
            said = _address(hops.pop().strip())
            if said is None:
                break
            address = said
        if address is None:
            return _UNKNOWN
        bits = _V4_BITS if isinstance(address, IPv4Address) else _V6_BITS
        return str(ip_network((address, bits), strict=False))

    def _seal(self, form: OpenForm, moment: str) -> str:
        return self._vault.request_mark(form.key.tenant, f"shown|{form.hash.hex()}|{moment}").hex()


def _address(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text or "")
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found
