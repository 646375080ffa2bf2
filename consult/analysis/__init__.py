"""What the submissions of a consultation have in common: identical texts, campaigns, quotes."""

from consult.analysis.beside import init_app

__all__ = ["init_app"]
