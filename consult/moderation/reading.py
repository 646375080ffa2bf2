"""One submission as its moderator reads it: in context, with what the checks found and what was decided before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy import case as when
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.analysis.model import TextGroup
from consult.consultations.model import Consultation, Question
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.moderation import checks
from consult.moderation.checks import Finding
from consult.moderation.model import Batch, BatchItem, Decision, Outcome, Progress, Waiting
from consult.moderation.redaction import Cover, hidden, sentences, tidy
from consult.moderation.service import own_words_of
from consult.submissions import exhibits, former, lists
from consult.submissions.anchors import Anchor, anchor_of
from consult.submissions.model import Comment, Facilitation, State, Submission
from consult.submissions.places import Place
from consult.submissions.translations import Rendered
from consult.submissions.writing import mark_of

_WAITS = (State.PENDING, State.RETURNED)


@dataclass(frozen=True)
class Said:
    """A comment where it stands: on a provision, to a question, or on the draft as a whole."""

    comment: Comment
    place: Place | None
    question: Question | None
    translated: Sequence[Rendered] = ()
    then: int = 0  # the version that it was made on, where the words were others than those of `place`
    made: Place | None = None  # what it was made on, where that is so
    chosen: Anchor | None = None  # the words that its author chose, as they were

    @property
    def mark(self) -> str:
        """What tells these words from others."""
        return mark_of(f"{self.comment.stance} {self.comment.body}")

    @property
    def anchor(self) -> Anchor | None:
        """The words of `about`, where some were chosen."""
        return self.chosen if self.made else anchor_of(self.comment.anchor)

    @property
    def about(self) -> Place | None:
        """Its place, worded as it was when the comment was made."""
        return self.made or self.place

    @property
    def sentences(self) -> list[tuple[int, int]]:
        return sentences(self.comment.body)

    @property
    def language(self) -> str:
        """The language these words seem to be in, else the one that was said."""
        return checks.language_of(self.comment.body, self.comment.language) or self.comment.language


@dataclass(frozen=True)
class Past:
    """A decision and who made it."""

    decision: Decision
    moderator: str


@dataclass(frozen=True)
class Case:
    """One submission as the moderator reads it."""

    submission: Submission
    consultation: Consultation
    said: Sequence[Said]
    past: Sequence[Past]
    own: bool
    copies: int  # how many submissions say the same, this one included
    waiting: Waiting | None
    claimer: str | None  # a colleague who reads it just now
    batch: Batch | None  # that waits for a second reader, or to take effect
    proposer: str | None
    has_evidence: bool
    letter: int | None = None  # the campaign it is of
    contrary: bool = False  # it turns a sentence of that letter round
    reply: str = ""  # what its author said to the moderator in sending it in again
    meeting: Facilitation | None = None  # at which a facilitator wrote it down for a group

    @property
    def decided(self) -> bool:
        return self.submission.state not in _WAITS

    @property
    def proposed(self) -> list[Cover]:
        """The words that the decision it is part of would hide."""
        return [Cover(**row) for row in (self.batch.redactions if self.batch else None) or ()]

    @property
    def open(self) -> Decision | None:
        """The decision that has not taken effect yet."""
        return next((past.decision for past in self.past if past.decision.ended is None), None)

    @property
    def outcomes(self) -> list[Outcome]:
        """What can be decided now."""
        possible = {
            State.PENDING: [Outcome.PUBLISH, Outcome.RETURN, Outcome.WITHHOLD],
            State.RETURNED: [Outcome.PUBLISH, Outcome.WITHHOLD],
            State.PUBLISHED: [Outcome.WITHHOLD],
            State.WITHHELD: [Outcome.PUBLISH],
        }
        return [] if self.open or self.batch else possible.get(self.submission.state, [])

    @property
    def hidden(self) -> list[Cover]:
        """The words that are hidden in it now, by a decision before its author changed something else."""
        return hidden((item.comment.id, item.comment.redactions) for item in self.said)

    @cached_property
    def found(self) -> Sequence[Finding]:
        """What the checks point at; `comment` is the position in `said`."""
        return checks.inspect([item.comment.body for item in self.said]).found

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.found}

    @property
    def other_languages(self) -> list[str]:
        """Languages that comments seem to be in, other than was said."""
        return list(dict.fromkeys(filter(None, (checks.other_language(item.comment) for item in self.said))))

    @property
    def seen(self) -> str:
        """The marks of all its words: the form carries them, so that a change can be pointed at."""
        return " ".join(item.mark for item in self.said)


def case(session: Session, moderator: Account, submission_id: int) -> Case:
    """A submission with its words in context and what was decided on it so far. Raises NotFound."""
    asks = {"of": submission_id, "me": moderator.id, "address": moderator.email_index, "at": now()}
    row = session.execute(_case(), asks).first()
    if row is None:
        raise NotFound(_("There is no such submission."))
    past = session.execute(_past(), {"of": submission_id})
    words = said(session, row[0])
    batch, proposer = _batch_of(session, submission_id) if row[4] is not None else (None, None)
    made = [Past(decision, name) for decision, name in past]
    return Case(
        row[0], row[1], words, made, row.own, row.copies, row[4], row[5], batch, proposer, row[6],
        row.campaign_id, bool(row.contrary), former.opened(row.reply, row[0]), row.Facilitation,
    )  # fmt: skip


@lru_cache(maxsize=1)
def _case() -> Any:
    me: Any = bindparam("me")
    twin, group = aliased(Submission), TextGroup
    same = (twin.consultation_id == Submission.consultation_id, twin.text_hash == Submission.text_hash)
    its_words = (group.consultation_id == Submission.consultation_id, group.text_hash == Submission.text_hash)
    return (
        select(
            Submission, Consultation, own_words_of(me, bindparam("address")).label("own"),
            select(func.count()).where(*same).scalar_subquery().label("copies"), Waiting,
            when(((Waiting.claimed_until > bindparam("at")) & (Waiting.claimed_by != me), Account.display_name)),
            exhibits.any_of(Submission.id),
            group.campaign_id, group.contrary, former.last_reply().label("reply"), Facilitation,
        )
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .outerjoin(Waiting, Waiting.submission_id == Submission.id)
        .outerjoin(Account, Account.id == Waiting.claimed_by)
        .outerjoin(group, and_(*its_words))
        .outerjoin(Facilitation, Facilitation.submission_id == Submission.id)
        .where(Submission.id == bindparam("of"))
        .execution_options(populate_existing=True)
    )  # fmt: skip


@lru_cache(maxsize=1)
def _past() -> Any:
    return (
        select(Decision, Account.display_name)
        .join(Account, Account.id == Decision.moderator_id)
        .where(Decision.submission_id == bindparam("of"))
        .order_by(Decision.id.desc())
    )


def said(session: Session, submission: Submission) -> list[Said]:
    """What a submission says, each comment with the words it is about, wherever it was carried.

    Three statements at most while these versions are known to the process.
    """
    found, translated, carried = lists.translated_comments(session, [submission.id])
    comments = found.get(submission.id, [])
    asked = {}
    if any(comment.question_id for comment in comments):
        asked = {row.id: row for row in lists.questions(session, submission.consultation_id)}
    on = {comment.provision_id for comment in comments if comment.provision_id}
    places = lists.places_of(session, submission.version_id, on) if on else {}
    then = lists.worded_before(session, submission.version_id, carried)
    filed_on = lists.places(session, submission.version_id).number if then else 0
    return [
        Said(
            comment, places.get(comment.provision_id or 0), asked.get(comment.question_id or 0),
            translated.get(comment.id, ()), (then[comment.id].version or filed_on) if comment.id in then else 0,
            then.get(comment.id), carried[comment.id].anchor if comment.id in carried else None,
        )
        for comment in comments
    ]  # fmt: skip


def _batch_of(session: Session, submission_id: int) -> tuple[Batch | None, str | None]:
    """The decision of several, or of two people, that this is part of and that has not taken effect."""
    row = session.execute(_batch(), {"of": submission_id}).first()
    return (row[0], row[1]) if row else (None, None)


@lru_cache(maxsize=1)
def _batch() -> Any:
    return (
        select(Batch, Account.display_name)
        .join(BatchItem, BatchItem.batch_id == Batch.id)
        .join(Account, Account.id == Batch.moderator_id)
        .where(
            BatchItem.submission_id == bindparam("of"), BatchItem.result.is_(None),
            Batch.progress.in_((Progress.SECOND_READER, Progress.DUE, Progress.RUNNING)),
        )
        .order_by(Batch.id.desc())
        .limit(1)
    )  # fmt: skip


def suggested(case: Case, covers: Sequence[Cover]) -> list[Cover]:
    """The words hidden so far, and the contact details that the checks found."""
    more = [
        Cover(case.said[found.comment].comment.id, found.start, found.end, "personal_details")
        for found in case.found
        if found.code in ("email", "phone")
    ]
    return tidy([*covers, *more])
