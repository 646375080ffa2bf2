"""What moderators read: the queue, and one submission in context. The logs are in `logs.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Question
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode, page
from consult.documents.model import Provision, ProvisionKind
from consult.moderation.model import Decision, Outcome
from consult.moderation.service import own_words
from consult.submissions import lists
from consult.submissions.content import personal_details
from consult.submissions.model import Comment, Stance, State, Submission, Tally
from consult.submissions.places import Place
from consult.submissions.writing import mark_of

PAGE = 25
SAME = 100
QUEUES = (State.PENDING, State.RETURNED)


@dataclass(frozen=True)
class Wish:
    """What a moderator wants to see of the queue. Values that mean nothing are as if they were not there."""

    state: State = State.PENDING
    consultation: str = ""
    language: str = ""
    stance: Stance | None = None

    @classmethod
    def of(cls, asked: dict[str, str]) -> Wish:
        """From an address's query."""
        state, stance = asked.get("state"), asked.get("stance")
        return cls(
            State(state) if state in QUEUES else State.PENDING,
            asked.get("consultation", "")[:200],
            asked.get("language", "")[:20],
            Stance(stance) if stance in set(Stance) else None,
        )

    @property
    def address(self) -> dict[str, Any]:
        """For an address: only what differs from the plain queue."""
        asked = {"consultation": self.consultation, "language": self.language, "stance": str(self.stance or "")}
        state = {} if self.state is State.PENDING else {"state": str(self.state)}
        return state | {name: value for name, value in asked.items() if value}


@dataclass(frozen=True)
class Standing:
    """One queue: how many wait in it, and since when the oldest does."""

    state: State
    count: int
    oldest: datetime | None


@dataclass(frozen=True)
class Waiting:
    """A submission in the queue, without a name."""

    id: int
    reference: str
    received_at: datetime
    language: str
    consultation: str
    body: str
    body_language: str
    stance_list: str
    comments: int
    place: str
    own: bool
    same: int  # how many submissions have these words, this one included; counted up to SAME

    @property
    def personal(self) -> bool:
        """Whether its first words look as if they held a way to reach somebody."""
        return bool(personal_details(self.body))

    @property
    def stances(self) -> list[str]:
        return self.stance_list.split(",") if self.stance_list else []


@dataclass(frozen=True)
class Queue:
    wish: Wish
    standings: Sequence[Standing]
    consultations: Sequence[tuple[str, str, int]]  # slug, title, how many wait in this queue
    items: Page[Waiting]


@dataclass(frozen=True)
class Said:
    """A comment where it stands: on a provision, to a question, or on the draft as a whole."""

    comment: Comment
    place: Place | None
    question: Question | None

    @property
    def mark(self) -> str:
        """What tells these words from others."""
        return mark_of(f"{self.comment.stance} {self.comment.body}")


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

    @property
    def decided(self) -> bool:
        return self.submission.state not in QUEUES

    @property
    def outcomes(self) -> list[Outcome]:
        """What can be decided now."""
        possible = {
            State.PENDING: [Outcome.PUBLISH, Outcome.RETURN, Outcome.WITHHOLD],
            State.RETURNED: [Outcome.PUBLISH, Outcome.WITHHOLD],
            State.PUBLISHED: [Outcome.WITHHOLD],
            State.WITHHELD: [Outcome.PUBLISH],
        }
        return possible.get(self.submission.state, [])

    @property
    def personal(self) -> set[str]:
        return {kind for item in self.said for kind in personal_details(item.comment.body)}

    @property
    def seen(self) -> str:
        """The marks of all its words: the form carries them, so that a change can be pointed at."""
        return " ".join(item.mark for item in self.said)


_FIRST, _OUTER, _TWIN = aliased(Comment), aliased(Provision), aliased(Submission)
"""Made once: an alias maps its columns when it is first used, and that is a tenth of the page's time."""


def queue(session: Session, moderator: Account, wish: Wish, *, after: str | None = None) -> Queue:
    """The queue, oldest first, with counts and the age of the oldest. Three statements, whatever waits."""
    counts = _counts(session)
    oldest = session.execute(
        select(*(
            select(func.min(Submission.received_at)).where(Submission.state == state).scalar_subquery()
            for state in QUEUES
        ))
    ).one()  # fmt: skip
    standings = [
        Standing(state, sum(row.n for row in counts if row.state is state), since)
        for state, since in zip(QUEUES, oldest, strict=True)
    ]
    here = [(row.slug, row.title, int(row.n)) for row in counts if row.state is wish.state and row.n]
    return Queue(wish, standings, here, _items(session, moderator, wish, after))


def following(session: Session, moderator: Account, wish: Wish, *, submission_id: int) -> int | None:
    """The next submission to decide: the one received after this, else the oldest; never one's own."""
    this = session.get(Submission, submission_id)
    if this is None:
        raise NotFound(_("There is no such submission."))
    ids = select(Submission.id).where(*_wished(wish), ~own_words(moderator), Submission.id != submission_id)
    ids = ids.order_by(Submission.received_at, Submission.id).limit(1)
    behind = tuple_(Submission.received_at, Submission.id) > tuple_(this.received_at, this.id)
    found = session.scalar(ids.where(behind))
    return found if found is not None else session.scalar(ids)


