"""Sample evidence: files and references, added through the normal services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.cli.sample.files import SampleEvidence
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.documents import queries as documents
from consult.documents import tags as draft_tags
from consult.documents import titles as short_titles
from consult.files import service as files
from consult.files.model import State
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import references, tags
from consult.submissions.model import Evidence, EvidenceKind, Submission
from consult.taxonomy import queries as taxonomy


def build_items(session: Session, pieces: Sequence[SampleEvidence]) -> list[EvidenceItem]:
    """Return the evidence as form values. Files are stored and wait for their checks."""
    return [_build_item(session, piece) for piece in pieces]


def _build_item(session: Session, piece: SampleEvidence) -> EvidenceItem:
    file_id, scheme, reference = None, "", ""
    if piece.file:
        row = files.receive(session, data=piece.data, name=piece.file)
        file_id = row.id
        if piece.unchecked:  # the state after the scanner did not respond: retried in an hour
            row.state, row.reason, row.due_at = State.HELD, "unchecked", now() + timedelta(hours=1)
    else:
        scheme, reference = references.recognise_reference(piece.reference)
    return EvidenceItem(
        file_id=file_id,
        name=piece.file,
        scheme=scheme,
        reference=reference,
        kind=EvidenceKind(piece.kind),
        description=piece.description,
        language=piece.language,
        year=piece.year,
        place=piece.place,
        method=piece.method,
        consent=True,
    )


def tag_evidence(
    session: Session, consultation: Consultation, sent: Submission, pieces: Sequence[SampleEvidence], *, by: Account
) -> None:
    """Assign topics to the evidence of a submission, as a moderator does."""
    rows = session.scalars(select(Evidence).where(Evidence.submission_id == sent.id).order_by(Evidence.position))
    for row, piece in zip(rows.all(), pieces, strict=True):
        if piece.topics:
            terms = [taxonomy.get_term(session, *topic.split("/")).id for topic in piece.topics]
            tags.replace_tags(session, consultation, row.id, term_ids=terms, by=by)


def accept_topics(session: Session, row: Consultation, owner: Account) -> None:
    """Accept the topics suggested for each paragraph, as the draft's owner."""
    provisions = documents.list_provisions(session, row.version_id or 0)
    tagged = draft_tags.get_tagged(session, provisions, document_id=row.document_id, language=row.language)
    for one in tagged:
        wanted = [suggestion.term.id for suggestion in one.suggested]
        draft_tags.add_tags(session, document_id=row.document_id, wid=one.provision.wid, term_ids=wanted, by=owner.id)


def name_paragraphs(session: Session, row: Consultation, titles: Mapping[str, str], plain: Mapping[str, str]) -> None:
    """Set short titles and plain-language texts of paragraphs, both keyed by paragraph number."""
    provisions = documents.list_provisions(session, row.version_id or 0)
    named = {provision.wid: titles[provision.number] for provision in provisions if provision.number in titles}
    said = {provision.wid: plain[provision.number] for provision in provisions if provision.number in plain}
    short_titles.replace_titles(session, document_id=row.document_id, titles=named)
    short_titles.replace_plain(session, document_id=row.document_id, words=said)
