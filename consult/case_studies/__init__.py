"""Case studies: described practices with their results, the certainty of the evidence and the sources."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from consult.accounts import hooks
from consult.bodies import merge
from consult.case_studies import body_merge, cited, labels, lens
from consult.case_studies.appraisal import appraisers
from consult.case_studies.system import SYSTEM, count_waiting
from consult.core import slots
from consult.core.web import systems
from consult.moderation.slots import QueueFoot
from consult.submissions.evidence.slots import EvidenceAside
from consult.submissions.pages.slots import CheckHints, CommentFoot


def _count_waiting(session: Session, _given: QueueFoot) -> int:
    return count_waiting(session)


def init_app(app: Flask) -> None:
    merge.MERGED["case_studies"] = body_merge.move
    hooks.LEFT["case_studies"] = appraisers.end_role
    app.jinja_env.filters.update(labels.FILTERS)
    slots.fill(app, CommentFoot, cited.find_under_comments, "case_studies/under_comment.html")
    slots.fill(app, EvidenceAside, cited.find_from_evidence, "case_studies/beside_evidence.html")
    slots.fill(app, CheckHints, cited.find_unknown, "case_studies/unknown.html")
    slots.fill(app, QueueFoot, _count_waiting, "case_studies/queue_foot.html")
    lens.register()
    systems.declare(app, SYSTEM)