def case(session: Session, moderator: Account, submission_id: int) -> Case:
    """A submission with its words in context and what was decided on it so far. Raises NotFound."""
    twin = _TWIN
    copies = select(func.count()).where(
        twin.consultation_id == Submission.consultation_id, twin.text_hash == Submission.text_hash
    )
    row = session.execute(
        select(Submission, Consultation, own_words(moderator).label("own"), copies.scalar_subquery().label("copies"))
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .where(Submission.id == submission_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(_("There is no such submission."))
    past = session.execute(
        select(Decision, Account.display_name)
        .join(Account, Account.id == Decision.moderator_id)
        .where(Decision.submission_id == submission_id)
        .order_by(Decision.id.desc())
    )
    words = said(session, row[0])
    return Case(row[0], row[1], words, [Past(decision, name) for decision, name in past], row.own, row.copies)


def said(session: Session, submission: Submission) -> list[Said]:
    """What a submission says, each comment with the words it is about. Three statements at most."""
    comments = lists.comments_of(session, submission.id)
    asked = {}
    if any(comment.question_id for comment in comments):
        asked = {row.id: row for row in lists.questions(session, submission.consultation_id)}
    places = lists.places(session, submission.version_id).by_id if any(c.provision_id for c in comments) else {}
    return [
        Said(comment, places.get(comment.provision_id or 0), asked.get(comment.question_id or 0))
        for comment in comments
    ]


def _counts(session: Session) -> Sequence[Any]:
    """How many wait, by consultation and queue, from the running counts."""
    return session.execute(
        select(Consultation.slug, Consultation.title, Tally.state, func.sum(Tally.n).label("n"))
        .join(Consultation, Consultation.id == Tally.consultation_id)
        .where(Tally.provision_id.is_(None), Tally.state.in_(QUEUES))
        .group_by(Consultation.id, Tally.state)
        .order_by(Consultation.closes_at, Consultation.id)
    ).all()


def _wished(wish: Wish) -> list[ColumnElement[bool]]:
    where = [Submission.state == wish.state]
    if wish.consultation:
        named = select(Consultation.id).where(Consultation.slug == wish.consultation).scalar_subquery()
        where.append(Submission.consultation_id == named)
    if wish.language:
        where.append(Submission.language == wish.language)
    if wish.stance:
        one = select(Comment.id).where(Comment.submission_id == Submission.id, Comment.stance == wish.stance)
        where.append(one.exists())
    return where


def _items(session: Session, moderator: Account, wish: Wish, after: str | None) -> Page[Waiting]:
    query = _waiting(moderator).where(*_wished(wish)).order_by(Submission.received_at, Submission.id).limit(PAGE + 1)
    if (last := decode(after, 2)) is not None:
        query = query.where(tuple_(Submission.received_at, Submission.id) > tuple_(*_key(last)))
    rows = [Waiting(*row) for row in session.execute(query)]
    return page(rows, PAGE, lambda row: [row.received_at.isoformat(), row.id])


def _waiting(moderator: Account) -> Select[Any]:
    """The columns of Waiting: of the words only the first, and of the place only its number."""
    first, outer, twin = _FIRST, _OUTER, _TWIN
    own = Comment.submission_id == Submission.id
    same = (twin.consultation_id == Submission.consultation_id) & (twin.text_hash == Submission.text_hash)
    twins = select(twin.id).where(same).correlate(Submission).limit(SAME).subquery()
    stances = select(func.string_agg(Comment.stance.distinct(), ",", type_=Text)).where(own).scalar_subquery()
    return (
        select(
            Submission.id, Submission.reference, Submission.received_at, Submission.language, Consultation.title,
            func.left(first.body, 600), first.language, func.coalesce(stances, ""),
            select(func.count()).where(own, Comment.question_id.is_(None)).scalar_subquery(),
            func.coalesce(outer.number, "") + func.coalesce(Provision.number, ""), own_words(moderator),
            select(func.count()).select_from(twins).scalar_subquery(),
        )
        .join(Consultation, Consultation.id == Submission.consultation_id)
        .outerjoin(first, and_(first.submission_id == Submission.id, first.position == 0))
        .outerjoin(Provision, Provision.id == first.provision_id)
        .outerjoin(outer, and_(outer.id == Provision.parent_id, Provision.kind == ProvisionKind.POINT))
    )  # fmt: skip


def _key(last: list[Any]) -> tuple[datetime, int]:
    """Where the last page ended. Raises NotFound for a cursor this site did not make."""
    try:
        return datetime.fromisoformat(last[0]).astimezone(UTC), int(last[1]) % 2**63
    except (TypeError, ValueError, OverflowError) as error:
        raise NotFound(_("This page of the list does not exist. Start from its first page.")) from error
