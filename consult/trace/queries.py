"""The history of a submission from the ledger. Its author sees more details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments.model import Argument
from consult.arguments.objections import queries as objections
from consult.arguments.objections.queries import PlacedStatement
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.decisions.reasons import ReasonNames, load_names
from consult.digests.model import Delivery, Digest
from consult.ledger import service as ledger
from consult.ledger.kinds import WORDING_KINDS, get_public_name
from consult.ledger.model import Kind, LedgerEntry
from consult.mail.model import Suppression
from consult.moderation.queue.case_page import CommentInContext, list_comments_in_context, list_redaction_reasons
from consult.moderation.recourse import appeals
from consult.moderation.recourse.appeals import AppealGround
from consult.moderation.recourse.model import Appeal
from consult.responses import answer_queries
from consult.responses import queries as responses
from consult.responses.evaluation import service as evaluation
from consult.responses.model import AnswerOutcome, Response
from consult.submissions import revisions
from consult.submissions import service as submissions
from consult.submissions.coalitions import service as coalitions
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.evidence.queries import EvidencePiece
from consult.submissions.model import Contact, State, Submission
from consult.submissions.private.service import CodeMatch
from consult.submissions.revisions import EarlierRevision
from consult.trace import changed_words, related
from consult.trace.changed_words import ChangesSinceFiling
from consult.trace.related import RelatedGroup

TOLD = ("submission.", "appeal.", "report.", "mandate.")
"""Prefixes of the kinds of entries in a history."""


@dataclass(frozen=True)
class HistoryStep:
    """An event of a submission. Times are shown to the hour."""

    kind: str
    at: datetime
    reason: str | None = None
    hidden: int = 0  # number of passages hidden from the public
    outcome: str = ""  # outcome of a content report
    policy: int = 0  # version of the policy in force
    letter: bool = False  # decided together with other copies of a campaign letter


@dataclass(frozen=True)
class SubmissionHistory:
    """The history of a submission and the possible next steps. `secret` is set for its author only."""

    submission: Submission
    consultation: Consultation
    steps: Sequence[HistoryStep]
    edition: int | None  # the digest in which the drafting team got it
    secret: str | None = None
    comments: Sequence[CommentInContext] = ()
    evidence: Sequence[EvidencePiece] = ()
    note: str = ""
    ground: AppealGround | None = None  # the current decision and the author's options
    appeals: Sequence[tuple[Appeal, str]] = ()  # with the texts of the author
    earlier: Sequence[EarlierRevision] = ()
    groups: Sequence[RelatedGroup] = ()
    placed: Sequence[PlacedStatement] = ()  # for the author: its statements with their arguments
    since: ChangesSinceFiling | None = None  # changes of the commented provisions
    answers: Sequence[tuple[Argument, Response | None]] = ()  # for the author: answers to its arguments
    asked: Mapping[int, str] = field(default_factory=dict)  # statements of the campaign letter, by argument
    fingerprint: str = ""  # of the last text sent in
    may_evaluate: bool = False  # whether its author is asked for feedback
    owing: bool = True  # whether an argument of the consultation waits for an answer
    reasons: ReasonNames = field(default_factory=ReasonNames)
    at: datetime = field(default_factory=now)

    @property
    def can_withdraw(self) -> bool:
        return State.WITHDRAWN in submissions.TRANSITIONS[self.submission.state]

    @property
    def can_amend(self) -> bool:
        return submissions.is_amendable(self.submission, self.consultation, self.at)

    @property
    def can_join(self) -> bool:
        """Return True if organisations can still co-sign and mandate files can be added."""
        return coalitions.is_joinable(self.submission, self.consultation, self.at)

    @property
    def answered(self) -> Sequence[tuple[Argument, Response]]:
        """Return the answered arguments of its statements, latest answer first."""
        return [(argument, row) for argument, row in self.answers if row is not None]

    @property
    def promised(self) -> bool:
        """Return True if an answer is still due: to one of its named arguments, else to any of the consultation."""
        final = [row for _argument, row in self.answered if row.outcome is not AnswerOutcome.DEFERRED]
        named = [argument for argument, row in self.answers if argument.checked or row in final]
        return len(final) < len(named) if named else self.owing

    @property
    def sent_again(self) -> Sequence[str]:
        """Return the kinds of later sendings by the author: `amended`, or `replied` if unchanged."""
        return [step.kind for step in self.steps if step.kind in ("amended", "replied")]


def get_public_history(session: Session, reference: str, *, account_id: int | None = None) -> SubmissionHistory:
    """Return the public history, or for the author's account the full one. Raises NotFound."""
    submission = submissions.get_by_reference(session, reference)
    if account_id is not None and submission.account_id == account_id and submission.salt is not None:
        return _get_author_history(session, submission)
    return _name_reasons(session, _get_history(session, submission))


