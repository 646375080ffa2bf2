"""Data of the review page: a submission in context, with its findings and past decisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.analysis.campaigns.queries import MemberStatement
from consult.analysis.model import TextGroup
from consult.consultations.model import Consultation, Question
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.moderation.checks import text_checks
from consult.moderation.checks.text_checks import TextFinding, find_rough_words
from consult.moderation.model import Batch, BatchItem, BatchProgress, Decision, DecisionOutcome, QueueEntry
from consult.moderation.policy.hold_rules import HoldRuleMatch
from consult.moderation.redaction import (
    Redaction,
    WordMark,
    find_spans,
    list_redactions,
    merge_redactions,
    split_sentences,
)
from consult.submissions import revisions
from consult.submissions.amendments import queries as amendments
from consult.submissions.amendments.queries import SupportedAmendment
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.anchors.selectors import Anchor, anchor_of
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.parties import find_own
from consult.submissions.comments.translations import PublishedTranslation
from consult.submissions.content.draft import compute_mark
from consult.submissions.evidence import queries as evidence_queries
from consult.submissions.facilitation.model import Facilitation
from consult.submissions.model import Comment, State, Submission

_WAITS = (State.PENDING, State.RETURNED)


@dataclass(frozen=True)
class CommentInContext:
    """A comment with its context: a provision, a question, or the draft as a whole."""

    comment: Comment
    place: ProvisionNode | None
    question: Question | None
    translated: Sequence[PublishedTranslation] = ()
    then: int = 0  # the version that it was made on, where the words were others than those of `place`
    original_place: ProvisionNode | None = None  # what it was made on, where that is so
    original_anchor: Anchor | None = None  # the words that its author chose, as they were
    supported: SupportedAmendment | None = None  # the amendment that it supports

    @property
    def mark(self) -> str:
        """Return a fingerprint of the current words."""
        return compute_mark(f"{self.comment.counted_as} {self.comment.body}")

    @property
    def anchor(self) -> Anchor | None:
        """Return the anchor in the words of `about`, or None."""
        return self.original_anchor if self.original_place else anchor_of(self.comment.anchor)

    @property
    def about(self) -> ProvisionNode | None:
        """Return the provision as worded when the comment was made."""
        return self.original_place or self.place

    @property
    def sentences(self) -> list[tuple[int, int]]:
        return split_sentences(self.comment.body)

    @property
    def language(self) -> str:
        """Return the detected language of the comment, else the stated one."""
        return text_checks.detect_language(self.comment.body, self.comment.language) or self.comment.language


@dataclass(frozen=True)
class PastDecision:
    """A decision with its moderator's name."""

    decision: Decision
    moderator: str


