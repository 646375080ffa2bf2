"""Action plans: actions with a responsible body and a due date, reports on them, and indicators."""

from consult.plans.panels import init_app

__all__ = ["init_app"]
