"""Digests: one immutable edition for one window of the ledger, delivered once to each subscriber."""

from consult.digests.phrases import init_app

__all__ = ["init_app"]
