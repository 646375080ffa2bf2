"""Moderation: decisions with coded reasons, told to the author and shown in the log."""
