"""The settings, where Flask users expect them in a checkout."""

from consult.core.settings import Settings

__all__ = ["Settings"]
