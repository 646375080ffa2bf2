"""Queries on published amendments: comments that suggest a paragraph's new text, their supporters and collisions.

An amendment with empty text suggests deleting its paragraph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from consult.consultations.model import Consultation
from consult.documents.model import Provision
from consult.documents.versions import diff
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments.published import PublishedComment
from consult.submissions.content.draft import DraftComment
from consult.submissions.model import Comment, Placement

MOST = 200
"""Maximum number of amendments on a page."""


@dataclass(frozen=True)
class Amendment:
    """A suggested wording. `then` is the paragraph as it was when suggested, `place` where the comment is now.

    If the paragraph to delete is gone, `place` is in the last version that had it.
    """

    said: PublishedComment
    place: ProvisionNode
    then: ProvisionNode
    proposed: str
    agree: int = 0  # number of other submissions whose published comments support it
    collides: tuple[PublishedComment, ...] = ()  # others that change the same words

    @property
    def reason(self) -> str:
        return self.said.body[len(self.proposed) :].strip()

    @cached_property
    def runs(self) -> list[diff.DiffRun]:
        return diff.diff_words(self.then.text, self.proposed)

    @property
    def deletes(self) -> bool:
        """Return whether it suggests deleting the paragraph."""
        return not self.proposed

    @property
    def adopted(self) -> bool:
        """Return whether the paragraph now has the suggested text and did not before, or was deleted as suggested."""
        if self.deletes:
            return self.place.version is not None
        return self.place.id != self.then.id and self.place.text.strip() == self.proposed.strip()


@dataclass(frozen=True)
class Difference:
    """The changes of an amendment to the original text. `length` is the length of the new text in its comment."""

    length: int
    runs: list[diff.DiffRun]


def list_amendments(session: Session, row: Consultation, *, on: int | None = None) -> list[Amendment]:
    """Return unredacted amendments of the current version or one paragraph, in the order of the draft."""
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
    gone = _list_deleted(session, row, [one for one in voices.values() if not lengths[one.id]])
    then = comments_queries.get_reworded_provisions(
        session, row.version_id or 0, comments_queries.original_anchors(voices.values())
    )
    agree = _count_agreeing(session, list(lengths))
    order = {place: n for n, place in enumerate([*places, *gone])}
    found = [
        Amendment(voice, place, then.get(number, place), voice.body[: lengths[number]], agree.get(number, 0))
        for number, voice in sorted(voices.items())
        if (place := places.get(voice.provision_id or 0) or gone.get(voice.provision_id or 0)) is not None
    ]
    return _with_collisions(sorted(found, key=lambda it: order[it.place.id]))


def _list_deleted(
    session: Session, row: Consultation, voices: Sequence[PublishedComment]
) -> Mapping[int, ProvisionNode]:
    """Return the deleted paragraphs, from earlier versions, for amendments that suggested deleting them."""
    here = comments_queries.get_provision_tree(session, row.version_id or 0)
    known = {node.wid for node in here.by_id.values()}
    left = {voice.provision_id for voice in voices if voice.provision_id} - here.by_id.keys()
    found = comments_queries.get_provisions(session, row.version_id or 0, left) if left else {}
    return {number: place for number, place in found.items() if place.wid not in known}


@dataclass(frozen=True)
class SupportedAmendment:
    """An amendment supported by a comment."""

    said: PublishedComment
    runs: Sequence[diff.DiffRun]


def list_supported(
    session: Session, comments: Iterable[Comment | PublishedComment | DraftComment]
) -> dict[int, SupportedAmendment]:
    """Return the supported amendments of comments by id. Missing if changed or gone."""
    wanted = sorted({comment.agrees_with for comment in comments if comment.agrees_with})
    if not wanted:
        return {}
    said, changes = comments_queries.get_published_comments(session, wanted), list_differences(session, wanted)
    return {one: SupportedAmendment(said[one], changes[one].runs) for one in wanted if one in said and one in changes}


def list_adopted(session: Session, row: Consultation) -> list[Amendment]:
    """Return the amendments adopted in the current version."""
    return [it for it in list_amendments(session, row) if it.adopted]


def get_amendment(session: Session, row: Consultation, comment_id: int) -> Amendment | None:
    """Return a public amendment, or None for any other comment."""
    return next((it for it in list_amendments(session, row) if it.said.id == comment_id), None)


def list_differences(session: Session, comment_ids: Sequence[int]) -> dict[int, Difference]:
    """Return the changes of amendments by comment, without redacted ones. One statement."""
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
    """Count the other submissions whose published comments support each amendment."""
    amendment = aliased(Comment)
    query = (
        select(Comment.agrees_with, func.count(func.distinct(Comment.submission_id)))
        .join(amendment, amendment.id == Comment.agrees_with)
        .where(Comment.agrees_with.in_(ids), Comment.shown, Comment.submission_id != amendment.submission_id)
        .group_by(Comment.agrees_with)
    )
    return {number: many for number, many in session.execute(query) if number is not None}


def _with_collisions(found: Sequence[Amendment]) -> list[Amendment]:
    """Add to each amendment those of its paragraph that change the same words differently."""
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
                and (it.deletes or other.deletes or diff.collide(diff.changed_spans(it.then.text, it.proposed), spans))
            ),
        )
        for it in found
    ]
