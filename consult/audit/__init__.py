"""The audit: stored rows against their commitments, counts against the ledger, and the ledger's hash chain."""
