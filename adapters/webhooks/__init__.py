"""News that systems outside send by themselves: proven, kept, carried to its workflow, settled."""
