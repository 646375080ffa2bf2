"""Moderation: decisions with coded reasons, sent to the author and shown in the public decision log."""

from consult.moderation.template_filters import init_app

__all__ = ["init_app"]
