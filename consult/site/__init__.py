"""Pages that belong to no single feature: home, lists, health, accessibility, the kit."""

from consult.site.navigation import init_app

__all__ = ["init_app"]
