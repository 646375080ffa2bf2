"""Public tables of this package: published consultations. Practice copies stay drafts and are not public."""

from __future__ import annotations

from consult.consultations.joint.model import ConsultationBody
from consult.consultations.model import Consultation, Phase, Question
from consult.ledger.service import PRACTICE
from consult.ledger.statements import PublicTable

CONSULTATION = PublicTable(
    Consultation,
    public="id slug code title body body_id summary purpose language tags document_id version_id opens_at "
    "closes_at timezone answer_by no_identity grace_minutes late_until extensions takes_part eligible name_rules "
    "groups countries paper_return languages contacts_days treaty_id phase",
    people="owner_id",
    private="settled practice_until preview reminded_for created_at revision",
    shown=Consultation.phase != Phase.DRAFT,
)
QUESTION = PublicTable(
    Question,
    public="id consultation_id position wording hint required kind options other chapter after_id after_keys added_at",
    shown=Question.consultation_id < PRACTICE,
)
CONSULTATION_BODY = PublicTable(
    ConsultationBody,
    public="consultation_id body_id part agreed_at",
    people="agreed_by_id",
    shown=ConsultationBody.consultation_id < PRACTICE,
)
