"""The statements of lists.py, each put together once: that takes longer than the database takes to answer it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    TableValuedAlias,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from consult.accounts.model import Organisation
from consult.consultations.model import Consultation, Phase, Question
from consult.core.db import fixed
from consult.files.model import StoredFile
from consult.ledger.model import Entry
from consult.ledger.service import WAITING
from consult.submissions.model import Comment, Placement, Stance, Submission
from consult.submissions.translations import beside


@lru_cache(maxsize=1)
def consultation() -> Select[Consultation]:
    return select(Consultation).where(Consultation.slug == bindparam("slug"), Consultation.phase != Phase.DRAFT)


@lru_cache(maxsize=1)
def stamp() -> Any:
    one = Entry.consultation_id == any_(array([Consultation.id]))  # and by the whole index, as in `listed`
    numbered = (
        select(Entry.number)
        .where(one, Entry.number.is_not(None))
        .order_by(Entry.consultation_id.desc(), Entry.number.desc())
        .limit(fixed(1))
        .scalar_subquery()
    )
    waiting: ColumnElement[int] = literal_column(WAITING)
    public = (Consultation.slug == bindparam("slug"), Consultation.phase != Phase.DRAFT)
    checked = select(func.max(StoredFile.checked_at)).scalar_subquery()  # evidence that may be shown by now
    return select(Consultation, numbered, waiting, checked).where(*public)


@lru_cache(maxsize=1)
def questions() -> Select[Question]:
    return select(Question).where(Question.consultation_id == bindparam("of")).order_by(Question.position)


@lru_cache(maxsize=1)
def voice() -> Any:
    return (
        select(
            Comment.id, Comment.submission_id, Submission.reference, Comment.provision_id, Comment.question_id,
            Comment.stance, func.coalesce(Comment.redacted_body, Comment.body).label("body"), Comment.language,
            Submission.submitter_kind, Submission.name_rule,
            Submission.organisation_name, Submission.person_name, Submission.organisation_id, Organisation.kind,
            Submission.country, Submission.present, Submission.received_at, Comment.anchor, Comment.redactions,
            beside().label("translated"), made_on().label("made"),
        )
        .join(Submission, Submission.id == Comment.submission_id)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
    )  # fmt: skip


def made_on() -> ColumnElement[Any]:
    """Where a comment was carried to a later version: [the provision that it was made on, its anchor there]."""
    made = func.jsonb_build_array(Placement.provision_id, Placement.anchor, type_=JSONB)
    first = select(made).where(Placement.comment_id == Comment.id).order_by(Placement.id)
    return first.limit(fixed(1)).correlate(Comment).scalar_subquery()


@lru_cache(maxsize=1)
def comments() -> Any:
    these = Comment.submission_id == any_(bindparam("of", type_=ARRAY(BigInteger)))
    first = select(Comment, beside(), made_on()).where(these, Comment.position <= bindparam("upto"))
    return first.order_by(Comment.submission_id, Comment.position)


@lru_cache(maxsize=1)
def chosen() -> Any:
    return voice().where(Comment.id == any_(bindparam("of", type_=ARRAY(BigInteger))), Comment.shown)


@lru_cache(maxsize=4)
def margin(each: int) -> Any:
    these = wanted()
    latest = (
        select(Comment.id)
        .where(Comment.provision_id == these.c.id, Comment.shown)
        .order_by(Comment.provision_id.desc(), Comment.id.desc())
        .limit(each)
        .lateral("latest")
    )
    newest = select(latest.c.id).select_from(these).join(latest, true())
    return voice().where(Comment.id.in_(newest)).order_by(Comment.id.desc())


@lru_cache(maxsize=4)
def anchored(each: int) -> Select[Any]:
    these = wanted()
    latest = (
        select(Comment.anchor)
        .where(Comment.provision_id == these.c.id, Comment.shown, Comment.anchor.is_not(None))
        .order_by(Comment.provision_id.desc(), Comment.id.desc())
        .limit(each)
        .lateral("latest")
    )
    return select(these.c.id, latest.c.anchor).select_from(these).join(latest, true())


def wanted() -> TableValuedAlias:
    """The provisions that a statement is given as `on`."""
    given = func.unnest(bindparam("on", type_=ARRAY(BigInteger)))
    return given.table_valued(column("id", BigInteger)).render_derived(name="wanted")


_ONLY: dict[str, list[ColumnElement[bool]]] = {
    "": [],
    "placed": [Comment.provision_id.is_not(None)],
    "said": [Comment.question_id.is_(None)],
    "whole": [Comment.provision_id.is_(None), Comment.question_id.is_(None)],
}


@lru_cache(maxsize=64)
def listed(of: str, only: str, narrowed: bool, kind: Stance | None, further: bool, size: int) -> Any:
    """Ordered by the whole index that serves it: the planner else walks the primary key, through all that is newer.

    It drops from the order what it knows to be equal to one value; so the value is asked for as the only one of a list.
    """
    first = getattr(Comment, of)
    one = first == any_(array([bindparam("of", type_=BigInteger)]))
    query = voice().where(Comment.shown, one, *_ONLY[only])
    order = [first.desc(), Comment.id.desc()]
    if narrowed:
        query = query.where(Comment.stance == kind if kind else Comment.stance.is_(None))
        order.insert(1, Comment.stance.desc())
    if further:
        query = query.where(Comment.id < bindparam("last"))
    return query.order_by(*order).limit(fixed(size + 1))
