"""The settings, where Flask's habits look for them in a checkout."""

from consult.core.settings import Settings

__all__ = ["Settings"]
