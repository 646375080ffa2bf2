"""Relations that upper packages may read of consultations."""

from __future__ import annotations

from sqlalchemy import select

from consult.consultations.model import Consultation, Question
from consult.core.database.relations import Relation


class ReadableConsultation(Relation):
    """A consultation, also one that is being set up: `phase` is `draft` then. Without the salt of its preview."""

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
    """A question, in the order of `position`; comments answer it by `question_id`."""

    selected = select(Question.id, Question.consultation_id, Question.position, Question.wording, Question.kind)
