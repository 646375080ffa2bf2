"""Submissions: comments on a draft, their authors, and the books."""

from __future__ import annotations

from flask import Flask

from consult.submissions import labels
from consult.submissions.topics import lens


def init_app(app: Flask) -> None:
    labels.init_app(app)
    lens.register()
