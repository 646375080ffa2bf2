"""Published amendments: comments that propose a paragraph's new text, who agrees, and which change the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents.model import Provision
from consult.documents.versions import diff
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.published import PublishedComment
from consult.submissions.model import Comment, Placement

MOST = 200
"""How many amendments a page shows."""


@dataclass(frozen=True)
class Amendment:
    """`then` is the paragraph as it was when its text was proposed; `place` where the comment stands now."""

    said: PublishedComment
    place: ProvisionNode
    then: ProvisionNode
    proposed: str
    agree: int = 0  # how many published comments of other submissions want it too
    collides: tuple[PublishedComment, ...] = ()  # others that change the same words

    @property
    def reason(self) -> str:
        return self.said.body[len(self.proposed) :].strip()

    @cached_property
    def runs(self) -> list[diff.DiffRun]:
        return diff.diff_words(self.then.text, self.proposed)

    @property
    def adopted(self) -> bool:
        """Whether its paragraph reads so now, and did not when it was proposed."""
        return self.place.id != self.then.id and self.place.text.strip() == self.proposed.strip()


@dataclass(frozen=True)
class Difference:
    """What an amendment changes in the text it was made on; `length` characters of its comment are the text."""

    length: int
    runs: list[diff.DiffRun]


def list_amendments(session: Session, row: Consultation, *, on: int | None = None) -> list[Amendment]:
    """Those of the present version, or of one paragraph of it, in the order of the draft. What is covered is none."""
    wanted = select(Comment.id, Comment.amendment).where(
        Comment.consultation_id == row.id,
        Comment.shown,
        Comment.amendment.is_not(None),
        Comment.redacted_body.is_(None),
        Comment.provision_id.is_not(None) if on is None else Comment.provision_id == on,
    )
    lengths = {found.id: found.amendment for found in session.execute(wanted.order_by(Comment.id).limit(MOST))}
    if not lengths:
        return []
    voices = comments_queries.get_published_comments(session, list(lengths))
    places = comments_queries.get_provision_tree(session, row.version_id or 0).by_id
    then = comments_queries.get_reworded_provisions(
        session, row.version_id or 0, comments_queries.original_anchors(voices.values())
    )
    agree = _count_agreeing(session, list(lengths))
    order = {place: n for n, place in enumerate(places)}
    found = [
        Amendment(voice, place, then.get(number, place), voice.body[: lengths[number]], agree.get(number, 0))
        for number, voice in sorted(voices.items())
        if (place := places.get(voice.provision_id or 0)) is not None
    ]
    return _with_collisions(sorted(found, key=lambda it: order[it.place.id]))


def list_adopted(session: Session, row: Consultation) -> list[Amendment]:
    """Those whose words the present version has taken."""
    return [it for it in list_amendments(session, row) if it.adopted]


def get_amendment(session: Session, row: Consultation, comment_id: int) -> Amendment | None:
    """One that is shown; None for any other comment."""
    return next((it for it in list_amendments(session, row) if it.said.id == comment_id), None)


def list_differences(session: Session, comment_ids: Sequence[int]) -> dict[int, Difference]:
    """What those of some comments change that are amendments, by comment. What is covered is none. One statement."""
    first = select(Placement.provision_id).where(Placement.comment_id == Comment.id).order_by(Placement.id).limit(1)
    then = func.coalesce(first.correlate(Comment).scalar_subquery(), Comment.provision_id)
    query = (
        select(Comment.id, Comment.body, Comment.amendment, Provision.text)
        .join(Provision, Provision.id == then)
        .where(Comment.id.in_(comment_ids), Comment.amendment.is_not(None), Comment.redacted_body.is_(None))
    )
    return {
        row.id: Difference(row.amendment, diff.diff_words(row.text, row.body[: row.amendment]))
        for row in session.execute(query)
    }


def _count_agreeing(session: Session, ids: Sequence[int]) -> Mapping[int, int]:
    """How many other submissions agree with each, by published comments."""
    query = (
        select(Comment.agrees_with, func.count(func.distinct(Comment.submission_id)))
        .where(Comment.agrees_with.in_(ids), Comment.shown)
        .group_by(Comment.agrees_with)
    )
    return {number: many for number, many in session.execute(query) if number is not None}


def _with_collisions(found: Sequence[Amendment]) -> list[Amendment]:
    """Each with those of its paragraph that change the same words otherwise."""
    by_place: dict[int, list[tuple[Amendment, list[tuple[int, int]]]]] = {}
    for it in found:
        by_place.setdefault(it.then.id, []).append((it, diff.changed_spans(it.then.text, it.proposed)))
    return [
        Amendment(
            *(it.said, it.place, it.then, it.proposed, it.agree),
            tuple(
                other.said
                for other, spans in by_place[it.then.id]
                if other.said.id != it.said.id
                and other.proposed != it.proposed
                and diff.collide(diff.changed_spans(it.then.text, it.proposed), spans)
            ),
        )
        for it in found
    ]
