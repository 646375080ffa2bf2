"""Data of an author's pages: drafts and submissions of an account, and the receipt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import hash_token
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.submissions import return_codes, service
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.coalitions import notes
from consult.submissions.coalitions import service as coalitions
from consult.submissions.coalitions.service import CoalitionInvitation
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.queries import PAGE
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.model import Comment, Draft, EvidenceKind, Submission
from consult.submissions.organisations import service as organisations
from consult.submissions.organisations.service import OrganisationSubmission, SharedDraft


@dataclass(frozen=True)
class AuthorPage:
    """Drafts and submissions of an account, and the open work of its organisations."""

    drafts: Sequence[tuple[Draft, Consultation]]
    sent: Page[tuple[Submission, Consultation, str]]
    first_page: bool
    shared: Sequence[SharedDraft] = ()
    theirs: Sequence[OrganisationSubmission] = ()  # submissions of organisations that it may sign for
    invited: Sequence[CoalitionInvitation] = ()
    asked: Sequence[tuple[Draft, Organisation, Consultation]] = ()  # drafts of others that it may read before signing
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Receipt:
    consultation: Consultation
    submission: Submission
    secret: str
    fingerprint: str
    recorded_at: datetime  # time of the fingerprint, later than the receipt if it was changed
    comments: int  # without parts of papers
    answers: int
    places: Sequence[ProvisionNode] = ()  # commented provisions, in the order of the draft
    evidence: int = 0  # number of pieces without papers
    papers: int = 0
    words: str = ""  # recovery words, which open it like the link
    at: datetime = field(default_factory=now)


def get_author_page(
    session: Session, account_id: int, *, after: str | None, tokens: Collection[str] = ()
) -> AuthorPage:
    """Return an account's submissions and drafts, also drafts begun in this browser before signing in (`tokens`)."""
    sent = _list_sent(session, account_id, after=after)
    linked = [(row, it, service.author_secret(row) if row.author_key else "") for row, it in sent.items]
    return AuthorPage(
        _list_drafts(session, account_id, tokens),
        Page(linked, sent.next_cursor),
        not after,
        organisations.list_shared_drafts(session, account_id),
        organisations.list_sent_submissions(session, account_id),
        coalitions.list_invitations(session, account_id),
        notes.list_asked(session, account_id),
    )


def find_last_sent(session: Session, consultation_id: int, references: Collection[str]) -> str | None:
    """Return the last of these references sent to a consultation, or None."""
    if not references:
        return None
    return session.scalar(
        select(Submission.reference)
        .where(Submission.consultation_id == consultation_id, Submission.reference.in_(references))
        .order_by(Submission.id.desc())
        .limit(1)
    )


def get_receipt(session: Session, slug: str, *, reference: str) -> Receipt:
    """Return the receipt of a submission. The caller has checked that the reader is its author."""
    row = comments_queries.get_consultation(session, slug)
    submission = service.get_by_reference(session, reference, of=row.id)
    comments: Sequence[Comment] = comments_queries.list_comments(session, submission.id)
    answers = sum(1 for comment in comments if comment.question_id is not None)
    pieces = evidence_queries.list_by_submission(session, submission.id)
    papers = sum(1 for piece in pieces if piece.row.kind is EvidenceKind.POSITION_PAPER)
    fingerprint, recorded_at = comments_queries.get_fingerprint(session, submission)
    known = comments_queries.get_provisions(
        session, row.version_id or 0, {one.provision_id for one in comments if one.provision_id}
    )
    order = {
        place: n for n, place in enumerate(comments_queries.get_provision_tree(session, row.version_id or 0).by_id)
    }
    places = sorted(known.values(), key=lambda place: order.get(place.id, -1))
    return Receipt(
        row,
        submission,
        service.author_secret(submission),
        fingerprint,
        recorded_at,
        sum(1 for comment in comments if not comment.paper) - answers,
        answers,
        places,
        len(pieces) - papers,
        papers,
        return_codes.derive_code(submission.reference, submission.salt or b"") if submission.return_key else "",
    )


def _list_sent(session: Session, account_id: int, *, after: str | None = None) -> Page[tuple[Submission, Consultation]]:
    """Return a page of an account's submissions with their consultations, newest first."""
    query = (
        select(Submission, Consultation)
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(Submission.account_id == account_id)
        .order_by(Submission.id.desc())
        .limit(PAGE + 1)
    )
    if (last := decode_id_cursor(after)) is not None:
        query = query.where(Submission.id < last)
    rows = [(row[0], row[1]) for row in session.execute(query)]
    return make_page(rows, PAGE, lambda row: [row[0].id])


def _list_drafts(
    session: Session, account_id: int, tokens: Collection[str] = ()
) -> Sequence[tuple[Draft, Consultation]]:
    """Return an account's drafts, latest change first, and those begun before signing in (`tokens`)."""
    begun = Draft.account_id.is_(None) & Draft.token.in_([hash_token(token) for token in tokens])
    rows = session.execute(
        select(Draft, Consultation)
        .join(Consultation, Consultation.id == Draft.consultation_id)
        .where((Draft.account_id == account_id) | begun if tokens else Draft.account_id == account_id)
        .order_by(Draft.updated_at.desc())
        .limit(PAGE)
    )
    return list({row[1].id: (row[0], row[1]) for row in reversed(rows.all())}.values())[::-1]
