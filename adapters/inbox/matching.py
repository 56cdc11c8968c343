"""Whose a mail is: by what it answers, by who wrote it, by his domain, by the company it names.

The first of these that finds anything decides. Where it finds several leads, the mail is nobody's: a person
says whose it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from adapters.database import Connection, load_queries
from adapters.inbox.parsing import without_quotes
from adapters.normalise import company_key, fold
from adapters.vault import Vault

_SQL: Final = load_queries("inbound_mail")
_LONGEST_NAME: Final = 6
_SHORTEST_KEY: Final = 5
_MOST_NAMES: Final = 3_000
_LINE: Final = re.compile(r"[\r\n]+")
# Everybody may have an address there, so the domain says nothing about who it is.
# fmt: off
_EVERYBODYS: Final = frozenset({
    "gmail.com", "googlemail.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de",
    "freenet.de", "outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.de", "live.com",
    "msn.com", "yahoo.com", "yahoo.de", "icloud.com", "me.com", "mac.com", "aol.com", "posteo.de",
    "mailbox.org", "proton.me", "protonmail.com", "online.de", "arcor.de", "email.de", "mail.de",
    "kabelmail.de", "vodafone.de", "1und1.de", "ionos.de", "bluewin.ch", "a1.net", "zoho.com", "mail.com",
})
# fmt: on


class Match(StrEnum):
    """How a mail was found to be a lead's. Wire names."""

    REPLY = "reply"
    ADDRESS = "address"
    DOMAIN = "domain"
    NAME = "name"
    HAND = "hand"


CONFIDENCE: Final = {
    Match.REPLY: Decimal("1.00"),
    Match.ADDRESS: Decimal("1.00"),
    Match.DOMAIN: Decimal("0.80"),
    Match.NAME: Decimal("0.60"),
    Match.HAND: Decimal("1.00"),
}


@dataclass(frozen=True, slots=True)
class Read:
    """What a mail says, opened for as long as it is looked at.

    Attributes:
        linked: Message-IDs it answers.
    """

    address: str
    name: str
    subject: str
    text: str
    linked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Whose a mail may be.

    Attributes:
        leads: one, or several among which nobody can choose.
        living: whether their clock runs.
    """

    match: Match
    leads: tuple[UUID, ...]
    living: bool = True


async def find(connection: Connection, vault: Vault, tenant: UUID, mail: Read) -> Found | None:
    """Whose the mail is; None where nothing points to anybody.

    Args:
        connection: as the worker, in the tenant's context.
    """
    if mail.linked:
        rows = _SQL.leads_of_messages(connection, tenant=tenant, message_ids=list(mail.linked))
        answered = {row["lead"]: row["living"] async for row in rows}
        if answered:
            return Found(Match.REPLY, tuple(answered), living=any(answered.values()))
    if not mail.address:
        return None
    by_address = await _by_sender(connection, tenant, vault.mark(tenant, "email", mail.address), None)
    if by_address:
        return Found(Match.ADDRESS, by_address)
    if mail.address.rpartition("@")[2] not in _EVERYBODYS:
        by_domain = await _by_sender(connection, tenant, None, vault.domain_index(tenant, mail.address))
        if by_domain:
            return Found(Match.DOMAIN, by_domain)
    names = names_in(mail)
    if names:
        rows = _SQL.leads_by_company_name(connection, tenant=tenant, names=names)
        named = tuple([row["lead"] async for row in rows])
        if named:
            return Found(Match.NAME, named)
    return None


async def _by_sender(
    connection: Connection, tenant: UUID, email_index: bytes | None, domain_index: bytes | None
) -> tuple[UUID, ...]:
    rows = _SQL.leads_by_sender(connection, tenant=tenant, email_index=email_index, domain_index=domain_index)
    return tuple([row["lead"] async for row in rows])


def names_in(mail: Read) -> list[str]:
    """Keys of companies the mail may name: every run of a few words in what the sender says of himself.

    Names of a syllable or two would be found in any text, so they are left out.
    """
    domain = mail.address.rpartition("@")[2].split(".")
    said = [mail.name, mail.subject, *_LINE.split(without_quotes(mail.text))]
    if len(domain) > 1 and mail.address.rpartition("@")[2] not in _EVERYBODYS:
        said.append(domain[-2])
    keys: dict[str, None] = {}
    for line in said:
        words = fold(line).split()[:60]
        for first in range(len(words)):
            for last in range(first + 1, min(first + _LONGEST_NAME, len(words)) + 1):
                key = company_key(" ".join(words[first:last]))
                if len(key) >= _SHORTEST_KEY:
                    keys[key] = None
        if len(keys) > _MOST_NAMES:
            break
    return list(keys)[:_MOST_NAMES]
