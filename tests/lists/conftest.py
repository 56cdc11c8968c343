"""The database as the roles of production, and a tenant with leads."""

from tests.lists.crowd import crowd
from tests.sql.conftest import app, superuser, tenant, worker

__all__ = ["app", "crowd", "superuser", "tenant", "worker"]
