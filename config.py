"""The settings, where Flask's habits look for them."""

from consult.core.settings import Settings

__all__ = ["Settings"]
