# ruff: noqa: S608 - statements put together from constants of this file
"""Items of the workbench: campaign letters, copies with added words, and other texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.analysis.campaigns import queries as campaigns
from consult.analysis.model import Campaign
from consult.core.clock import now
from consult.core.database.sql_files import read_sql
from consult.positions import reading_order
from consult.positions.model import SIDE_OF_STANCE, Side, Unit
from consult.submissions.model import Comment, Submission

_BY_TYPES = " ".join(f"WHEN ' {stance}' = ANY(a.places) THEN '{side}'" for stance, side in SIDE_OF_STANCE.items())
OWN_SIDE = f"coalesce(s.side, CASE {_BY_TYPES} END)"
"""SQL: the side that the author of a row `a` of readable_analysis_counted, and `s` of readable_submission, chose for
the draft as a whole, else the one of the types of comments on it."""
DECIDED = """SELECT DISTINCT ON (unit, key) id, unit, key, seen, side FROM position
    WHERE consultation_id = :consultation AND at <= :as_of ORDER BY unit, key, id DESC"""
"""SQL: the decisions that held at a moment."""
_UNSAID = f"""SELECT DISTINCT ON (a.text_hash) a.text_hash, a.submission_id
    FROM readable_analysis_counted a JOIN readable_submission s ON s.id = a.submission_id
    WHERE a.consultation_id = :consultation AND a.state = 'published' AND ' any' = ANY(a.places) AND {OWN_SIDE} IS NULL
    ORDER BY a.text_hash, a.submission_id"""
"""SQL: each text that speaks of the draft as a whole and whose author chose no side, with one submission."""
WANTS = f"""coalesce(s.side,
    (SELECT own.side FROM readable_comment c JOIN (VALUES {
    ", ".join(f"({n}, '{stance}', '{side}')" for n, (stance, side) in enumerate(SIDE_OF_STANCE.items()))
}) AS own (rank, stance, side) ON own.stance = c.counted_as
        WHERE c.submission_id = s.id AND c.provision_id IS NULL AND c.question_id IS NULL ORDER BY own.rank LIMIT 1),
    (SELECT coalesce(
        (SELECT p.side FROM position p WHERE p.consultation_id = a.consultation_id AND p.unit = 'text'
            AND p.key = encode(a.text_hash, 'hex') AND p.at <= :as_of ORDER BY p.id DESC LIMIT 1),
        (SELECT CASE WHEN p.seen = encode(k.letter_hash, 'hex') THEN p.side END FROM position p
            JOIN readable_campaign k ON k.id = g.campaign_id
            WHERE p.consultation_id = a.consultation_id AND p.unit = 'letter' AND p.key = g.campaign_id::text
                AND p.at <= :as_of ORDER BY p.id DESC LIMIT 1))
    FROM readable_analysis_counted a
    JOIN readable_text_group g ON g.consultation_id = a.consultation_id AND g.text_hash = a.text_hash
    WHERE a.submission_id = s.id))"""
"""SQL: the side of a row `s` of readable_submission, by the decisions that held `as_of` a moment."""
ON_WHOLE = """(s.side IS NOT NULL OR EXISTS (SELECT 1 FROM readable_comment c
    WHERE c.submission_id = s.id AND c.provision_id IS NULL AND c.question_id IS NULL))"""
"""SQL: whether a row `s` of readable_submission speaks of the draft as a whole."""
_LETTERS = text(read_sql(__file__, "list_letters", unsaid=_UNSAID, decided=DECIDED))
_ADDED = text(
    read_sql(
        __file__,
        "list_texts",
        unsaid=_UNSAID,
        decided=DECIDED,
        which="g.campaign_id IS NOT NULL AND (g.adds OR g.swapped)",
        order="g.text_hash",
    )
)
_TEXTS = text(
    read_sql(
        __file__, "list_texts", unsaid=_UNSAID, decided=DECIDED, which="g.campaign_id IS NULL", order="g.text_hash"
    )
)
"""Texts outside letters, by their hashes: an order that has nothing to do with what they say, so its beginning is a
random sample."""


@dataclass(frozen=True)
class StepProgress:
    """The number of items of a step, of those decided, and of the submissions they stand for."""

    decided: int = 0
    all: int = 0
    submissions: int = 0

    @property
    def left(self) -> int:
        return self.all - self.decided


@dataclass(frozen=True)
class Item:
    """A text to decide on once.

    `copies` published submissions have these words; `seen` is the hash of what was read.
    """

    unit: Unit
    key: str
    seen: str
    copies: int
    side: Side | None = None
    decision: int = 0
    campaign_id: int | None = None
    letter_side: Side | None = None
    submission_id: int | None = None
    adding: int = 0
    is_changed: bool = False
    """The letter's words changed since they were decided on."""
    rank: float = 0
    """The score by which a copy with added words is read, from 0 to 1. The highest are read first."""

    @property
    def opposes(self) -> bool | None:
        """Return True if a copy takes another side than its letter, None if nobody decided."""
        return None if self.side is None else self.side not in (self.letter_side, Side.NEITHER)


