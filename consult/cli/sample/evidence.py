"""Sample evidence: files and references, added through the services that pages call."""

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
from consult.submissions.evidence import references, tags
from consult.submissions.evidence.items import EvidenceItem
from consult.submissions.model import Evidence, EvidenceKind, Submission
from consult.taxonomy import queries as taxonomy


def build_items(session: Session, pieces: Sequence[SampleEvidence]) -> list[EvidenceItem]:
    """The pieces as they are filed; their files are kept and wait for their checks."""
    return [_build_item(session, piece) for piece in pieces]


def _build_item(session: Session, piece: SampleEvidence) -> EvidenceItem:
    file_id, scheme, reference = None, "", ""
    if piece.file:
        row = files.receive(session, data=piece.data, name=piece.file)
        file_id = row.id
        if piece.unchecked:  # as its check leaves it when the scanner does not answer: tried again in an hour
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
    """Says what the evidence of a submission is about, as a moderator does who has read it."""
    rows = session.scalars(select(Evidence).where(Evidence.submission_id == sent.id).order_by(Evidence.position))
    for row, piece in zip(rows.all(), pieces, strict=True):
        if piece.topics:
            terms = [taxonomy.get_term(session, *topic.split("/")).id for topic in piece.topics]
            tags.replace_tags(session, consultation, row.id, term_ids=terms, by=by)


def accept_topics(session: Session, row: Consultation, owner: Account) -> None:
    """The owner of a draft accepts what the words of each paragraph suggest."""
    provisions = documents.list_provisions(session, row.version_id or 0)
    found = draft_tags.get_tagged(session, provisions, document_id=row.document_id, language=row.language)
    for one in found:
        wanted = [suggestion.term.id for suggestion in one.suggested]
        draft_tags.add_tags(session, document_id=row.document_id, wid=one.provision.wid, term_ids=wanted, by=owner.id)


def name_paragraphs(session: Session, row: Consultation, titles: Mapping[str, str], plain: Mapping[str, str]) -> None:
    """The owner of a draft gives paragraphs a short title, and says them in plain words; both are by number."""
    provisions = documents.list_provisions(session, row.version_id or 0)
    named = {one.wid: titles[one.number] for one in provisions if one.number in titles}
    said = {one.wid: plain[one.number] for one in provisions if one.number in plain}
    short_titles.replace_titles(session, document_id=row.document_id, titles=named)
    short_titles.replace_plain(session, document_id=row.document_id, words=said)
