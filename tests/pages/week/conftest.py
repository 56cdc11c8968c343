"""The database as the roles of production."""

from tests.sql.conftest import app, superuser, tenant, worker

__all__ = ["app", "superuser", "tenant", "worker"]
