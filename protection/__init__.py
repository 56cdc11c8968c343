"""The contract as pure functions: clock, lifecycle, explanation. Standard library only.

Nothing in here reads a clock, a file, the environment or a random source: the time is always an
argument, so that workflow, SQL twin, API preview and import can all be held to the same answers.
"""
