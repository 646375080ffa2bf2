"""Responses: the official answer to each argument, its owner and due date, and the resulting changes to the draft."""

from consult.responses.panels import init_app

__all__ = ["init_app"]
