"""The credit bureau: how it is asked, what it answers, and where both are on record."""
