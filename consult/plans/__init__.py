"""Plans: actions with an owner and a day, what the government and organisations report of them, and indicators."""

from consult.plans.panels import init_app

__all__ = ["init_app"]
