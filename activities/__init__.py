"""Side effects, one class per concern, over ports. Each is idempotent by a stable key."""
