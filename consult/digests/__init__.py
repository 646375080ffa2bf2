"""Digests: one immutable edition for one window of the ledger, delivered once to each subscriber."""
