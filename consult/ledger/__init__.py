"""The append-only record of everything received, decided and published."""
