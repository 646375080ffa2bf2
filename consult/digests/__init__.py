"""Digests: one immutable edition for each window of the ledger, e-mailed once to each subscriber."""

from consult.digests.render.list_headings import init_app

__all__ = ["init_app"]
