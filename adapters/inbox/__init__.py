"""Mails that come in: read from an IMAP server, kept sealed, matched to leads."""
