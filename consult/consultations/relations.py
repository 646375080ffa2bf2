"""Columns of consultations that upper packages may read."""

from __future__ import annotations

from sqlalchemy import select

from consult.consultations.model import Consultation, Question
from consult.core.database.relations import Relation


class ReadableConsultation(Relation):
    """A consultation, without the salt of its preview. `phase` is `draft` before publication."""

    selected = select(
        Consultation.id,
        Consultation.slug,
        Consultation.owner_id,
        Consultation.document_id,
        Consultation.version_id,
        Consultation.opens_at,
        Consultation.closes_at,
        Consultation.timezone,
        Consultation.answer_by,
        Consultation.countries,
        Consultation.phase,
        Consultation.revision,
    )


class ReadableQuestion(Relation):
    """A question, in the order of `position`. Comments refer to it by `question_id`."""

    selected = select(Question.id, Question.consultation_id, Question.position, Question.wording, Question.kind)
