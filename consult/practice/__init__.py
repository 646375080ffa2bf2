"""Practice copies of a consultation and exercises for moderators. Nothing in them is counted."""

from consult.practice.gate_views import init_app

__all__ = ["init_app"]
