"""Public tables of moderation: decisions in effect, appeals and reports."""

from __future__ import annotations

from consult.decisions.model import DecisionEnd
from consult.ledger.statements import PublicTable
from consult.moderation.model import Decision, LetterDecision
from consult.moderation.recourse.model import Appeal, HoldRule, Report

DECISION = PublicTable(
    Decision,
    public="id submission_id policy outcome reason at ended ended_at",
    people="moderator_id second_id",
    private="revision batch_id queue note internal_note redactions due_at",
    shown=Decision.ended == DecisionEnd.TOOK_EFFECT,
)
LETTER_DECISION = PublicTable(LetterDecision, public="id campaign_id batch_id ended_at")
APPEAL = PublicTable(
    Appeal,
    public="id submission_id decision_id received_at outcome answered_at answer result_id",
    people="moderator_id",
    private="revision sealed",
)
REPORT = PublicTable(
    Report,
    public="id submission_id comment_id evidence_id kind received_at outcome answered_at answer",
    people="moderator_id",
    private="key salt words contact language checked",
)
HOLD_RULE = PublicTable(HoldRule, public="id consultation_id name kind text created_at retired_at", people="account_id")
