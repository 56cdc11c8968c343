"""The stack that `fristwerk up` starts where nothing real is configured."""
