"""What the ledger commits to of submissions: made when something is filed, and made again to compare."""
