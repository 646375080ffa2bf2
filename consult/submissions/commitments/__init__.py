"""Hashes that the ledger commits to, made at filing and recomputed by the audit."""