@dataclass(frozen=True)
class ItemWords:
    """The words of an item in paragraphs, with the language and the reference of a submission that has them."""

    paragraphs: Sequence[str]
    language: str
    reference: str = ""
    title: str = ""


def list_letters(session: Session, consultation_id: int, as_of: datetime) -> list[Item]:
    """Return campaign letters, most published copies first. Uses one query."""
    return [
        Item(
            Unit.LETTER,
            str(row.campaign),
            row.seen,
            row.copies,
            side=Side(row.side) if row.side and row.decided_seen == row.seen else None,
            decision=row.decision or 0,
            campaign_id=row.campaign,
            adding=row.adding,
            is_changed=bool(row.side) and row.decided_seen != row.seen,
        )
        for row in session.execute(_LETTERS, {"consultation": consultation_id, "as_of": as_of})
    ]


def find_letter(session: Session, consultation_id: int, campaign_id: int | None) -> Item | None:
    """Return a letter of a consultation, if it has published copies on the draft as a whole."""
    letters = list_letters(session, consultation_id, now())
    return next((item for item in letters if item.campaign_id == campaign_id), None)


def list_added(session: Session, consultation_id: int, as_of: datetime) -> list[Item]:
    """Return copies with added or swapped words in reading order, the largest letter first. Uses one query."""
    letters: dict[int | None, list[Item]] = {}
    for item in _list_texts(session, consultation_id, as_of, added=True):
        letters.setdefault(item.campaign_id, []).append(item)
    ordered = sorted(letters.values(), key=lambda copies: -sum(item.copies for item in copies))
    return [item for copies in ordered for item in _order_copies(copies)]


def _order_copies(copies: Sequence[Item]) -> list[Item]:
    """Return the copies of one letter: the unread ones in reading order, then those decided."""
    unread = [copies[at] for at in reading_order.order_reading(make_ranked(copies))]
    return [*unread, *(item for item in copies if item.side is not None)]


def make_ranked(copies: Sequence[Item]) -> list[reading_order.Ranked]:
    """Return copies of one letter as the ranking reads them. The order of their hashes is random."""
    places = {key: place for place, key in enumerate(sorted(item.key for item in copies))}
    return [
        reading_order.Ranked(places[item.key], item.rank, item.copies, item.opposes, item.decision) for item in copies
    ]


def list_texts(session: Session, consultation_id: int, as_of: datetime) -> list[Item]:
    """Return texts without a campaign letter in a stable random order. Uses one query."""
    return _list_texts(session, consultation_id, as_of, added=False)


def _list_texts(session: Session, consultation_id: int, as_of: datetime, *, added: bool) -> list[Item]:
    return [
        Item(
            Unit.TEXT,
            row.hash,
            row.hash,
            row.copies,
            side=Side(row.side) if row.side else None,
            decision=row.decision or 0,
            campaign_id=row.campaign,
            letter_side=Side(row.letter_side) if row.letter_side else None,
            submission_id=row.submission_id,
            rank=1 - row.share if row.opposition is None else row.opposition,
        )
        for row in session.execute(_ADDED if added else _TEXTS, {"consultation": consultation_id, "as_of": as_of})
    ]


def count_progress(items: Sequence[Item]) -> StepProgress:
    """Return how many of these items are decided."""
    return StepProgress(sum(item.side is not None for item in items), len(items), sum(item.copies for item in items))


def select_random_sample(texts: Sequence[Item]) -> list[Side]:
    """Return the decisions on texts before the first unread one. Later ones may not be a random sample."""
    sample: list[Side] = []
    for item in texts:
        if item.side is None:
            break
        sample.append(item.side)
    return sample


def load_words(session: Session, item: Item) -> ItemWords:
    """Return the published text of an item."""
    if item.unit is Unit.LETTER:
        row = session.get_one(Campaign, item.campaign_id)
        letter = campaigns.summarise_campaigns(session, [row], published=True)[0]
        return ItemWords(split_paragraphs(letter.words), "", title=letter.title)
    rows = session.execute(
        select(Comment, Submission.reference)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Comment.submission_id == item.submission_id, Comment.shown)
        .order_by(Comment.position)
    ).all()
    words = "\n".join(comment.public_body for comment, _reference in rows)
    first, reference = rows[0] if rows else (None, "")
    return ItemWords(split_paragraphs(words), first.language if first else "", reference)


def split_paragraphs(words: str) -> list[str]:
    """Return the lines of a text that are not blank."""
    return [part for part in words.split("\n") if part.strip()]