def get_author_history(session: Session, reference: str, secret: str) -> SubmissionHistory:
    """Return the history opened by the author's private link. Raises NotFound for any other link."""
    return _get_author_history(session, submissions.get_by_author_link(session, reference=reference, secret=secret))


def get_history_by_code(session: Session, found: CodeMatch) -> SubmissionHistory:
    """Return the history opened by recovery words. Raises NotFound."""
    if found.submission is None:
        raise NotFound(_("We found nothing for these words. Check all seven words and their order."))
    return _get_author_history(session, found.submission)


def get_moderator_note(session: Session, submission: Submission) -> str:
    """Return the last moderator's note to the author, or "" if the submission changed since."""
    return _note(appeals.get_ground(session, submission))


def _note(ground: AppealGround | None) -> str:
    return ground.decision.note if ground else ""


def _get_author_history(session: Session, submission: Submission) -> SubmissionHistory:
    plain = _get_history(session, submission)
    ground = appeals.get_ground(session, submission)
    appealed = any(step.kind.startswith("appeal.") for step in plain.steps)
    made = appeals.list_appeals(session, submission) if appealed else ()
    words = list_comments_in_context(session, submission)
    answers = responses.list_by_submission(session, submission) if submission.state is State.PUBLISHED else ()
    story = replace(
        plain,
        ground=ground,
        appeals=[(one, appeals.unseal_words(one, submission)) for one in made],
        secret=submissions.author_secret(submission),
        comments=words,
        evidence=evidence_queries.list_by_submission(session, submission.id),
        note=_note(ground),
        may_evaluate=plain.consultation.phase is Phase.CLOSED and evaluation.can_evaluate(session, submission),
        earlier=_earlier(session, submission, plain.sent_again),
        groups=related.list_related_groups(session, submission),
        placed=objections.list_placed(session, submission),
        answers=answers,
        asked=related.list_asked(session, [argument.id for argument, _row in answers if argument.letter]),
        since=changed_words.get_changes(session, plain.consultation, submission, [item.comment for item in words]),
    )
    return _name_reasons(session, story)


def _earlier(session: Session, submission: Submission, sent_again: Sequence[str]) -> Sequence[EarlierRevision]:
    found = revisions.list_revisions(session, submission) if sent_again else ()
    return [replace(one, answer_alone=kind == "replied") for one, kind in zip(found, sent_again, strict=False)]


def _get_history(session: Session, submission: Submission) -> SubmissionHistory:
    row = session.execute(_consultation(submission)).first()
    if row is None:
        raise NotFound(_("We cannot find a submission with this reference. Check it for typing mistakes."))
    entries = ledger.list_history(session, subject_id=submission.id, prefixes=TOLD)
    steps = [
        HistoryStep(
            get_public_name(entry.kind).removeprefix("submission."),
            entry.at,
            entry.reason,
            int(entry.detail.get("covered", 0)),
            str(entry.detail.get("outcome", "")),
            int(entry.detail.get("policy", 0)),
            bool(entry.detail.get("letter")),
        )
        for entry in entries
    ]
    worded = [entry.commitment for entry in entries if entry.kind in WORDING_KINDS and entry.commitment]
    fingerprint = worded[-1].hex() if worded and submission.salt else ""
    return SubmissionHistory(submission, row[0], steps, row[1], owing=row[2], fingerprint=fingerprint)


def _name_reasons(session: Session, story: SubmissionHistory) -> SubmissionHistory:
    """Add the labels of reasons. Content reports have their own."""
    given = [step.reason for step in story.steps if not step.kind.startswith("report.")]
    if story.ground:
        given.append(story.ground.decision.reason)
    return replace(story, reasons=load_names(session, [*given, *list_redaction_reasons(story.comments)]))


def _consultation(submission: Submission) -> Select[Consultation, int | None, bool]:
    """Select its consultation, the first digest sent after its publication, and whether an answer is due."""
    published = (
        select(func.min(LedgerEntry.number))
        .where(LedgerEntry.subject_id == submission.id, LedgerEntry.kind == Kind.PUBLISHED)
        .scalar_subquery()
    )
    edition = (
        select(Digest.edition)
        .where(
            Digest.consultation_id == submission.consultation_id,
            Digest.since <= published,
            Digest.until > published,
            select(Delivery.digest_id).where(Delivery.digest_id == Digest.id).exists(),
        )
        .order_by(Digest.id)
        .limit(1)
        .scalar_subquery()
    )
    return select(Consultation, edition, answer_queries.is_owing()).where(Consultation.id == submission.consultation_id)


def letters_stopped_since(session: Session, submission: Submission) -> datetime | None:
    """Return the time since which no e-mails are sent to the submission's address, or None. It takes one statement."""
    if submission.contact_id is None and submission.account_id is None:
        return None
    index = (
        select(Contact.email_index).where(Contact.id == submission.contact_id)
        if submission.contact_id is not None
        else select(Account.email_index).where(Account.id == submission.account_id)
    )
    return session.scalar(select(Suppression.at).where(Suppression.index == index.scalar_subquery()))
