"""The ERP in the manner of Xentral: read, written to, and what comes of it."""
