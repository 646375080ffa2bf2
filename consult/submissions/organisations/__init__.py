"""Shared drafts, sign-off, co-signing and mandate files of organisations, and pages for their profile."""
