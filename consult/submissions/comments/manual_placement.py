"""Manual placement of comments in a new version: one decision for all comments on the same words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import service as consultations
from consult.consultations.model import Consultation
from consult.consultations.rights import Deed
from consult.core.crypto import pseudonym
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.submissions.anchors import carry_forward, selectors
from consult.submissions.anchors.provisions import ProvisionNode, ProvisionTree
from consult.submissions.anchors.relocation import Relocation
from consult.submissions.anchors.selectors import Anchor, Selection, anchor_of
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Comment, Placement, State, Submission

PAGE = 20
_SHOWN = 3
"""Maximum number of comments shown with the words."""


@dataclass(frozen=True)
class PlacementGroup:
    """Comments on the same words of an earlier version, with a suggested new position, if any."""

    first_id: int  # id of the first comment, which identifies the group
    count: int
    came_from: ProvisionNode
    was: Anchor | None
    proposed: ProvisionNode | None
    anchor: Anchor | None


@dataclass(frozen=True)
class PlacementQueue:
    consultation: Consultation
    groups: Page[PlacementGroup]
    comments: int
    first_page: bool


@dataclass(frozen=True)
class PlacementPage:
    consultation: Consultation
    places: ProvisionTree  # of the current version
    group: PlacementGroup
    comments: Sequence[Comment]  # the first published comments
    unread: Mapping[State, int]  # number of further comments, whose text is not shown

    @property
    def more(self) -> int:
        """Return the number of published comments that are not shown."""
        return self.group.count - len(self.comments) - sum(self.unread.values())


def list_groups(session: Session, *, number: int, by: Account, after: str | None) -> PlacementQueue:
    """Return a page of comments to place, for people who may arrange them. Raises NotFound or Forbidden."""
    row = consultations.check_owned(session, session.get(Consultation, number), by, Deed.ARRANGE)
    first = func.min(Comment.id)
    query = _groups(row).order_by(first).limit(PAGE + 1)
    if (last := decode_id_cursor(after)) is not None:
        query = query.having(first > last)
    found = _read(session, row, session.execute(query).all())
    version = row.version_id or 0
    total = session.scalar(
        select(func.count()).select_from(Placement).where(Placement.version_id == version, Placement.waits)
    )
    return PlacementQueue(row, make_page(found, PAGE, lambda group: [group.first_id]), int(total or 0), not after)


def get_group(session: Session, *, number: int, comment_id: int, by: Account) -> PlacementPage:
    """Return the comments that wait on the same words as this one. Raises NotFound if it was placed."""
    row = consultations.check_owned(session, session.get(Consultation, number), by, Deed.ARRANGE)
    ids = _ids_in_group(session, row, comment_id)
    group = _read(session, row, session.execute(_groups(row).where(Comment.id.in_(ids))).all())[0]
    said = session.scalars(
        select(Comment).where(Comment.id.in_(ids), Comment.shown).order_by(Comment.id).limit(_SHOWN)
    ).all()
    rows = session.execute(
        select(Submission.state, func.count().label("n"))
        .join(Comment, Comment.submission_id == Submission.id)
        .where(Comment.id.in_(ids), ~Comment.shown)
        .group_by(Submission.state)
    )
    unread = {row.state: row.n for row in rows}
    return PlacementPage(row, comments_queries.get_provision_tree(session, row.version_id or 0), group, said, unread)


def decide(
    session: Session, *, number: int, comment_id: int, by: Account, where: str, key: str = "", words: str = ""
) -> int:
    """Place all comments on the same words and return their number. Raises a refusal if information is missing.

    `where` is `there` (as suggested), `stay` (not in this version) or another value for the paragraph `key`: all of it,
    or some `words` of it.
    """
    page = get_group(session, number=number, comment_id=comment_id, by=by)
    to = _chosen(page, where, key, words)
    ids = _ids_in_group(session, page.consultation, comment_id)
    return carry_forward.place_manually(
        session, consultation=page.consultation, comment_ids=ids, to=to, actor=pseudonym("account", by.id)
    )


def _chosen(page: PlacementPage, where: str, key: str, words: str) -> Relocation | None:
    if where == "stay":
        return None
    if where == "there" and page.group.proposed is not None:
        return Relocation(page.group.proposed.id, page.group.anchor, 1.0, True)
    place = page.places.find(key.strip())
    if place is None:
        raise Refusal(_("The draft has no paragraph with that number. Enter one such as 2.1."), field="key")
    if not words.strip():
        return Relocation(place.id, None, 1.0, True)
    try:
        return Relocation(place.id, selectors.find(place.text, Selection(words)), 1.0, True)
    except selectors.QuoteNotFound as lost:
        raise Refusal(_("These words are not in that paragraph. Copy them from the draft."), field="words") from lost


def _groups(row: Consultation) -> Any:
    first = func.min(Comment.id).label("first_id")
    now_at = Placement.provision_id.label("now_at")
    anchor = Placement.anchor.label("now")
    return (
        select(Comment.provision_id, Comment.anchor, now_at, anchor, func.count().label("n"), first)
        .select_from(Placement)
        .join(Comment, Comment.id == Placement.comment_id)
        .where(Placement.version_id == row.version_id, Placement.waits)
        .group_by(Comment.provision_id, Comment.anchor, Placement.provision_id, Placement.anchor)
    )


def _read(session: Session, row: Consultation, rows: Sequence[Any]) -> list[PlacementGroup]:
    wanted = {one for found in rows for one in (found.provision_id, found.now_at) if one}
    places = comments_queries.get_provisions(session, row.version_id or 0, wanted)
    return [
        PlacementGroup(
            found.first_id,
            found.n,
            places[found.provision_id],
            anchor_of(found.anchor),
            places.get(found.now_at),
            anchor_of(found.now),
        )
        for found in rows
    ]


def _ids_in_group(session: Session, row: Consultation, comment_id: int) -> Sequence[int]:
    """Return the ids of all comments that wait on the same words."""
    this = session.execute(_groups(row).where(Comment.id == comment_id)).first()
    if this is None:
        raise NotFound(_("This comment has already been assigned to a paragraph."))
    return session.scalars(
        select(Comment.id)
        .join(Placement, Placement.comment_id == Comment.id)
        .where(
            Placement.version_id == row.version_id,
            Placement.waits,
            Comment.provision_id == this.provision_id,
            Comment.anchor.is_not_distinct_from(this.anchor),
        )
        .order_by(Comment.id)
    ).all()
