"""The command line `fristwerk`."""
