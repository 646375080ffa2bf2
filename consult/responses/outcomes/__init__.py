"""The results of an organisation's requests."""
