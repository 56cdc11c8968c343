"""A desk in small whose mailbox is played by the sandbox: real IMAP over verified TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.api.conftest import empty_shop, shop
from tests.inbox.post_office import PostOffice, post_office
from tests.outsidefixtures import Outside, outside, outside_process
from tests.services.conftest import office
from tests.services.office import Office

__all__ = ["empty_shop", "office", "outside", "outside_process", "shop"]


@pytest_asyncio.fixture
async def post(office: Office, outside: Outside) -> AsyncIterator[PostOffice]:
    """Where mails come in; nothing has come yet."""
    async with post_office(office, outside) as made:
        yield made
