"""Decisions on public statements: who may decide, a second person, undo, appeals, reports by readers."""

from __future__ import annotations

from flask import Flask

from consult.decisions import labels
from consult.decisions.model import Outcome


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        decision_outcome=lambda outcome: labels.OUTCOMES[Outcome(outcome)],
        decided_as=lambda outcome: labels.DECIDED[Outcome(outcome)],
        reported_for=labels.name_report_kind,
    )
