"""Public tables of answers: assignments, current answers and earlier ones."""

from __future__ import annotations

from consult.ledger.statements import PublicTable
from consult.responses.evaluation.model import EvaluationOpening
from consult.responses.model import Obligation, Response, ResponseAction, ResponseBeside, ResponseFormer
from consult.responses.records.model import BodyRecord

_ANSWER = "outcome reasons due_on version_id provision_id text_suffices"
RESPONSE = PublicTable(
    Response,
    public=f"id consultation_id argument_id answered_at said_at body_id promised_for lateness {_ANSWER}",
    people="account_id",
    private="revision",
)
RESPONSE_FORMER = PublicTable(
    ResponseFormer, public=f"id response_id said_at replaced_at {_ANSWER}", people="account_id"
)
RESPONSE_BESIDE = PublicTable(ResponseBeside, public="argument_id body_id outcome reasons said_at", people="account_id")
RESPONSE_ACTION = PublicTable(ResponseAction, public="response_id action_id")
OBLIGATION = PublicTable(
    Obligation, public="argument_id body_id given_at", people="owner_id given_by", private="told_at"
)
EVALUATION_OPENING = PublicTable(EvaluationOpening, public="consultation_id opened_at")
BODY_RECORD = PublicTable(
    BodyRecord,
    derived="body_id kept late changed",
    private="counted_at overdue days deferred oldest owing owed",
    check="records",
)
