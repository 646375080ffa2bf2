"""Reads of campaigns: letters, copies, and what members add, leave out and contradict.

For moderation and digests. Results are as of the ledger number that the analysis has reached. The cost depends on the
rows shown, not on all rows: counts are stored, lists use keysets (`after` is the last id of the page before).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import Session

from consult.analysis.kinds import MIN_COPIES, ContradictionCheck, StatementKind, TextKind
from consult.analysis.model import Campaign, CountedSubmission, Statement, TextGroup
from consult.core.text import excerpt
from consult.submissions.model import Comment, State


@dataclass(frozen=True)
class CampaignOverview:
    """One campaign. Counts are of submissions that stand (neither withdrawn nor erased), `published` of those; where
    it is shown to the public `texts`, `exact`, `adding`, `contrary` and `confirmed` are of the published ones."""

    id: int
    consultation_id: int
    name: str | None
    organiser: str | None
    consent: bool
    declared_at: datetime | None
    detected: bool
    members: int
    published: int
    texts: int
    exact: int
    adding: int
    contrary: int
    """Members that seem to contradict the letter; `confirmed` of these a person confirmed, the rest nobody checked."""
    confirmed: int
    words: str
    """The letter: as declared, else as a member wrote it."""
    both: int = 0
    """Published members that add words of their own and seem to contradict the letter."""
    template: bool = False
    """Its texts were spun from one template: none is the letter, and `texts` are its variants."""
    judged: bool | None = None
    """Who contradicts it was last told by meaning too, or by rules alone; none where nobody's words were compared."""

    @property
    def declared(self) -> bool:
        return self.declared_at is not None

    @property
    def title(self) -> str:
        """Its name, or the first words of the letter."""
        return self.name or excerpt(self.words, 80)


@dataclass(frozen=True)
class SubmissionClassification:
    """A submission's class and campaign, and whether it adds to the letter or contradicts it."""

    submission_id: int
    kind: TextKind
    campaign_id: int | None
    share: float
    adds: bool
    contrary: bool
    checked: ContradictionCheck | None
    copies: int
    """How many submissions that stand have exactly these words."""


@dataclass(frozen=True)
class MemberStatement:
    """A statement of members: words with the comment they are of; `copies` submissions say them alike.

    `comment.body[start:end] == text`; removed words are the letter's, and `start == end`.
    """

    id: int
    kind: StatementKind
    text: str
    comment_id: int
    submission_id: int
    start: int
    end: int
    copies: int
    published: bool
    redacted: bool
    """The comment has covered words: show `text` only where `comment.public_body` still holds it."""
    confirmed: bool = False
    """A person confirmed that it contradicts; else that is suggested, and not checked."""
    confidence: float | None = None


def list_campaigns(session: Session, consultation_id: int, *, also_empty: bool = False) -> list[CampaignOverview]:
    """The campaigns of a consultation, largest first: declared, or with members; a campaign once had five.

    `also_empty`: those without members too, for whoever looks after a decision of long ago.
    """
    rows = session.scalars(
        select(Campaign)
        .where(
            Campaign.consultation_id == consultation_id,
            *([] if also_empty else [or_(Campaign.members > 0, Campaign.letter.is_not(None))]),
        )
        .order_by(Campaign.members.desc(), Campaign.id)
    ).all()
    return summarise_campaigns(session, rows)


def get_campaign(session: Session, campaign_id: int) -> CampaignOverview | None:
    """One campaign, also one that shrank."""
    row = session.get(Campaign, campaign_id, populate_existing=True)
    return summarise_campaigns(session, [row])[0] if row else None


def get_classifications(session: Session, submission_ids: Sequence[int]) -> Mapping[int, SubmissionClassification]:
    """Where submissions stand; one that the analysis has not followed to yet is left out."""
    rows = session.execute(
        select(
            CountedSubmission.submission_id,
            TextGroup.kind,
            TextGroup.campaign_id,
            TextGroup.share,
            TextGroup.adds,
            TextGroup.contrary,
            TextGroup.checked,
            TextGroup.standing,
        )
        .join(TextGroup, _same_text(CountedSubmission))
        .where(CountedSubmission.submission_id.in_(submission_ids))
    )
    return {row[0]: SubmissionClassification(*row) for row in rows}


