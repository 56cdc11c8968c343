"""The outside world behind ports: database, mail, Temporal, settings, log."""
