"""Queries for campaigns: letters, copies, and what members add, omit and contradict.

For moderation and digests. Results are as of the last ledger entry that the analysis has processed. The cost depends on
the rows shown, not on all rows: counts are stored, and lists use keyset pagination (`after` is the last ID of the
previous page).
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
from consult.analysis.text.kept_words import keep_words
from consult.core.text import excerpt
from consult.submissions.model import Comment, State


@dataclass(frozen=True)
class CampaignOverview:
    """A campaign with its counts.

    Counts include published and pending submissions, not withdrawn or erased ones. For the public, `texts`, `exact`,
    `adding` and `contrary` cover published submissions, and `contrary` only what a person confirmed.
    """

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
    """For moderators: members who seem to contradict the letter. A person has confirmed `confirmed` of them."""
    confirmed: int
    words: str
    """The letter: as declared, else as a member wrote it."""
    both: int = 0
    """The number of published members who add words of their own and were confirmed to contradict the letter."""
    template: bool = False
    """True if the texts were spun from one template. Then none is the letter, and `texts` counts the variants."""
    judged: bool | None = None
    """True if contradictions were last checked by meaning too, False if by rules only.

    None if nothing was compared.
    """

    @property
    def declared(self) -> bool:
        return self.declared_at is not None

    @property
    def title(self) -> str:
        """Return the campaign's name, or the first words of the letter without greeting and names."""
        return self.name or excerpt(keep_words(self.words), 80)


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
    """The number of published or pending submissions with exactly these words."""


@dataclass(frozen=True)
class MemberStatement:
    """Words of a member with the comment they are from. `copies` submissions contain the same words.

    `comment.body[start:end] == text`. Removed words are the letter's, and then `start == end`.
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
    """True if the comment has hidden words. Show `text` only if `comment.public_body` still contains it."""
    confirmed: bool = False
    """True if a person confirmed the contradiction; otherwise it is an unchecked suggestion."""
    confidence: float | None = None


def list_campaigns(session: Session, consultation_id: int, *, also_empty: bool = False) -> list[CampaignOverview]:
    """Return the campaigns of a consultation that are declared or have members, largest first.

    `also_empty` includes campaigns without members, needed to look up old decisions.
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
    """Return a campaign regardless of its size, or None."""
    row = session.get(Campaign, campaign_id, populate_existing=True)
    return summarise_campaigns(session, [row])[0] if row else None


def get_classifications(session: Session, submission_ids: Sequence[int]) -> Mapping[int, SubmissionClassification]:
    """Return classifications by submission ID. Submissions that the analysis has not processed yet are left out."""
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
    """Return the IDs of a campaign's submissions, ascending. Without `state`: published and pending ones.

    `exact`: unchanged copies; `contrary`: those that contradict the letter; `adds`: those that add to it.
    """
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
    """Return what members say in addition to their letter, each distinct text once, in the order found.

    `published`: only public comments, and contradictions only if a person confirmed them.
    """
    return _list_statements(
        session,
        [Statement.campaign_id == campaign_id, Statement.kind.in_(kinds), Statement.id > after],
        published,
        most,
        [Statement.kind != StatementKind.CONTRARY] if contrary_first else [],
    )


def list_statements_of(session: Session, submission_id: int) -> list[MemberStatement]:
    """Return what one submission says in addition to its letter.

    Spans refer to the submission whose spelling was read. If a statement has another `submission_id`, the words are the
    same except for case, spaces and punctuation.
    """
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
    """Return what texts say in addition to or against their letters, by text hash, with two queries."""
    chosen = [
        Statement.consultation_id == consultation_id,
        Statement.text_hash.in_(text_hashes),
        Statement.kind.in_((StatementKind.ADDED, StatementKind.CONTRARY)),
    ]
    said = {statement.id: statement for statement in _list_statements(session, chosen, False, 1_000)}
    statements: dict[bytes, list[MemberStatement]] = defaultdict(list)
    for number, text_hash in session.execute(
        select(Statement.id, Statement.text_hash).where(*chosen).order_by(Statement.id)
    ):
        if number in said:
            statements[bytes(text_hash)].append(said[number])
    return statements


def list_passages(said: Sequence[MemberStatement]) -> list[str]:
    """Return a submission's own passages. A changed sentence inside an added passage is not repeated."""
    added = [one.text for one in said if one.kind is StatementKind.ADDED]
    changed = [one.text for one in said if one.kind is StatementKind.CONTRARY]
    return [*(words for words in changed if not any(words in passage for passage in added)), *added]


def count_coverage(session: Session, consultation_id: int) -> tuple[int, int]:
    """Return the number of published submissions that belong to a campaign, and of all published ones."""
    rows = session.execute(_COVERAGE, {"consultation": consultation_id}).one()
    return int(rows[0]), int(rows[1])


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
    contrary = TextGroup.checked == ContradictionCheck.CONTRADICTS if published else TextGroup.contrary
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
        .where(*chosen, *shown, (Statement.kind != StatementKind.CONTRARY) | contrary)
        .order_by(*before, Statement.id)
        .limit(most)
    )
    return [MemberStatement(*tuple(row)) for row in rows]


def list_largest(session: Session, consultation_id: int, most: int) -> Sequence[Campaign]:
    """Return the public campaigns with the most published copies."""
    return session.scalars(
        select(Campaign)
        .where(Campaign.consultation_id == consultation_id, Campaign.published >= MIN_COPIES)
        .order_by(Campaign.published.desc(), Campaign.id)
        .limit(most)
    ).all()


def list_public_letters(session: Session, consultation_id: int, most: int) -> list[CampaignOverview]:
    """Return the largest public letters, with their words if these are public. Templates are excluded."""
    rows = [row for row in list_largest(session, consultation_id, most) if not row.template]
    return summarise_campaigns(session, rows, published=True)


def summarise_campaigns(
    session: Session, rows: Sequence[Campaign], *, published: bool = False
) -> list[CampaignOverview]:
    """Return campaign rows with their counts.

    If `published`, use counts of published submissions, and show a letter's words only if its comment is public.
    """
    campaigns = {row.id: row.letter for row in rows}
    unknown = [row for row in rows if row.letter is None]
    for row, words in zip(unknown, _letter_texts(session, unknown, published), strict=True):
        campaigns[row.id] = words
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
            contrary=row.public_confirmed if published else row.contrary,
            confirmed=row.public_confirmed if published else row.confirmed,
            words=campaigns[row.id] or "",
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
    texts: dict[int, list[str]] = {}
    comments = session.execute(
        select(Comment.submission_id, Comment.body, Comment.redacted_body)
        .where(Comment.submission_id.in_([number for number in ids if number]), *([Comment.shown] if published else []))
        .order_by(Comment.submission_id, Comment.position)
    )
    for submission_id, body, redacted in comments:
        texts.setdefault(submission_id, []).append(body if redacted is None else redacted)
    return ["\n".join(texts.get(number or 0, [])) for number in ids]
