"""The history of one submission, from receipt to answer: "Where your words went"."""

from consult.trace.papers.hints import init_app

__all__ = ["init_app"]
