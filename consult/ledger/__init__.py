"""The append-only record of what is received, decided and published."""
