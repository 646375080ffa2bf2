"""Published submissions as comments: lists in any order, with exact counts, and one with its text and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, column, false, func, select, text
from sqlalchemy.orm import Session

from consult.api.reading import collections
from consult.api.reading.records import CommentRecord
from consult.api.v4.asked import Asked, Range
from consult.api.v4.dockets import Docket, find_version_id
from consult.api.v4.model import PostedSubmission
from consult.core.errors import NotFound
from consult.files.model import State as FileState
from consult.files.model import StoredFile
from consult.search.queries import INDEX_JOINS, IS_SHOWN, sql_parameters
from consult.search.query_terms import SearchQuery
from consult.submissions.model import Evidence, State, Submission

FILTERS = frozenset({"agencyId", "docketId", "searchTerm", "postedDate", "lastModifiedDate", "commentOnId"})
SORTS = frozenset({"postedDate", "lastModifiedDate", "documentId"})
_COLUMNS: Mapping[str, Any] = {
    "postedDate": PostedSubmission.posted_at,
    "lastModifiedDate": PostedSubmission.modified_at,
    "documentId": PostedSubmission.submission_id,
}


@dataclass(frozen=True)
class PostedComment:
    """A published submission with the times that clients see."""

    submission: Submission
    docket: Docket
    posted_at: datetime
    modified_at: datetime

    @property
    def id(self) -> str:
        return self.docket.write_comment_id(self.submission.id)


@dataclass(frozen=True)
class AttachedFile:
    """A checked file of a submission."""

    number: int
    description: str
    kind: str
    size: int


def list_comments(
    session: Session, dockets: Mapping[int, Docket], asked: Asked
) -> tuple[Sequence[PostedComment], Mapping[int, int]]:
    """Return the comments of a page, and the number of all that match, by consultation."""
    chosen = select_dockets(dockets, asked)
    matching = [PostedSubmission.consultation_id.in_([docket.row.id for docket in chosen]), *_conditions(asked)]
    counted = _join(select(PostedSubmission.consultation_id, func.count())).where(*matching)
    counts = {
        int(number): int(count) for number, count in session.execute(counted.group_by(PostedSubmission.consultation_id))
    }
    if asked.offset >= sum(counts.values()):
        return [], counts
    page = _join(select(PostedSubmission, Submission)).where(*matching).order_by(*_order(asked))
    rows = session.execute(page.offset(asked.offset).limit(asked.size))
    return [
        PostedComment(submission, dockets[submission.consultation_id], posted.posted_at, posted.modified_at)
        for posted, submission in rows
    ], counts


def select_dockets(dockets: Mapping[int, Docket], asked: Asked) -> Sequence[Docket]:
    """Return the dockets of the agencies and docket ids that are asked for."""
    agencies, ids = asked.list_values("agencyId"), asked.list_values("docketId")
    return [
        docket
        for docket in dockets.values()
        if (agencies is None or docket.agency.casefold() in agencies) and (ids is None or docket.id.casefold() in ids)
    ]


def _join(query: Any) -> Any:
    return query.join(Submission, Submission.id == PostedSubmission.submission_id).where(
        Submission.state == State.PUBLISHED
    )


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    conditions = [*_within(PostedSubmission.posted_at, asked.ranges.get("postedDate", Range()))]
    conditions += _within(PostedSubmission.modified_at, asked.ranges.get("lastModifiedDate", Range()))
    if on := asked.values.get("commentOnId"):
        version_id = find_version_id(on)
        conditions.append(Submission.version_id == version_id if version_id is not None else false())
    if term := asked.values.get("searchTerm"):
        conditions.append(_matches(SearchQuery(words=term[:500])))
    return conditions


def _matches(query: SearchQuery) -> ColumnElement[bool]:
    """Return the condition that a published text of the submission has the words."""
    if query.hopeless:
        return false()
    sql = f"SELECT i.submission_id FROM {INDEX_JOINS} WHERE {query.matches} AND {IS_SHOWN}"  # noqa: S608 - constants
    values = {name: value for name, value in sql_parameters(query).items() if f":{name}" in sql}
    return PostedSubmission.submission_id.in_(text(sql).bindparams(**values).columns(column("submission_id")))


def _within(column: Any, given: Range) -> list[ColumnElement[bool]]:
    since = [column >= given.since] if given.since else []
    return [*since, *([column < given.before] if given.before else [])]


def _order(asked: Asked) -> list[Any]:
    order = [(_COLUMNS[name], descending) for name, descending in asked.order]
    order = order or [(_COLUMNS["lastModifiedDate"], False)]
    order.append((_COLUMNS["documentId"], order[-1][1]))
    return [column.desc() if descending else column for column, descending in order]


def get_comment(session: Session, docket: Docket, submission_id: int) -> PostedComment:
    """Return a published submission. Raises NotFound."""
    row = session.execute(
        _join(select(PostedSubmission, Submission)).where(
            PostedSubmission.submission_id == submission_id, PostedSubmission.consultation_id == docket.row.id
        )
    ).first()
    if row is None:
        raise NotFound("The requested comment could not be conditions.")
    posted, submission = row
    return PostedComment(submission, docket, posted.posted_at, posted.modified_at)


def list_parts(session: Session, comment: PostedComment) -> Sequence[CommentRecord]:
    """Return the published comments and responses of a submission in the order in which they were filed."""
    given = {"reference": comment.submission.reference}
    return collections.read_all(session, collections.COLLECTIONS["comments"], comment.docket.row.id, given)


def list_files(session: Session, submission_id: int) -> Sequence[AttachedFile]:
    """Return the checked files of a published submission."""
    rows = session.execute(
        select(Evidence.id, Evidence.description, StoredFile.clean_kind, StoredFile.clean_size)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .where(Evidence.submission_id == submission_id, Evidence.shown, StoredFile.state == FileState.CLEAN)
        .order_by(Evidence.position)
    )
    return [AttachedFile(number, words, kind or "", size or 0) for number, words, kind, size in rows]
