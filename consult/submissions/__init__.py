"""Submissions: comments on a draft, their authors, and the counts."""

from __future__ import annotations

from flask import Flask

from consult.files import claims
from consult.submissions import labels
from consult.submissions.evidence import service as evidence
from consult.submissions.topics import lens


def init_app(app: Flask) -> None:
    claims.OTHER_CLAIMS["submissions"] = evidence.select_draft_files
    labels.init_app(app)
    lens.register()
