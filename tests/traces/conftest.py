"""API and worker as processes; see world.py."""

from tests.traces.world import processes

__all__ = ["processes"]
