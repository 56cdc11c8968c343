"""What the commands about leads share: whose leads they are, the way to the database, errors.

Expected troubles become one sentence and an exit status; only bugs end in a traceback.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from adapters import settings as configuration
from adapters.console_model import AmbiguousLead, Person, lead_by_key, person_by_key
from adapters.database import Caller, Connection, Pool, open_pool, transaction
from adapters.read_model import Lead
from adapters.settings import Login, Settings
from cli.output import CommandFailed, err
from protection.explain_texts import Language

DONE: Final = 0
NOT_DONE: Final = 1
NO_SENSE: Final = 2

USER_VARIABLE: Final = "FRISTWERK_USER"
OPERATOR: Final = "operator"
_ACTOR: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:#-]{0,99}")
# Whoever has the database's password may read the whole tenant.
_ROLES: Final = ("admin",)
CONNECT_SECONDS: Final = 5
_CONNECTIONS: Final = 4


class UsageError(Exception):
    """The call makes no sense; names the option or argument, and what to write instead."""


def complain(trouble: str) -> None:
    """Tell people about a trouble, in one line however long it is."""
    err().print(trouble, style="red", markup=False, soft_wrap=True)


def perform(command: Coroutine[Any, Any, int]) -> int:
    """Run a command to its exit status, with every expected trouble put into words.

    Raises:
        CommandFailed: it could not be done.
    """
    try:
        return asyncio.run(command)
    except UsageError as error:
        complain(str(error))
        return NO_SENSE
    except asyncpg.InvalidCatalogNameError as error:
        raise CommandFailed("The database of the settings does not exist.") from error
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError) as error:
        raise CommandFailed("The database is not up to date; run: fristwerk migrate") from error
    except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError) as error:
        raise CommandFailed(f"The database does not answer ({type(error).__name__}).") from error
    except asyncpg.QueryCanceledError as error:
        raise CommandFailed("The database took too long to answer and was stopped.") from error


async def open_database(login: Login) -> Pool:
    """Connections as that login's role.

    Raises:
        CommandFailed: the database does not answer.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await open_pool(login, name="fristwerk-cli", largest=_CONNECTIONS)
    except asyncpg.InvalidCatalogNameError:
        raise
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise CommandFailed(
            f"The database does not answer ({type(error).__name__}). Is it running? See: fristwerk status"
        ) from error


@dataclass(frozen=True, slots=True)
class Reading:
    """The database as the application role, for the tenant of the settings."""

    tenant: UUID
    pool: Pool

    @property
    def caller(self) -> Caller:
        """On whose behalf the command line reads."""
        return Caller(self.tenant, OPERATOR, _ROLES)

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Connection]:
        """One reading of one state of all tables."""
        caller = self.caller
        async with transaction(
            self.pool, caller.tenant, caller.user, caller.roles, reading=True
        ) as connection:
            yield connection

    async def find(self, key: str) -> Lead:
        """The lead somebody means.

        Args:
            key: uuid, the first 8 or more characters of one, or external id.

        Raises:
            CommandFailed: there is none, or more than one.
        """
        try:
            async with self.look() as connection:
                lead = await lead_by_key(connection, self.tenant, _printable(key, "ID"))
        except AmbiguousLead as error:
            raise CommandFailed(f"More than one lead's id begins with {key}; write more of it.") from error
        if lead is None:
            raise CommandFailed(f"There is no lead {key}. List them: fristwerk leads --all")
        return lead

    async def person(self, key: str, option: str) -> Person:
        """The person of that id or mail address.

        Raises:
            CommandFailed: there is none.
        """
        async with self.look() as connection:
            found = await person_by_key(connection, self.tenant, _printable(key, option))
        if found is None:
            raise CommandFailed(f"{option}: nobody here has the id or the mail address {key}")
        return found

    async def actor(self, key: str) -> str:
        """The id under which an act is recorded; mail addresses are never recorded.

        Raises:
            UsageError: it is no id.
            CommandFailed: it is nobody's mail address.
        """
        if "@" in key:
            return (await self.person(key, "--by")).id
        if not _ACTOR.fullmatch(key):
            raise UsageError(
                f"--by (or {USER_VARIABLE}): {key!r} is no id; letters, digits and . _ : # - make one"
            )
        return key

    async def acts_as(self, key: str) -> Caller:
        """On whose behalf something is done: people act with the roles that are theirs.

        Whoever is nobody here, an operator or another system, has the database's password and may do what
        an administrator may.

        Raises:
            UsageError: it is no id.
            CommandFailed: it is nobody's mail address.
        """
        user = await self.actor(key)
        async with self.look() as connection:
            found = await person_by_key(connection, self.tenant, user)
        if found is None or found.id != user:
            return Caller(self.tenant, user, _ROLES)
        return Caller(self.tenant, user, found.roles)


def _printable(text: str, option: str) -> str:
    if not text.strip() or not text.isprintable():
        raise UsageError(f"{option}: {text!r} is nothing that could be looked up")
    return text.strip()


@asynccontextmanager
async def reading(settings: Settings | None = None) -> AsyncIterator[Reading]:
    """Open the database for reading.

    Raises:
        SettingsError: none is configured and no stack runs.
        CommandFailed: it does not answer.
    """
    settings = settings or configuration.load()
    pool = await open_database(settings.app_login())
    try:
        yield Reading(settings.tenant, pool)
    finally:
        await pool.close()


def language_of_reader(chosen: Language | None) -> Language:
    """The language to write in: as chosen, else that of the environment, else English."""
    if chosen is not None:
        return chosen
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "de" if value.lower().startswith("de") else "en"
    return "en"
