"""Submissions: comments on a draft, their authors, and the books."""

from consult.submissions.labels import init_app

__all__ = ["init_app"]
