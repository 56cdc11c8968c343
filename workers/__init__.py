"""Processes: workers and the embedded stack."""
