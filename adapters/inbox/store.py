"""Mails in PostgreSQL as they come in: each once, sealed, together with how far the mailbox was read.

As the worker. What was fetched and how far that reaches is one transaction, so that a process that dies in
between neither loses a mail nor takes one twice. SQL: sql/queries/inbound_mail.sql.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

import asyncpg

from activities.upstreams import Fault
from adapters.database import Connection, Pool, load_queries, transaction
from adapters.health import expect_tenant
from adapters.inbox.parsing import Nature, Parsed, parse
from adapters.inbox.session import Fetched
from adapters.normalise import email_key
from adapters.outside_settings import ImapAccount
from adapters.sealing import DataKey, WrappedKey
from adapters.vault import Vault

TABLE: Final = "inbound_mail"
READER: Final = "inbox-reader"
_SQL: Final = load_queries("inbound_mail")
_BATCH: Final = 500
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


class Waits(StrEnum):
    """How the reader hears of new mails. Wire names."""

    IDLE = "idle"
    POLL = "poll"


class MailState(StrEnum):
    """What came of a mail. Wire names.

    Attributes:
        RECEIVED: nobody has looked yet.
        MATCHED: it belongs to a lead.
        UNMATCHED: it belongs to nobody, or could belong to several.
        IGNORED: no person of a customer's wrote it.
        BOUNCE: it says what became of a mail of ours.
        DISMISSED: somebody said that it is nobody's.
    """

    RECEIVED = "received"
    MATCHED = "matched"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"
    BOUNCE = "bounce"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class ReadTo:
    """How far a mailbox was read.

    Attributes:
        validity: the UIDVALIDITY then; 0 if it was never read.
        uid: the last one read.
        at: when, a UTC instant.
    """

    validity: int
    uid: int
    at: datetime


def mailbox_of(account: ImapAccount) -> str:
    """A fingerprint of an account's folder: it is an address, which need not be told."""
    said = f"{account.host}:{account.port}|{account.user}|{account.folder}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


class InboxStore:
    """What one mailbox has brought.

    Args:
        pool: connections as the worker role.
        vault: seals and opens.
        tenant: whose mailbox it is.
        mailbox: see `mailbox_of`.
        own: our own addresses in lower case; what comes from them is no customer's.
    """

    def __init__(self, pool: Pool, vault: Vault, tenant: UUID, mailbox: str, own: frozenset[str]) -> None:
        self.pool = pool
        self._vault = vault
        self._tenant = tenant
        self.mailbox = mailbox
        self._own = own

    async def read_to(self) -> ReadTo | None:
        """How far it was read; None: never."""
        async with transaction(self.pool, self._tenant, READER, reading=True) as connection:
            row = await _SQL.mailbox_read_to(connection, tenant=self._tenant, mailbox=self.mailbox)
        if row is None or row["uid_validity"] == 0:
            return None
        return ReadTo(row["uid_validity"], row["last_uid"], row["read_at"])

    async def keep(self, fetched: Sequence[Fetched], validity: int, read_to: int) -> int:
        """Put mails on record, and with them how far the mailbox was read; answers how many are new.

        Args:
            fetched: may hold some that are known.
            validity: the UIDVALIDITY they were read under.
            read_to: the highest UID that need not be looked at again.
        """
        now = datetime.now(UTC)
        async with transaction(self.pool, self._tenant, READER, at=now) as connection:
            await expect_tenant(connection, self._tenant)
            await _SQL.read_on(
                connection,
                tenant=self._tenant,
                mailbox=self.mailbox,
                uid_validity=validity,
                last_uid=read_to,
                at=now,
            )
            return await self._add(connection, fetched, validity, now)

    async def looked(self, waits: Waits) -> None:
        """All is read, and the reader waits for more."""
        async with transaction(self.pool, self._tenant, READER) as connection:
            await expect_tenant(connection, self._tenant)
            await _SQL.looked(
                connection, tenant=self._tenant, mailbox=self.mailbox, waits=waits, at=datetime.now(UTC)
            )

    async def failed(self, fault: Fault) -> None:
        """The mail server was of no use."""
        async with transaction(self.pool, self._tenant, READER) as connection:
            await expect_tenant(connection, self._tenant)
            await _SQL.failed(
                connection, tenant=self._tenant, mailbox=self.mailbox, fault=fault, at=datetime.now(UTC)
            )

    async def _add(
        self, connection: Connection, fetched: Sequence[Fetched], validity: int, now: datetime
    ) -> int:
        marked = {mail.id: mail for mail in (self._read(one) for one in fetched)}
        async for row in _SQL.known_mails(connection, tenant=self._tenant, mails=list(marked)):
            del marked[row["id"]]
        if not marked:
            return 0
        mails = list(marked.values())
        keys = {mail.id: self._vault.new_key(self._tenant, mail.id) for mail in mails}
        await _SQL.add_mail_keys(
            connection,
            tenant=self._tenant,
            mails=list(keys),
            ids=[key.id for key in keys.values()],
            kek_id=next(iter(keys.values())).kek_id,
            wrapped=[key.wrapped for key in keys.values()],
            at=now,
        )
        clear = {mail: self._vault.unwrapped(key) for mail, key in keys.items()}
        await _SQL.add_mails(
            connection,
            tenant=self._tenant,
            mailbox=self.mailbox,
            uid_validity=validity,
            read_at=now,
            ids=[mail.id for mail in mails],
            uids=[mail.fetched.uid for mail in mails],
            fingerprints=[mail.fingerprint for mail in mails],
            received=[_not_ahead(mail.fetched.received_at, now) for mail in mails],
            sizes=[mail.fetched.size for mail in mails],
            cuts=[mail.fetched.cut for mail in mails],
            attachments=[mail.parsed.attachments for mail in mails],
            natures=[mail.parsed.nature for mail in mails],
            senders=[_seal(clear[mail.id], "sender", mail.id, mail.sender) for mail in mails],
            subjects=[_seal(clear[mail.id], "subject", mail.id, mail.parsed.subject) for mail in mails],
            bodies=[_seal(clear[mail.id], "body", mail.id, mail.parsed.text) for mail in mails],
            linked=[_seal(clear[mail.id], "linked", mail.id, mail.linked) for mail in mails],
            sender_indexes=[self._sender_index(mail.parsed) for mail in mails],
            keys=[keys[mail.id].id for mail in mails],
            states=[self._state(mail.parsed)[0] for mail in mails],
            whys=[self._state(mail.parsed)[1] for mail in mails],
        )
        return len(mails)

    def _read(self, fetched: Fetched) -> _Mail:
        parsed = parse(fetched.content)
        body = hashlib.sha256(parsed.text.encode() or fetched.content).hexdigest()
        # Not the bytes themselves: the same mail looks different each way it came.
        said = f"{parsed.message_id}\n{parsed.date}\n{parsed.sender_address}\n{parsed.subject}\n{body}"
        fingerprint = self._vault.mark(self._tenant, "mail", said)
        return _Mail(uuid5(self._tenant, f"mail/{fingerprint.hex()}"), fingerprint, fetched, parsed)

    def _state(self, parsed: Parsed) -> tuple[MailState, str | None]:
        """What is plain from the mail itself."""
        if parsed.nature is Nature.BOUNCE:
            return MailState.BOUNCE, None
        if parsed.nature is not Nature.MAIL:
            return MailState.IGNORED, parsed.nature
        if parsed.sender_address in self._own:
            return MailState.IGNORED, "own"
        return MailState.RECEIVED, None

    def _sender_index(self, parsed: Parsed) -> bytes | None:
        address = email_key(parsed.sender_address)
        return self._vault.mark(self._tenant, "email", address) if address else None


