"""Automatic checks of texts that wait for review."""
