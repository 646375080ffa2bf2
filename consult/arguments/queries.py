"""Queries for statements and arguments. The words are read from the comment while it is public."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from consult.accounts.model import Account
from consult.analysis.kinds import MIN_COPIES
from consult.analysis.model import Campaign
from consult.analysis.text.kept_words import mask_names
from consult.arguments import encoder
from consult.arguments.claims import statement_proof
from consult.arguments.model import (
    Argument,
    ArgumentAct,
    ArgumentActKind,
    ArgumentGround,
    Claim,
    MergeSuggestion,
    StatementPart,
)
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.submissions.model import Comment, State, Submission

PAGE = 25
_FEW = 4
"""The number of statements on a part of the draft that triggers its first proposal of arguments."""
_AGAIN = 10
_EACH = 20
"""The maximum number of arguments listed per part and type."""
_ACTS = 50
_CHUNK = 5_000


LARGEST_FIRST = (Argument.submissions.desc(), Argument.voices.desc(), Argument.name.is_(None), Argument.id)
"""Sort order: by the number of submissions counted in an argument, then of its authors."""


_SORTED = or_(Claim.campaign_id.is_(None), Claim.argument_id.is_not(None))
"""Without sentences of campaign letters that are in no argument."""


@dataclass(frozen=True)
class StatementQuote:
    """A statement as shown: its words and their position."""

    id: int
    text: str
    language: str
    comment_id: int
    reference: str
    name: str | None
    kept: bool
    stance: str
    place: str
    part: StatementPart | None = None


@dataclass(frozen=True)
class ArgumentHistoryEntry:
    """An action of a person on an argument."""

    act: ArgumentAct
    who: str
    other: Argument | None

    @property
    def deed(self) -> ArgumentActKind:
        return self.act.deed


def list_due(session: Session) -> Sequence[tuple[int, str]]:
    """Return the parts of the draft whose arguments should be proposed again.

    Enough statements are new, or the rules or the encoder changed.
    """
    rows = session.execute(
        select(ArgumentGround.consultation_id, ArgumentGround.place)
        .where(
            or_(
                (ArgumentGround.rule == 0) & (ArgumentGround.fresh >= _FEW),
                (ArgumentGround.rule > 0) & (ArgumentGround.fresh >= func.greatest(_AGAIN, ArgumentGround.size / 2)),
                (ArgumentGround.rule > 0) & (ArgumentGround.encoder != encoder.name()),
            )
        )
        .order_by(ArgumentGround.consultation_id, ArgumentGround.place)
        .limit(1_000)
    )
    return [(row[0], row[1]) for row in rows]


def list_unfinished(session: Session) -> Sequence[tuple[int, str]]:
    """Return the parts of the draft with statements that still have to be assigned to the nearest argument."""
    rows = session.execute(
        select(ArgumentGround.consultation_id, ArgumentGround.place)
        .where(ArgumentGround.rest != {})
        .order_by(ArgumentGround.consultation_id, ArgumentGround.place)
        .limit(1_000)
    )
    return [(row[0], row[1]) for row in rows]


def list_encoders(session: Session, consultation_id: int) -> Sequence[str]:
    """Return the encoders with which the statements of a consultation were compared.

    An empty string means words only.
    """
    return session.scalars(
        select(ArgumentGround.encoder)
        .where(ArgumentGround.consultation_id == consultation_id, ArgumentGround.rule > 0)
        .distinct()
        .order_by(ArgumentGround.encoder)
    ).all()


def list_places(session: Session, consultation_id: int) -> Sequence[str]:
    """Return the keys of parts of the draft with statements."""
    return session.scalars(
        select(ArgumentGround.place)
        .where(ArgumentGround.consultation_id == consultation_id)
        .order_by(ArgumentGround.place)
    ).all()


def get_words(session: Session, claim_ids: Collection[int]) -> dict[int, str]:
    """Return the words of statements by ID, if they are still public and unchanged."""
    wanted = sorted(claim_ids)
    found: dict[int, str] = {}
    for first in range(0, len(wanted), _CHUNK):
        rows = session.execute(
            select(Claim.id, _words_column(), Claim.proof)
            .join(Comment, Comment.id == Claim.comment_id)
            .where(Claim.id.in_(wanted[first : first + _CHUNK]), Comment.shown)
        )
        found |= {number: mask_names(words) for number, words, stamp in rows if statement_proof(words) == bytes(stamp)}
    return found


def _words_column() -> ColumnElement[str]:
    body = func.coalesce(Comment.redacted_body, Comment.body)
    return func.substr(body, Claim.start + 1, Claim.end - Claim.start)


def list_quotes(
    session: Session, argument_id: int, *, after: str | None = None, most: int = PAGE
) -> Page[StatementQuote]:
    """Return a page of the public statements of an argument."""
    return _quote_page(session, [Claim.argument_id == argument_id], after, most)


def list_unplaced(
    session: Session, consultation_id: int, *, place: str | None, after: str | None
) -> Page[StatementQuote]:
    """Return a page of statements that are in no argument, on one part of the draft or on all."""
    where = [Claim.consultation_id == consultation_id, Claim.argument_id.is_(None), Claim.campaign_id.is_(None)]
    return _quote_page(session, where if place is None else [*where, Claim.place == place], after, PAGE)


def _quote_page(
    session: Session, where: Sequence[ColumnElement[bool]], after: str | None, most: int
) -> Page[StatementQuote]:
    rows = session.execute(
        _select_quotes().where(*where, Claim.id > (decode_id_cursor(after) or 0)).limit(most + 1)
    ).all()
    found = make_page(rows, most, lambda row: [row.Claim.id])
    return Page([one for row in found.items if (one := _to_quote(row))], found.next_cursor)


def get_quotes(session: Session, claim_ids: Collection[int]) -> dict[int, StatementQuote]:
    """Return statements by ID. Statements whose words are not public are left out."""
    rows = session.execute(_select_quotes().where(Claim.id.in_(claim_ids)))
    return {one.id: one for row in rows if (one := _to_quote(row))}


def list_by_text(
    session: Session, consultation_id: int, text_hash: bytes
) -> Sequence[tuple[StatementQuote, Argument | None]]:
    """Return the public statements of one text, each with its argument. Uses one query."""
    rows = session.execute(
        _select_quotes()
        .add_columns(Argument)
        .outerjoin(Argument, Argument.id == Claim.argument_id)
        .where(Claim.consultation_id == consultation_id, Claim.text_hash == text_hash, _SORTED)
    )
    return [(one, row[4]) for row in rows if (one := _to_quote(row[:4]))]


def list_letters(session: Session, argument_id: int) -> Sequence[int]:
    """Return the IDs of public campaigns whose letter makes this demand."""
    return session.scalars(
        select(Campaign.id)
        .distinct()
        .join(Claim, Claim.campaign_id == Campaign.id)
        .where(Claim.argument_id == argument_id, Campaign.published >= MIN_COPIES)
        .limit(_EACH)
    ).all()


def list_samples(session: Session, argument_ids: Collection[int], *, each: int = 1) -> dict[int, list[StatementQuote]]:
    """Return a few statements of each argument: requests, then sentences of campaign letters, then about two lines."""
    first = (
        Claim.part.is_not(None) & (Claim.part != "ask"),
        Claim.campaign_id.is_(None),
        func.abs(Claim.end - Claim.start - 130),
        Claim.id,
    )
    ranked = (
        select(Claim.id, func.row_number().over(partition_by=Claim.argument_id, order_by=first).label("n"))
        .join(Comment, Comment.id == Claim.comment_id)
        .where(Claim.argument_id.in_(argument_ids), Comment.shown)
        .subquery()
    )
    samples: dict[int, list[StatementQuote]] = {}
    for row in session.execute(
        _select_quotes()
        .join(ranked, ranked.c.id == Claim.id)
        .where(ranked.c.n <= each)
        .order_by(None)
        .order_by(ranked.c.n)
    ):
        if one := _to_quote(row):
            samples.setdefault(row.Claim.argument_id, []).append(one)
    return samples


def execute_sample(session: Session, statement: Any, **values: Any) -> list[tuple[Argument, StatementQuote | None]]:
    """Run a statement made by `select_with_sample`."""
    return [(row[0], _to_quote(row[1:]) if row[1] else None) for row in session.execute(statement, values)]


def select_with_sample(wanted: Select[int]) -> Any:
    """Return a query for arguments, most authors first, each with one public statement of about two lines."""
    one = aliased(Claim)
    best = (
        select(one.id)
        .join(Comment, Comment.id == one.comment_id)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(one.argument_id == Argument.id, Comment.shown, Submission.state == State.PUBLISHED)
        .order_by(func.abs(one.end - one.start - 130), one.id)
        .limit(1)
        .correlate(Argument)
        .scalar_subquery()
    )
    return (
        select(Argument, Claim, _words_column().label("words"), Comment.language, Submission)
        .select_from(Argument)
        .outerjoin(Claim, Claim.id == best)
        .outerjoin(Comment, Comment.id == Claim.comment_id)
        .outerjoin(Submission, Submission.id == Comment.submission_id)
        .where(Argument.id.in_(wanted))
        .order_by(*LARGEST_FIRST)
    )


def _select_quotes() -> Select[Claim, str, str, Submission]:
    return (
        select(Claim, _words_column().label("words"), Comment.language, Submission)
        .join(Comment, Comment.id == Claim.comment_id)
        .join(Submission, Submission.id == Comment.submission_id)
        .where(Comment.shown, Submission.state == State.PUBLISHED)
        .order_by(Claim.id)
    )


def _to_quote(row: Row[Claim, str, str, Submission] | tuple[Any, ...]) -> StatementQuote | None:
    claim, words, language, submission = row
    if statement_proof(words) != bytes(claim.proof):
        return None
    return StatementQuote(
        claim.id,
        mask_names(words),
        language,
        claim.comment_id,
        submission.reference,
        submission.public_name,
        claim.kept,
        claim.stance,
        claim.place,
        claim.part,
    )


def get_argument(session: Session, number: int) -> Argument:
    """Return the argument with this ID, following merges. Raises NotFound."""
    row = session.get(Argument, number)
    for _step in range(20):
        if row is None or row.merged_into_id is None:
            break
        row = session.get(Argument, row.merged_into_id)
    if row is None:
        raise NotFound(_("We cannot find an argument with this number."))
    return row


def list_arguments(
    session: Session, consultation_id: int, *, place: str | None = None, most: int = _EACH, checked: bool = False
) -> Sequence[Argument]:
    """Return current arguments, the largest on each part and type first. `checked`: only those a person checked."""
    where = [
        Argument.consultation_id == consultation_id,
        Argument.merged_into_id.is_(None),
        Argument.statements > 0,
        *([] if place is None else [Argument.place == place]),
        *([Argument.checked] if checked else []),
    ]
    ranked = (
        select(
            Argument.id,
            func.row_number().over(partition_by=(Argument.place, Argument.stance), order_by=LARGEST_FIRST).label("n"),
        )
        .where(*where)
        .subquery()
    )
    return session.scalars(
        select(Argument).join(ranked, ranked.c.id == Argument.id).where(ranked.c.n <= most).order_by(*LARGEST_FIRST)
    ).all()


def list_alike(session: Session, argument_id: int) -> Mapping[int, float]:
    """Return the likeness of arguments that may make the same point as this one, by ID, at most 1."""
    pair = MergeSuggestion.argument_id, MergeSuggestion.other_id
    rows = session.execute(select(*pair, MergeSuggestion.likeness).where(or_(*(one == argument_id for one in pair))))
    return {other if one == argument_id else one: likeness for one, other, likeness in rows}


def list_siblings(session: Session, row: Argument) -> Sequence[Argument]:
    """Return the other arguments on the same part of the draft, those with the same type first."""
    arguments = list_arguments(session, row.consultation_id, place=row.place, most=100)
    return sorted((other for other in arguments if other.id != row.id), key=lambda other: other.stance != row.stance)


def count_by_place(session: Session, consultation_id: int) -> Mapping[str, tuple[int, int]]:
    """Return for each part of the draft the number of statements, and how many of them are in an argument."""
    rows = session.execute(
        select(Claim.place, func.count(), func.count(Claim.argument_id))
        .where(Claim.consultation_id == consultation_id, _SORTED)
        .group_by(Claim.place)
        .order_by(Claim.place)
    )
    return {place: (total, placed) for place, total, placed in rows}


def list_history(session: Session, argument_id: int) -> Sequence[ArgumentHistoryEntry]:
    """Return the actions of people on an argument, latest first."""
    rows = session.execute(
        select(ArgumentAct, Account.display_name, Argument)
        .join(Account, Account.id == ArgumentAct.account_id)
        .outerjoin(Argument, Argument.id == ArgumentAct.other_id)
        .where(ArgumentAct.argument_id == argument_id)
        .order_by(ArgumentAct.id.desc())
        .limit(_ACTS)
    )
    return [ArgumentHistoryEntry(*row) for row in rows]
