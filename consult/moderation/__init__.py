"""Moderation: decisions with coded reasons, told to the author and shown in the log."""

from consult.moderation.naming import init_app

__all__ = ["init_app"]
