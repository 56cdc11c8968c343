"""What the API and the command line do on somebody's behalf: rights, idempotency, notes, one message."""
