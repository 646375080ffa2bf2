"""The audit: contents against their commitments, books against the ledger, the ledger against its chain of hashes."""
