"""Decisions on many submissions at once, such as the copies of a campaign letter."""
