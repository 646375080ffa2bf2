"""Responses: the official answer to each argument, who owes it and by when, and what became of the words."""

from consult.responses.beside import init_app

__all__ = ["init_app"]