def list_members(
    session: Session,
    campaign_id: int,
    *,
    exact: bool | None = None,
    contrary: bool | None = None,
    adds: bool | None = None,
    state: State | None = None,
    after: int = 0,
    most: int = 50,
) -> list[int]:
    """Ids of the submissions of a campaign, ascending: all, or the letter word for word, those that contradict it,
    those that add to it; in one state, if asked. Without `state`: all that stand."""
    chosen: list[ColumnElement[bool]] = [TextGroup.campaign_id == campaign_id, CountedSubmission.submission_id > after]
    if exact is not None:
        chosen.append((TextGroup.kind == TextKind.EXACT) if exact else (TextGroup.kind == TextKind.LETTER))
    if contrary is not None:
        chosen.append(TextGroup.contrary.is_(contrary))
    if adds is not None:
        chosen.append(TextGroup.adds.is_(adds))
    gone = (State.WITHDRAWN, State.ERASED)
    chosen.append(CountedSubmission.state == state if state else CountedSubmission.state.not_in(gone))
    return list(
        session.scalars(
            select(CountedSubmission.submission_id)
            .join(TextGroup, _same_text(CountedSubmission))
            .where(*chosen)
            .order_by(CountedSubmission.submission_id)
            .limit(most)
        )
    )


def list_statements(
    session: Session,
    campaign_id: int,
    *,
    kinds: Sequence[StatementKind] = (StatementKind.ADDED, StatementKind.CONTRARY),
    published: bool = True,
    contrary_first: bool = False,
    after: int = 0,
    most: int = 50,
) -> list[MemberStatement]:
    """What members of a campaign say beside their letter, each distinct text once, in the order it was found.

    `published`: only of comments the public may read. `contrary_first`: whoever reads the first few reads those.
    """
    return _list_statements(
        session,
        [Statement.campaign_id == campaign_id, Statement.kind.in_(kinds), Statement.id > after],
        published,
        most,
        [Statement.kind != StatementKind.CONTRARY] if contrary_first else [],
    )


def list_statements_of(session: Session, submission_id: int) -> list[MemberStatement]:
    """What one submission says beside its letter. Spans are of the submission whose spelling was read: where
    `submission_id` of a statement is another, the words are the same but for case, spaces and punctuation."""
    where = (
        select(CountedSubmission.consultation_id, CountedSubmission.text_hash)
        .where(CountedSubmission.submission_id == submission_id)
        .subquery()
    )
    return _list_statements(
        session,
        [Statement.consultation_id == where.c.consultation_id, Statement.text_hash == where.c.text_hash],
        False,
        1_000,
    )


def list_statements_by_text(
    session: Session, consultation_id: int, text_hashes: Collection[bytes]
) -> dict[bytes, list[MemberStatement]]:
    """What these texts say beside or against their letters, in two statements however many they are."""
    chosen = [
        Statement.consultation_id == consultation_id,
        Statement.text_hash.in_(text_hashes),
        Statement.kind.in_((StatementKind.ADDED, StatementKind.CONTRARY)),
    ]
    said = {one.id: one for one in _list_statements(session, chosen, False, 1_000)}
    found: dict[bytes, list[MemberStatement]] = defaultdict(list)
    for number, text_hash in session.execute(
        select(Statement.id, Statement.text_hash).where(*chosen).order_by(Statement.id)
    ):
        if number in said:
            found[bytes(text_hash)].append(said[number])
    return found


def mark_contradiction(said: Sequence[MemberStatement]) -> list[list[tuple[str, bool]]]:
    """What one submission says beside its letter, in pieces: words, and whether they seem to contradict the letter."""
    against = [one for one in said if one.kind is StatementKind.CONTRARY]
    shown = []
    for one in said:
        if one.kind is StatementKind.ADDED:
            pieces, at = [], one.start
            for mark in against:
                if mark.comment_id == one.comment_id and at <= mark.start < mark.end <= one.end:
                    pieces += [(one.text[at - one.start : mark.start - one.start], False), (mark.text, True)]
                    at = mark.end
            shown.append([(words, marked) for words, marked in [*pieces, (one.text[at - one.start :], False)] if words])
    inside = {words for pieces in shown for words, marked in pieces if marked}
    return [[(one.text, True)] for one in against if one.text not in inside] + shown


def list_passages_around(session: Session, campaign_id: int, said: Sequence[MemberStatement]) -> list[MemberStatement]:
    """Statements with the own words of the same comments, in which they stand; only of comments the public may read."""
    chosen = [Statement.campaign_id == campaign_id, Statement.kind == StatementKind.ADDED]
    comments = {one.comment_id for one in said}
    around = _list_statements(session, [*chosen, Statement.comment_id.in_(comments)], True, _PASSAGES) if said else []
    return [*said, *around]


def count_coverage(session: Session, consultation_id: int) -> tuple[int, int]:
    """Published submissions that are of a campaign, and published ones in all."""
    rows = session.execute(_COVERAGE, {"consultation": consultation_id}).one()
    return int(rows[0]), int(rows[1])


