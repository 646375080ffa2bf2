"""Practice: a copy of a consultation on which one person practises, and an exercise for moderators. Nothing counts."""

from consult.practice.gate_views import init_app

__all__ = ["init_app"]
