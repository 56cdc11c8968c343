"""The pools and the tenant of the SQL tests."""

from tests.sql.conftest import app, superuser, tenant, worker

__all__ = ["app", "superuser", "tenant", "worker"]