@dataclass(frozen=True)
class ReviewCase:
    """A submission as shown to the moderator."""

    submission: Submission
    consultation: Consultation
    comments: Sequence[CommentInContext]
    past: Sequence[PastDecision]
    own: bool
    copies: int  # how many submissions say the same, this one included
    waiting: QueueEntry | None
    claimer: str | None  # a colleague who reads it just now
    batch: Batch | None  # that waits for a second reader, or to take effect
    proposer: str | None
    has_evidence: bool
    letter: int | None = None  # the campaign it is of
    reply: str = ""  # what its author said to the moderator in sending it in again
    meeting: Facilitation | None = None  # at which a facilitator wrote it down for a group

    @property
    def decided(self) -> bool:
        return self.submission.state not in _WAITS

    @property
    def proposed(self) -> list[Redaction]:
        """Return the redactions of the proposed decision."""
        return [Redaction(**row) for row in (self.batch.redactions if self.batch else None) or ()]

    @property
    def open(self) -> Decision | None:
        """Return the decision that has not taken effect yet, or None."""
        return next((past.decision for past in self.past if past.decision.ended is None), None)

    @property
    def outcomes(self) -> list[DecisionOutcome]:
        """Return the possible decisions. A moderator can show hidden words of an imported submission again."""
        imported = self.hidden and self.submission.source is not None
        possible = {
            State.PENDING: [DecisionOutcome.PUBLISH, DecisionOutcome.RETURN, DecisionOutcome.WITHHOLD],
            State.RETURNED: [DecisionOutcome.PUBLISH, DecisionOutcome.WITHHOLD],
            State.PUBLISHED: [*([DecisionOutcome.PUBLISH] if imported else []), DecisionOutcome.WITHHOLD],
            State.WITHHELD: [DecisionOutcome.PUBLISH],
        }
        return [] if self.open or self.batch else possible.get(self.submission.state, [])

    @property
    def hidden(self) -> list[Redaction]:
        """Return the redactions in force, possibly made before the author changed other parts."""
        return list_redactions((item.comment.id, item.comment.redactions) for item in self.comments)

    @property
    def reason_codes(self) -> list[str | None]:
        """Return the reason codes of all past, current and proposed decisions."""
        return [
            *(past.decision.reason for past in self.past),
            *(each.reason for each in (*self.hidden, *self.proposed)),
        ]

    @cached_property
    def found(self) -> Sequence[TextFinding]:
        """Return the findings of the checks. `comment` is an index in `comments`."""
        return text_checks.check_texts([item.comment.body for item in self.comments]).findings

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.found}

    def list_marks(self, ruled: Sequence[HoldRuleMatch] = (), said: Sequence[MemberStatement] = ()) -> list[WordMark]:
        """Return the marked words: findings of checks and hold rules, and additions to a campaign letter."""
        rough = [one for n, item in enumerate(self.comments) for one in find_rough_words(n, item.comment.body)]
        ids = [item.comment.id for item in self.comments]
        marks = [WordMark(ids[one.comment], one.start, one.end, "found") for one in (*self.found, *rough)]
        marks += [WordMark(ids[hit.text], hit.start, hit.end, "found") for hit in ruled]
        for one in said:
            marks += [WordMark(*place, "added") for place in self._find_statement(one)]
        return marks

    def _find_statement(self, said: MemberStatement) -> list[tuple[int, int, int]]:
        """Return the positions of a statement, which may have been found in another submission with the same text."""
        if said.submission_id == self.submission.id:
            return [(said.comment_id, said.start, said.end)]
        bodies = ((item.comment.id, item.comment.body) for item in self.comments)
        return [(one, *span) for one, body in bodies for span in find_spans(body, said.text)]

    @property
    def other_languages(self) -> list[str]:
        """Return detected languages of comments that differ from the stated ones."""
        return list(
            dict.fromkeys(filter(None, (text_checks.detect_other_language(item.comment) for item in self.comments)))
        )

    @property
    def seen(self) -> str:
        """Return the fingerprints of all comments. The form carries them, so that changes can be shown."""
        return " ".join(item.mark for item in self.comments)


def get_case(session: Session, moderator: Account, submission_id: int) -> ReviewCase:
    """Return a submission in context with its past decisions. Raises NotFound."""
    asks = {"of": submission_id, "me": moderator.id, "at": now()}
    row = session.execute(_case_query(), asks).first()
    if row is None:
        raise NotFound(_("We cannot find this submission."))
    past = session.execute(_past_query(), {"of": submission_id})
    words = list_comments_in_context(session, row[0])
    batch, proposer = _get_open_batch(session, submission_id) if row.QueueEntry is not None else (None, None)
    made = [PastDecision(decision, name) for decision, name in past]
    return ReviewCase(
        row[0],
        row[1],
        words,
        made,
        bool(find_own(session, [submission_id], moderator)),
        row.copies,
        row.QueueEntry,
        row.claimer,
        batch,
        proposer,
        row.evidence,
        row.campaign_id,
        revisions.unseal_reply(row.reply, row[0]),
        row.Facilitation,
    )


