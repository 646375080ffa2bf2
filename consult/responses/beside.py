"""Answers on pages of packages that know nothing of them."""

from __future__ import annotations

from flask import Flask

from consult.consultations.model import Consultation
from consult.core.db import db
from consult.responses import queries, reading
from consult.responses.forms import OUTCOMES
from consult.responses.model import Outcome
from consult.responses.reading import Standing


def outcome_name(outcome: str) -> str:
    """What an outcome is called."""
    return str(OUTCOMES[Outcome(outcome)])


def standing_of(row: Consultation) -> Standing:
    """How many arguments of a consultation are answered. One statement."""
    return reading.standings(db.session(), {row.id: row.answer_by})[row.id]


def init_app(app: Flask) -> None:
    app.jinja_env.filters["outcome_name"] = outcome_name
    app.jinja_env.globals.update(
        answers_to=lambda number: reading.told(db.session(), number), standing_of=standing_of,
        outcomes_of=lambda numbers: reading.outcomes(db.session(), numbers),
        answers_received=lambda numbers: queries.received(db.session(), numbers),
        answers_owed_by=lambda account: queries.owed_by(db.session(), account),
    )  # fmt: skip
