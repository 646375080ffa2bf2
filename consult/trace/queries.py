"""Where a submission's words went: its history from the ledger, and what its author may see besides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.digests.model import Delivery, Digest
from consult.ledger import service as ledger
from consult.ledger.model import Entry, Kind
from consult.moderation import appeals
from consult.moderation.appeals import Ground
from consult.moderation.reading import Said, said
from consult.moderation.recourse import Appeal
from consult.responses import queries as responses
from consult.responses import reading
from consult.responses.model import Outcome, Response
from consult.submissions import exhibits, former
from consult.submissions import service as submissions
from consult.submissions.exhibits import Exhibit
from consult.submissions.former import Earlier
from consult.submissions.model import State, Submission
from consult.submissions.returning import Found
from consult.trace import changed, grouped
from consult.trace.changed import Since
from consult.trace.grouped import Group

TOLD = ("submission.", "appeal.", "report.", "mandate.")
"""What is told of a submission: entries of these kinds."""


@dataclass(frozen=True)
class Step:
    """Something that happened to a submission. Shown to the hour."""

    kind: str
    at: datetime
    reason: str | None = None
    hidden: int = 0  # places of it that are hidden from the public
    outcome: str = ""  # of a report
    policy: int = 0  # the version under which it was decided
    letter: bool = False  # decided together with the other copies of one letter


@dataclass(frozen=True)
class Story:
    """A submission's way so far, and where it can go on. `secret` is there for its author only."""

    submission: Submission
    consultation: Consultation
    steps: Sequence[Step]
    edition: int | None  # the digest in which the drafting team was sent it
    secret: str | None = None
    said: Sequence[Said] = ()
    evidence: Sequence[Exhibit] = ()
    note: str = ""
    ground: Ground | None = None  # the decision that stands, and what its author can do about it
    appeals: Sequence[tuple[Appeal, str]] = ()  # with what its author said
    earlier: Sequence[Earlier] = ()
    groups: Sequence[Group] = ()
    since: Since | None = None  # what changed in the draft where it comments
    answers: Sequence[tuple[Argument, Response | None]] = ()  # to the arguments that its words are in: for its author
    owing: bool = True  # whether an argument of the consultation waits for its answer
    at: datetime = field(default_factory=now)

    @property
    def can_withdraw(self) -> bool:
        return State.WITHDRAWN in submissions.MOVES[self.submission.state]

    @property
    def can_amend(self) -> bool:
        return submissions.amendable(self.submission, self.consultation, self.at)

    @property
    def answered(self) -> Sequence[tuple[Argument, Response]]:
        """The arguments that its words are in and that are answered, the last answered first."""
        return [(argument, row) for argument, row in self.answers if row is not None]

    @property
    def promised(self) -> bool:
        """Whether an answer is still to come: to an argument of its own, where those are known, else to any."""
        final = [row for _argument, row in self.answered if row.outcome is not Outcome.DEFERRED]
        return len(final) < len(self.answers) if self.answers else self.owing

    @property
    def amended(self) -> Sequence[datetime]:
        """When its author changed it."""
        return [step.at for step in self.steps if step.kind == "amended"]


def public(session: Session, reference: str, *, account_id: int | None = None) -> Story:
    """What anybody may see; with its author's account, what the author may. Raises NotFound."""
    submission = submissions.by_reference(session, reference)
    if account_id is not None and submission.account_id == account_id and submission.salt is not None:
        return _of_author(session, submission)
    return _story(session, submission)


def private(session: Session, reference: str, secret: str) -> Story:
    """What whoever holds the author's link may see. Raises NotFound for any other link."""
    return _of_author(session, submissions.by_author(session, reference=reference, secret=secret))


def by_code(session: Session, found: Found) -> Story:
    """What whoever knows the seven words may see. Raises NotFound."""
    if found.submission is None:
        raise NotFound(_("These words open nothing. Check each of the seven, and their order."))
    return _of_author(session, found.submission)


def note_on(session: Session, submission: Submission) -> str:
    """What the moderator who decided last wrote to the author; empty where something else has happened since."""
    return _note(appeals.ground(session, submission))


def _note(ground: Ground | None) -> str:
    return ground.decision.note if ground else ""


def _of_author(session: Session, submission: Submission) -> Story:
    plain = _story(session, submission)
    ground = appeals.ground(session, submission)
    appealed = any(step.kind.startswith("appeal.") for step in plain.steps)
    made = appeals.of_submission(session, submission) if appealed else ()
    words = said(session, submission)
    return replace(
        plain, ground=ground, appeals=[(one, appeals.words_of(one, submission)) for one in made],
        secret=submissions.author_secret(submission), said=words,
        evidence=exhibits.of_submission(session, submission.id),
        note=_note(ground), earlier=former.earlier(session, submission) if plain.amended else (),
        groups=grouped.groups(session, submission),
        answers=responses.of_submission(session, submission) if submission.state is State.PUBLISHED else (),
        since=changed.since(session, plain.consultation, submission, [item.comment for item in words]),
    )  # fmt: skip


def _story(session: Session, submission: Submission) -> Story:
    found = session.execute(_consultation(submission)).first()
    if found is None:
        raise NotFound(_("No submission has this reference. Check it for typing mistakes."))
    entries = ledger.history(session, subject_id=submission.id, prefixes=TOLD)
    steps = [
        Step(
            entry.kind.removeprefix("submission."), entry.at, entry.reason, int(entry.detail.get("covered", 0)),
            str(entry.detail.get("outcome", "")), int(entry.detail.get("policy", 0)), bool(entry.detail.get("letter")),
        )
        for entry in entries
    ]  # fmt: skip
    return Story(submission, found[0], steps, found[1], owing=found[2])


def _consultation(submission: Submission) -> Select[Consultation, int | None, bool]:
    """Its consultation, the first digest with its publication that somebody was sent, and whether an answer is owed."""
    published = (
        select(func.min(Entry.number))
        .where(Entry.subject_id == submission.id, Entry.kind == Kind.PUBLISHED)
        .scalar_subquery()
    )
    edition = (
        select(Digest.edition)
        .where(
            Digest.consultation_id == submission.consultation_id, Digest.since <= published, Digest.until > published,
            select(Delivery.digest_id).where(Delivery.digest_id == Digest.id).exists(),
        )
        .order_by(Digest.id)
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    return select(Consultation, edition, reading.owing()).where(Consultation.id == submission.consultation_id)