@lru_cache(maxsize=1)
def _case_query() -> Any:
    me: Any = bindparam("me")
    twin, group = aliased(Submission), TextGroup
    same = (twin.consultation_id == Submission.consultation_id, twin.text_hash == Submission.text_hash)
    its_words = (group.consultation_id == Submission.consultation_id, group.text_hash == Submission.text_hash)
    return (
        select(
            Submission,
            Consultation,
            select(func.count()).where(*same).scalar_subquery().label("copies"),
            QueueEntry,
            sql_case(
                ((QueueEntry.claimed_until > bindparam("at")) & (QueueEntry.claimed_by != me), Account.display_name)
            ).label("claimer"),
            evidence_queries.has_evidence(Submission.id).label("evidence"),
            group.campaign_id,
            revisions.last_reply_column().label("reply"),
            Facilitation,
        )
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .outerjoin(QueueEntry, QueueEntry.submission_id == Submission.id)
        .outerjoin(Account, Account.id == QueueEntry.claimed_by)
        .outerjoin(group, and_(*its_words))
        .outerjoin(Facilitation, Facilitation.submission_id == Submission.id)
        .where(Submission.id == bindparam("of"))
        .execution_options(populate_existing=True)
    )


@lru_cache(maxsize=1)
def _past_query() -> Any:
    return (
        select(Decision, Account.display_name)
        .join(Account, Account.id == Decision.moderator_id)
        .where(Decision.submission_id == bindparam("of"))
        .order_by(Decision.id.desc())
    )


def list_redaction_reasons(said: Iterable[CommentInContext]) -> list[str]:
    """Return the reason codes of the redactions of these comments."""
    return [cover.reason for cover in list_redactions((item.comment.id, item.comment.redactions) for item in said)]


def list_comments_in_context(session: Session, submission: Submission) -> list[CommentInContext]:
    """Return the comments of a submission with the provisions they were made on, also if carried to a new version.

    At most three statements while these versions are cached.
    """
    found, translated, carried = comments_queries.translated_comments(session, [submission.id])
    comments = found.get(submission.id, [])
    asked = {}
    if any(comment.question_id for comment in comments):
        asked = {row.id: row for row in comments_queries.list_questions(session, submission.consultation_id)}
    on = {comment.provision_id for comment in comments if comment.provision_id}
    places = comments_queries.get_provisions(session, submission.version_id, on) if on else {}
    then = comments_queries.get_reworded_provisions(session, submission.version_id, carried)
    supported = amendments.list_supported(session, comments)
    filed_on = comments_queries.get_provision_tree(session, submission.version_id).number if then else 0
    return [
        CommentInContext(
            comment,
            places.get(comment.provision_id or 0),
            asked.get(comment.question_id or 0),
            translated.get(comment.id, ()),
            (then[comment.id].version or filed_on) if comment.id in then else 0,
            then.get(comment.id),
            carried[comment.id].anchor if comment.id in carried else None,
            supported.get(comment.agrees_with or 0),
        )
        for comment in comments
    ]


def _get_open_batch(session: Session, submission_id: int) -> tuple[Batch | None, str | None]:
    """Return the pending batch that contains this submission, with its proposer."""
    row = session.execute(_open_batch_query(), {"of": submission_id}).first()
    return (row[0], row[1]) if row else (None, None)


@lru_cache(maxsize=1)
def _open_batch_query() -> Any:
    return (
        select(Batch, Account.display_name)
        .join(BatchItem, BatchItem.batch_id == Batch.id)
        .join(Account, Account.id == Batch.moderator_id)
        .where(
            BatchItem.submission_id == bindparam("of"),
            BatchItem.result.is_(None),
            Batch.progress.in_((BatchProgress.SECOND_READER, BatchProgress.DUE, BatchProgress.RUNNING)),
        )
        .order_by(Batch.id.desc())
        .limit(1)
    )


def suggest_redactions(case: ReviewCase, covers: Sequence[Redaction]) -> list[Redaction]:
    """Return the redactions so far plus contact details found by the checks."""
    more = [
        Redaction(case.comments[found.comment].comment.id, found.start, found.end, "personal_details")
        for found in case.found
        if found.code in ("email", "phone")
    ]
    return merge_redactions([*covers, *more])
