"""A tenant with people, and pools that act as the roles of production."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest_asyncio

from adapters.database import Pool, open_pool, transaction
from adapters.settings import Login, Role
from protection.policy import Policy, policy_to_json

POLICY = Policy()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worker(postgres_url: str) -> AsyncIterator[Pool]:
    """Connections as the ledger's writer."""
    async with await open_pool(Login(postgres_url, Role.WORKER), name="test-worker") as pool:
        yield pool


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def app(postgres_url: str) -> AsyncIterator[Pool]:
    """Connections as the application."""
    async with await open_pool(Login(postgres_url, Role.APP), name="test-app", session_state=False) as pool:
        yield pool


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def superuser(postgres_url: str) -> AsyncIterator[Pool]:
    """Connections that no row security holds back."""
    async with await open_pool(Login(postgres_url, None), name="test-superuser") as pool:
        yield pool


async def new_tenant(worker: Pool) -> UUID:
    """A tenant with a policy and four people, by name of their role; `agent` and `other` are agents."""
    tenant = uuid4()
    async with transaction(worker, tenant, "system") as connection:
        await connection.execute("insert into tenant (id, name) values ($1, $2)", tenant, f"tenant {tenant}")
        await connection.execute(
            "insert into policy_version (tenant, version, policy) values ($1, $2, $3)",
            tenant,
            POLICY.version,
            policy_to_json(POLICY),
        )
        await connection.executemany(
            "insert into app_user (tenant, id, email, display_name, roles)"
            " values ($1, $2, $2 || '@example.org', $2, $3)",
            [
                (tenant, name, [role])
                for name, role in (
                    ("agent", "agent"),
                    ("other", "agent"),
                    ("manager", "manager"),
                    ("auditor", "auditor"),
                )
            ],
        )
    return tenant


@pytest_asyncio.fixture(loop_scope="session")
async def tenant(worker: Pool) -> UUID:
    """A tenant of the test's own."""
    return await new_tenant(worker)
