"""What authors see of their own: drafts and submissions of an account, and the receipt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.paging import Page
from consult.submissions import coalition, codes, exhibits, lists, service, signoff
from consult.submissions.coalition import Invited
from consult.submissions.model import Comment, Draft, Submission
from consult.submissions.places import Place
from consult.submissions.signoff import Sent, Shared


@dataclass(frozen=True)
class Mine:
    """What an account writes and has sent, and what waits in the organisations it is a member of."""

    drafts: Sequence[tuple[Draft, Consultation]]
    sent: Page[tuple[Submission, Consultation, str]]
    first_page: bool
    shared: Sequence[Shared] = ()
    theirs: Sequence[Sent] = ()  # what organisations sent that it may sign for
    invited: Sequence[Invited] = ()
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Receipt:
    consultation: Consultation
    submission: Submission
    secret: str
    fingerprint: str
    recorded_at: datetime  # of the fingerprint: later than it was received where it was changed
    comments: int
    answers: int
    places: Sequence[Place] = ()  # what was commented on, in the order of the draft
    evidence: int = 0  # pieces of it
    words: str = ""  # seven, that open it as the link does


def mine(session: Session, account_id: int, *, after: str | None, tokens: Collection[str] = ()) -> Mine:
    """The drafts and submissions of an account, with the drafts that this browser began without it (`tokens`)."""
    sent = lists.mine(session, account_id, after=after)
    linked = [(row, it, service.author_secret(row) if row.author_key else "") for row, it in sent.items]
    return Mine(lists.drafts_of(session, account_id, tokens), Page(linked, sent.next_cursor), not after,
                signoff.shared(session, account_id), signoff.sent(session, account_id),
                coalition.invitations(session, account_id))  # fmt: skip


def sent_to(session: Session, consultation_id: int, references: Collection[str]) -> str | None:
    """The last of these references that was sent to a consultation; None where none was."""
    if not references:
        return None
    return session.scalar(
        select(Submission.reference)
        .where(Submission.consultation_id == consultation_id, Submission.reference.in_(references))
        .order_by(Submission.id.desc())
        .limit(1)
    )


def receipt(session: Session, slug: str, *, reference: str) -> Receipt:
    """What the author of a submission is shown after sending. Whoever calls has made sure that it is the author."""
    row = lists.consultation(session, slug)
    submission = service.by_reference(session, reference)
    said: Sequence[Comment] = lists.comments_of(session, submission.id)
    answers = sum(1 for comment in said if comment.question_id is not None)
    fingerprint, recorded_at = lists.recorded(session, submission)
    known = lists.places_of(session, row.version_id or 0, {one.provision_id for one in said if one.provision_id})
    order = {place: n for n, place in enumerate(lists.places(session, row.version_id or 0).by_id)}
    places = sorted(known.values(), key=lambda place: order.get(place.id, -1))
    return Receipt(
        row, submission, service.author_secret(submission), fingerprint, recorded_at, len(said) - answers, answers,
        places,
len(exhibits.of_submission(session, submission.id)),
        codes.made(submission.reference, submission.salt or b"") if submission.return_key else "",
    )  # fmt: skip
