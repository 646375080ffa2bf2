"""Digests: one immutable edition for one window of the ledger, delivered once to each subscriber."""

from consult.digests.headings import init_app

__all__ = ["init_app"]
