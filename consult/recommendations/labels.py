"""Labels for sources, positions and the status of recommendations."""

from __future__ import annotations

from enum import StrEnum

from flask import Flask

from consult.core.i18n import N_, NP_
from consult.recommendations.model import RecommendationSource, StatePosition


class AnswerStatus(StrEnum):
    """What is done about a recommendation, computed from bodies and actions."""

    NOBODY = "nobody"
    NO_ACTION = "no_action"
    UNDER_WAY = "under_way"
    LATE = "late"
    DONE = "done"


SOURCE_LABELS = {
    RecommendationSource.UPR: N_("Universal Periodic Review"),
    RecommendationSource.TREATY_BODY: N_("Treaty body"),
    RecommendationSource.SPECIAL_PROCEDURE: N_("Special procedure"),
    RecommendationSource.CICAD: N_("CICAD review mechanism (MEM)"),
    RecommendationSource.INCB: N_("International Narcotics Control Board"),
    RecommendationSource.OTHER: NP_("source of recommendations", "Other"),
}
POSITION_LABELS = {
    StatePosition.SUPPORTED: NP_("position of a State", "supported"),
    StatePosition.NOTED: NP_("position of a State", "noted"),
    StatePosition.IN_PART: NP_("position of a State", "supported in part"),
    StatePosition.PENDING: NP_("position of a State", "position pending"),
    StatePosition.NONE: NP_("position of a State", "no position"),
}
STATUS_LABELS = {
    AnswerStatus.NOBODY: N_("Not assigned to a body"),
    AnswerStatus.NO_ACTION: N_("Assigned, no action yet"),
    AnswerStatus.UNDER_WAY: N_("Action under way"),
    AnswerStatus.LATE: N_("Action late"),
    AnswerStatus.DONE: N_("Action done"),
}
STATUS_CLASSES = {
    AnswerStatus.NOBODY: "is-no-report",
    AnswerStatus.NO_ACTION: "is-not-started",
    AnswerStatus.UNDER_WAY: "is-under-way",
    AnswerStatus.LATE: "is-late",
    AnswerStatus.DONE: "is-agreed",
}
"""Bar colours by status, those of actions."""
STATUS_COLOURS = {AnswerStatus.DONE: "good", AnswerStatus.LATE: "concern", AnswerStatus.NOBODY: "mark"}


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        recommendation_source=lambda value: str(SOURCE_LABELS[RecommendationSource(value)]),
        state_position=lambda value: str(POSITION_LABELS[StatePosition(value)]),
        answer_status=lambda value: str(STATUS_LABELS[AnswerStatus(value)]),
        answer_class=lambda value: STATUS_CLASSES[AnswerStatus(value)],
        answer_colour=lambda value: STATUS_COLOURS.get(AnswerStatus(value), ""),
    )