_PASSAGES = 500
_COVERAGE = text(
    """
    SELECT coalesce(sum(published) FILTER (WHERE kind IN ('exact', 'letter')), 0), coalesce(sum(published), 0)
    FROM class_count WHERE consultation_id = :consultation
    """
)


def _same_text(counted: type[CountedSubmission]) -> ColumnElement[bool]:
    return (TextGroup.consultation_id == counted.consultation_id) & (TextGroup.text_hash == counted.text_hash)


_SAID_WORDS = func.coalesce(
    Statement.text, func.substr(Comment.body, Statement.start + 1, Statement.end - Statement.start)
)


def _list_statements(
    session: Session,
    chosen: Sequence[ColumnElement[bool]],
    published: bool,
    most: int,
    before: Sequence[ColumnElement[bool]] = (),
) -> list[MemberStatement]:
    shown = [Comment.shown] if published else []
    rows = session.execute(
        select(
            Statement.id,
            Statement.kind,
            _SAID_WORDS,
            Statement.comment_id,
            Comment.submission_id,
            Statement.start,
            Statement.end,
            TextGroup.standing,
            Comment.shown,
            Comment.redacted_body.is_not(None),
            func.coalesce(TextGroup.checked == ContradictionCheck.CONTRADICTS, False),
            Statement.confidence,
        )
        .join(Comment, Comment.id == Statement.comment_id)
        .join(
            TextGroup,
            (TextGroup.consultation_id == Statement.consultation_id) & (TextGroup.text_hash == Statement.text_hash),
        )
        .where(*chosen, *shown, (Statement.kind != StatementKind.CONTRARY) | TextGroup.contrary)
        .order_by(*before, Statement.id)
        .limit(most)
    )
    return [MemberStatement(*tuple(row)) for row in rows]


def list_largest(session: Session, consultation_id: int, most: int) -> Sequence[Campaign]:
    """The campaigns that the public may read of, by published copies."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.consultation_id == consultation_id, Campaign.published >= MIN_COPIES)
        .order_by(Campaign.published.desc(), Campaign.id)
        .limit(most)
    ).all()


def list_public_letters(session: Session, consultation_id: int, most: int) -> list[CampaignOverview]:
    """The largest letters that the public may read of, with their words where these may be read; no templates."""
    rows = [row for row in list_largest(session, consultation_id, most) if not row.template]
    return summarise_campaigns(session, rows, published=True)


def summarise_campaigns(
    session: Session, rows: Sequence[Campaign], *, published: bool = False
) -> list[CampaignOverview]:
    """The rows as they are shown; `published`: to the public, with the words of a letter only where its comment may be
    read, and with counts of what is published."""
    found = {row.id: row.letter for row in rows}
    unknown = [row for row in rows if row.letter is None]
    for row, words in zip(unknown, _letter_texts(session, unknown, published), strict=True):
        found[row.id] = words
    return [
        CampaignOverview(
            id=row.id,
            consultation_id=row.consultation_id,
            name=row.name,
            organiser=row.organiser,
            consent=row.consent,
            declared_at=row.declared_at,
            detected=row.detected,
            members=row.members,
            published=row.published,
            texts=row.public_texts if published else row.texts,
            exact=row.public_exact if published else row.exact,
            adding=row.public_adding if published else row.adding,
            contrary=row.public_contrary if published else row.contrary,
            confirmed=row.public_confirmed if published else row.confirmed,
            words=found[row.id] or "",
            both=row.public_both,
            template=row.template,
            judged=row.judged,
        )
        for row in rows
    ]


def _letter_texts(session: Session, rows: Sequence[Campaign], published: bool) -> list[str]:
    if not rows:
        return []
    samples = session.execute(
        select(TextGroup.consultation_id, TextGroup.text_hash, TextGroup.sample_id).where(
            TextGroup.consultation_id.in_({row.consultation_id for row in rows}),
            TextGroup.text_hash.in_([row.letter_hash for row in rows]),
        )
    )
    by_letter = {(consultation, bytes(key)): sample for consultation, key, sample in samples}
    ids = [by_letter.get((row.consultation_id, bytes(row.letter_hash))) for row in rows]
    said: dict[int, list[str]] = {}
    comments = session.execute(
        select(Comment.submission_id, Comment.body, Comment.redacted_body)
        .where(Comment.submission_id.in_([one for one in ids if one]), *([Comment.shown] if published else []))
        .order_by(Comment.submission_id, Comment.position)
    )
    for submission_id, body, redacted in comments:
        said.setdefault(submission_id, []).append(body if redacted is None else redacted)
    return ["\n".join(said.get(one or 0, [])) for one in ids]
