"""Word counts compared with bodies' limits, on the page for checking before sending."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask
from sqlalchemy.orm import Session

from consult.core import slots
from consult.submissions.pages.slots import CheckHints
from consult.trace.papers import rules
from consult.trace.papers.rules import PaperLimit


def _fill_check_page(_session: Session, given: CheckHints) -> Sequence[PaperLimit]:
    return rules.measure(given.page.bodies)


def init_app(app: Flask) -> None:
    slots.fill(app, CheckHints, _fill_check_page, "trace/paper_limits.html")
    app.jinja_env.globals.update(paper_names=rules.PAPER_NAMES, limit_names=rules.LIMIT_NAMES)
