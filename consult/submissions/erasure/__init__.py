"""Erasure of a submission's personal data and text."""
