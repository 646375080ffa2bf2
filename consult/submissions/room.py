"""Public tables of submissions. Comment texts have separate commitments with a salt, which erasure deletes."""

from __future__ import annotations

from consult.ledger.statements import PublicTable
from consult.submissions.coalitions.model import OpenNote
from consult.submissions.facilitation.model import Facilitation, WrittenGroup
from consult.submissions.model import (
    Comment,
    CoSignature,
    Evidence,
    EvidenceTag,
    FormerWords,
    Placement,
    Submission,
    Tally,
    Translation,
)

SUBMISSION = PublicTable(
    Submission,
    derived="id reference consultation_id version_id state submitter_kind name_rule organisation_name person_name "
    "country side language received_at salt",
    private="revision idempotency_key account_id organisation_id contact_id present late text_hash author_key "
    "return_key source source_id",
    check="submissions",
)
COMMENT = PublicTable(
    Comment,
    derived="id submission_id consultation_id provision_id question_id stance body language position shown "
    "redacted_body anchor answer redactions paper paper_place amendment agrees_with",
    check="submissions",
)
EVIDENCE = PublicTable(
    Evidence,
    derived="id submission_id consultation_id position shown private file_id scheme reference kind description "
    "language year place method consent",
    check="submissions",
)
PLACEMENT = PublicTable(
    Placement,
    derived="id comment_id version_id provision_id anchor placer",
    private="confidence waits actor at",
    check="submissions",
)
FORMER_WORDS = PublicTable(
    FormerWords, derived="id submission_id number sealed", private="until reply", check="submissions"
)
TALLY = PublicTable(Tally, derived="id consultation_id provision_id stance state n", check="books")
TRANSLATION = PublicTable(
    Translation, public="id comment_id language body of_words credit made_at", private="account_id"
)
EVIDENCE_TAG = PublicTable(EvidenceTag, public="evidence_id term_id tagged_at", private="tagged_by")
COSIGNATURE = PublicTable(
    CoSignature,
    public="id submission_id organisation_id confirmed_at signed_as",
    private="invited_at account_id",
    shown=CoSignature.confirmed_at.is_not(None),
)
OPEN_NOTE = PublicTable(OpenNote, public="submission_id organisation_id")
FACILITATION = PublicTable(
    Facilitation,
    public="id consultation_id submission_id present group consent held_on",
    private="account_id created_at",
    shown=Facilitation.submission_id.is_not(None),
)
WRITTEN_GROUP = PublicTable(WrittenGroup, public="submission_id group")
