"""Another process with a registry of its own: prints a setting's value whenever it becomes another.

python tests/registry/reading_process.py DATABASE_URL TENANT KEY
"""

from __future__ import annotations

import asyncio
import json
import sys
from uuid import UUID

from adapters.database import open_pool
from adapters.registry import open_registry
from adapters.settings import Login, Role


async def main(url: str, tenant: UUID, key: str) -> None:
    login = Login(url, Role.APP)
    async with await open_pool(login, name="reader") as pool, open_registry(pool, login) as registry:
        last = None
        while True:
            value = (await registry.effective(tenant, key)).value
            if registry.hears and value != last:
                print(json.dumps(value), flush=True)
                last = value
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], UUID(sys.argv[2]), sys.argv[3]))
