"""Cached SQL statements of the comment lists, because building one takes longer than running it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    TableValuedAlias,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    not_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from consult.accounts.model import Organisation
from consult.consultations.model import Consultation, Phase, Question
from consult.core.db import literal_number
from consult.files.model import StoredFile
from consult.ledger.model import LedgerEntry
from consult.ledger.service import LAST_UNNUMBERED_SQL
from consult.submissions.comments.translations import translations_column
from consult.submissions.model import Comment, Placement, Stance, Submission

_PUBLIC = (
    Consultation.slug == bindparam("slug"),
    (Consultation.phase != Phase.DRAFT) | Consultation.practice_until.is_not(None),
)
"""Condition for a public consultation. Practice copies are opened for their owner only, in `consult/practice`."""


@lru_cache(maxsize=1)
def select_consultation() -> Select[Consultation]:
    return select(Consultation).where(*_PUBLIC)


@lru_cache(maxsize=1)
def select_stamp() -> Any:
    one = LedgerEntry.consultation_id == any_(array([Consultation.id]))  # uses the whole index, as in `listed`
    numbered = (
        select(LedgerEntry.number)
        .where(one, LedgerEntry.number.is_not(None))
        .order_by(LedgerEntry.consultation_id.desc(), LedgerEntry.number.desc())
        .limit(literal_number(1))
        .scalar_subquery()
    )
    waiting: ColumnElement[int] = literal_column(LAST_UNNUMBERED_SQL)
    checked = select(func.max(StoredFile.checked_at)).scalar_subquery()  # evidence that may be visible since
    return select(Consultation, numbered, waiting, checked).where(*_PUBLIC)


@lru_cache(maxsize=1)
def select_questions() -> Select[Question]:
    return select(Question).where(Question.consultation_id == bindparam("of")).order_by(Question.position)


@lru_cache(maxsize=1)
def select_published() -> Any:
    return (
        select(
            Comment.id,
            Comment.submission_id,
            Submission.reference,
            Comment.provision_id,
            Comment.question_id,
            Comment.stance,
            func.coalesce(Comment.redacted_body, Comment.body).label("body"),
            Comment.language,
            Submission.submitter_kind,
            Submission.name_rule,
            Submission.organisation_name,
            Submission.person_name,
            Submission.organisation_id,
            Organisation.kind,
            Submission.country,
            Submission.present,
            Submission.received_at,
            Comment.anchor,
            Comment.redactions,
            translations_column().label("translated"),
            original_anchor_column().label("made"),
            Comment.amendment,
            Comment.agrees_with,
            Comment.paper,
            Comment.paper_place,
        )
        .join(Submission, Submission.id == Comment.submission_id)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
    )


def original_anchor_column() -> ColumnElement[Any]:
    """Return a column with the original position of a moved comment: [provision id, anchor]."""
    made = func.jsonb_build_array(Placement.provision_id, Placement.anchor, type_=JSONB)
    first = select(made).where(Placement.comment_id == Comment.id).order_by(Placement.id)
    return first.limit(literal_number(1)).correlate(Comment).scalar_subquery()


@lru_cache(maxsize=1)
def select_comments() -> Any:
    these = Comment.submission_id == any_(bindparam("of", type_=ARRAY(BigInteger)))
    first = select(Comment, translations_column(), original_anchor_column()).where(
        these, Comment.position <= bindparam("upto")
    )
    return first.order_by(Comment.submission_id, Comment.position)


@lru_cache(maxsize=1)
def select_by_ids() -> Any:
    return select_published().where(Comment.id == any_(bindparam("of", type_=ARRAY(BigInteger))), Comment.shown)


@lru_cache(maxsize=4)
def select_newest_anchors(each: int) -> Select[Any]:
    these = provision_ids_table()
    latest = (
        select(Comment.anchor)
        .where(Comment.provision_id == these.c.id, Comment.shown, Comment.anchor.is_not(None))
        .order_by(Comment.provision_id.desc(), Comment.id.desc())
        .limit(each)
        .lateral("latest")
    )
    return select(these.c.id, latest.c.anchor).select_from(these).join(latest, true())


def provision_ids_table() -> TableValuedAlias:
    """Return a table of the provision ids in the parameter `on`."""
    given = func.unnest(bindparam("on", type_=ARRAY(BigInteger)))
    return given.table_valued(column("id", BigInteger)).render_derived(name="wanted")


def is_of_kind(kind: Stance | None) -> ColumnElement[bool]:
    """Return a condition for comments that count as this type, on the indexed columns."""
    neither = (Comment.amendment.is_(None), Comment.agrees_with.is_(None))
    if kind is Stance.AMENDMENT:
        return not_(and_(*neither))
    return and_(Comment.stance == kind if kind else Comment.stance.is_(None), *neither)


_ONLY: dict[str, list[ColumnElement[bool]]] = {
    "": [],
    "placed": [Comment.provision_id.is_not(None)],
    "said": [Comment.question_id.is_(None)],
    "whole": [Comment.provision_id.is_(None), Comment.question_id.is_(None)],
}


@lru_cache(maxsize=64)
def select_page(of: str, only: str, narrowed: bool, kind: Stance | None, further: bool, size: int) -> Any:
    """Return the statement for a page, sorted by the index that serves it.

    Otherwise the planner would scan the primary key through all newer rows. It drops a sort column that is compared
    with a single value, so the value is passed as a list of one.
    """
    first = getattr(Comment, of)
    one = first == any_(array([bindparam("of", type_=BigInteger)]))
    query = select_published().where(Comment.shown, one, *_ONLY[only])
    order = [first.desc(), Comment.id.desc()]
    if narrowed:
        query = query.where(is_of_kind(kind))
        if kind is not Stance.AMENDMENT:
            order.insert(1, Comment.stance.desc())
    if further:
        query = query.where(Comment.id < bindparam("last"))
    return query.order_by(*order).limit(literal_number(size + 1))
