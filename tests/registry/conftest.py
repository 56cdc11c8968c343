"""A tenant with people, and pools that act as the roles of production."""

from __future__ import annotations

from tests.sql.conftest import app, superuser, tenant, worker

__all__ = ["app", "superuser", "tenant", "worker"]
