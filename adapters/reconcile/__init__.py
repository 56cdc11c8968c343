"""Ledger, projection, SQL twin and workflows beside each other: compared, put right, built anew."""
