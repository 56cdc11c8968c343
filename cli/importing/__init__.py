"""Bringing the old CRM's export in: read, check, replay, report, record, start."""
