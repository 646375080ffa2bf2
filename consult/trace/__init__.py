"""The history of one submission, from receipt to answer: “Status of your submission”."""

from consult.trace.papers.hints import init_app

__all__ = ["init_app"]
