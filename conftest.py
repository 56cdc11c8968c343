"""Fixtures that every room's tests may name."""

from tests.stackfixtures import (
    fresh_postgres_url,
    postgres_cluster,
    postgres_url,
    smtp_sink,
    smtp_sink_process,
    temporal_env,
)

__all__ = [
    "fresh_postgres_url",
    "postgres_cluster",
    "postgres_url",
    "smtp_sink",
    "smtp_sink_process",
    "temporal_env",
]
