"""What can go wrong with the embedded stack, in words for the person who started it."""


class StackError(Exception):
    """The stack cannot start, or cannot go on; the message says why and what to do."""
