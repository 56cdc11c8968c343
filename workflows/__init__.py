"""Orchestration only: take facts in, decide, run the commands, wait. The rules live in protection/."""