@dataclass(frozen=True, slots=True)
class _Mail:
    id: UUID
    fingerprint: bytes
    fetched: Fetched
    parsed: Parsed

    @property
    def sender(self) -> str:
        """Address and name, as they are kept."""
        return f"{self.parsed.sender_address}\n{self.parsed.sender_name}"

    @property
    def linked(self) -> str:
        """Of a bounce also whom it did not reach, and how; one a line."""
        bounce = self.parsed.bounce
        told = () if bounce is None else (f"{bounce.failed:d} {bounce.code or '-'} {bounce.recipient}",)
        return "\n".join((*told, *self.parsed.linked))


def _seal(key: DataKey, column: str, mail: UUID, text: str) -> bytes | None:
    return key.seal(column, mail, text, table=TABLE) if text else None


def _not_ahead(at: datetime, now: datetime) -> datetime:
    """The server's instant, unless its clock is ahead of ours."""
    return min(at, now) if at < now + _CLOCKS_DIFFER else now


def opened(key: DataKey | None, row: asyncpg.Record, column: str) -> str | None:
    """What a mail says in a column; None where it was erased."""
    sealed: bytes | None = row[column]
    if sealed is None or key is None:
        return None
    return key.open(column, row["id"], sealed, table=TABLE)


def key_of(vault: Vault, tenant: UUID, row: asyncpg.Record) -> DataKey | None:
    """The key of a mail that was read together with it."""
    if row["wrapped_key"] is None:
        return None
    return vault.unwrapped(WrappedKey(tenant, row["id"], row["key"], row["kek_id"], row["wrapped_key"]))


async def index_domains(pool: Pool, vault: Vault, tenant: UUID) -> int:
    """Fill in the domain of contacts that were written down before there was an inbox; answers how many."""
    done = 0
    while True:
        async with transaction(pool, tenant, READER) as connection:
            rows = [row async for row in _SQL.contacts_without_domain(connection, tenant=tenant, most=_BATCH)]
            found: dict[UUID, bytes] = {}
            for row in rows:
                key = vault.unwrapped(
                    WrappedKey(tenant, row["lead"], row["key"], row["kek_id"], row["wrapped_key"])
                )
                address = key.open("email", row["id"], row["email"])
                # An address without a domain is marked as such, or it would be looked at for ever.
                found[row["id"]] = vault.domain_index(tenant, address) or vault.mark(tenant, "domain", "")
            if not found:
                return done
            await _SQL.index_domains(
                connection, tenant=tenant, ids=list(found), domain_indexes=list(found.values())
            )
        done += len(found)


async def forget_old_mails(pool: Pool, tenant: UUID, *, keep: timedelta, at: datetime) -> int:
    """Empty mails that nobody has taken for so long; answers how many."""
    done = 0
    while True:
        async with transaction(pool, tenant, READER, at=at) as connection:
            emptied: int = await _SQL.forget_old_mails(
                connection, tenant=tenant, before=at - keep, most=_BATCH, at=at
            )
        done += emptied
        if emptied < _BATCH:
            return done
