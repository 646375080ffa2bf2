"""Queries on answers: of an argument, of a submission, and counts.

Each runs one SQL statement unless its docstring says otherwise.

An answer follows its argument. If two answered arguments were merged, both answers are shown, the argument's own first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, bindparam, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from consult.arguments.model import Argument
from consult.bodies.model import PublicBody
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.documents.model import Provision, Version
from consult.plans.standings import ActionStatus
from consult.responses.actions import service as actions
from consult.responses.model import AnswerOutcome, Response, ResponseFormer
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments import queries as comments_queries

_STANDING = text(
    """
    WITH answered AS (
        SELECT DISTINCT ON (a.id) a.consultation_id, a.statements > 0 AS live, a.checked,
            CASE WHEN r.outcome = 'deferred' AND r.due_on < :today
                THEN CASE WHEN a.checked THEN 'late' ELSE 'lapsed' END ELSE r.outcome END AS outcome
        FROM response r JOIN readable_argument m ON m.id = r.argument_id
        JOIN readable_argument a ON a.id = coalesce(m.merged_into_id, m.id)
        WHERE r.consultation_id = ANY(:ids) ORDER BY a.id, m.merged_into_id NULLS FIRST, r.id
    )
    SELECT consultation_id, outcome, count(*) FROM answered WHERE outcome <> 'lapsed' GROUP BY 1, 2
    UNION ALL
    SELECT c.id, 'none', (
        SELECT count(*) FROM readable_argument a
        WHERE a.consultation_id = c.id AND a.merged_into_id IS NULL AND a.statements > 0 AND a.checked
    ) - (SELECT count(*) FROM answered w WHERE w.consultation_id = c.id AND w.live AND w.checked)
    FROM unnest(CAST(:ids AS bigint[])) c (id)
    UNION ALL
    SELECT c.id, 'unchecked', (
        SELECT count(*) FROM readable_argument a
        WHERE a.consultation_id = c.id AND a.merged_into_id IS NULL AND a.statements > 0
    ) - (
        SELECT count(*) FROM readable_argument a
        WHERE a.consultation_id = c.id AND a.merged_into_id IS NULL AND a.statements > 0 AND a.checked
    ) - (
        SELECT count(*) FROM answered w
        WHERE w.consultation_id = c.id AND w.live AND NOT w.checked AND w.outcome <> 'lapsed'
    )
    FROM unnest(CAST(:ids AS bigint[])) c (id)
    """
)
"""Answers are few, because people write them, so arguments are only counted in the index."""


@dataclass(frozen=True)
class LinkedChange:
    """A changed provision of the draft linked from an answer, and the version in which it changed."""

    place: ProvisionNode
    version: int


@dataclass(frozen=True)
class Deferral:
    """A deferral of an answer: when, until when, and by how many days the next answer was late."""

    since: datetime
    until: date
    late: int


@dataclass(frozen=True)
class PublishedAnswer:
    """An answer with its linked change and its earlier versions, latest first."""

    response: Response
    changed: LinkedChange | None = None
    former: Sequence[tuple[ResponseFormer, LinkedChange | None]] = ()
    merged: bool = False  # it was given to an argument that is part of this one by now
    body: str = ""  # whose answer it is; empty: the name that its consultation has
    leads_to: ActionStatus | None = None  # what was promised with it

    @property
    def deferrals(self) -> Sequence[Deferral]:
        """Return the deferrals before this answer, latest first. Changes of the reasons alone do not count."""
        deferrals: list[Deferral] = []
        until = self.response.due_on
        for row, _change in self.former:
            if row.due_on is not None and row.due_on != until:
                deferrals.append(Deferral(row.said_at, row.due_on, max((row.replaced_at.date() - row.due_on).days, 0)))
            elif row.due_on is not None and deferrals and deferrals[-1].until == row.due_on:
                deferrals[-1] = replace(deferrals[-1], since=row.said_at)
            until = row.due_on
        return deferrals

    def days_late(self, promised: date | None) -> int:
        """Return how many days late the answer was, counted from its deferral, else from the promised date."""
        if self.response.outcome is AnswerOutcome.DEFERRED:
            return 0
        if self.deferrals:
            return self.deferrals[0].late
        return max((self.response.answered_at.date() - promised).days, 0) if promised else 0


@dataclass(frozen=True)
class AnswerCounts:
    """The number of a consultation's arguments by outcome, and of those that wait for an answer.

    `late` counts waiting ones deferred to a day that has passed, which no longer count as answered. `unchecked` counts
    suggested arguments that nobody has named yet, without a valid answer. No answer is due for them.
    """

    outcomes: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    late: int = 0
    unchecked: int = 0
    answer_by: date | None = None
    today: date = field(default_factory=lambda: now().date())

    @property
    def answered(self) -> int:
        return sum(self.outcomes.values())

    @property
    def arguments(self) -> int:
        return self.answered + self.waiting

    @property
    def overdue(self) -> int:
        """Return the number of arguments whose answer is overdue."""
        passed = self.answer_by is not None and self.answer_by < self.today
        return self.waiting if passed else self.late

    @property
    def kept(self) -> bool:
        """Return True if there are checked arguments and all of them are answered."""
        return self.arguments > 0 and not self.waiting


def count_answers(session: Session, promises: Mapping[int, date | None]) -> dict[int, AnswerCounts]:
    """Return the counts of answers by consultation id, given the promised date of each. One statement."""
    today = now().date()
    found: dict[int, dict[str, int]] = {number: {} for number in promises}
    if promises:
        for number, outcome, n in session.execute(_STANDING, {"ids": list(promises), "today": today}):
            found[number][outcome] = int(n)
    answer_counts = {}
    for number, of in found.items():
        late, none, unchecked = (of.pop(name, 0) for name in ("late", "none", "unchecked"))
        answer_counts[number] = AnswerCounts(of, none + late, late, unchecked, promises[number], today)
    return answer_counts


def list_answers(session: Session, argument_id: int) -> Sequence[PublishedAnswer]:
    """Return the answers to an argument: its own first, then those of arguments merged into it."""
    rows = session.execute(_select_answers(), {"argument": argument_id}).all()
    answers: dict[int, list[Any]] = {}
    for row in rows:
        answers.setdefault(row.Response.id, []).append(row)
    leads = actions.load_by_answer(session, list(answers))
    return [
        PublishedAnswer(
            of[0].Response,
            get_linked_change(session, of[0].version, of[0].of, of[0].Response.provision_id),
            [
                (
                    row.ResponseFormer,
                    get_linked_change(session, row.was_version, row.was_of, row.ResponseFormer.provision_id),
                )
                for row in of
                if row.ResponseFormer
            ],
            of[0].merged is not None,
            of[0].body or "",
            leads.get(of[0].Response.id),
        )
        for of in answers.values()
    ]


@lru_cache(maxsize=1)
def _select_answers() -> Any:
    version, place, was_version, was_place = (
        table.__table__.alias(name)
        for table, name in ((Version, "v"), (Provision, "p"), (Version, "wv"), (Provision, "wp"))
    )
    number: Any = bindparam("argument", type_=BigInteger)
    return (
        select(
            Response,
            ResponseFormer,
            Argument.merged_into_id.label("merged"),
            PublicBody.name.label("body"),
            version.c.number.label("version"),
            place.c.version_id.label("of"),
            was_version.c.number.label("was_version"),
            was_place.c.version_id.label("was_of"),
        )
        .join(Argument, Argument.id == Response.argument_id)
        .outerjoin(PublicBody, PublicBody.id == Response.body_id)
        .outerjoin(ResponseFormer, ResponseFormer.response_id == Response.id)
        .outerjoin(version, version.c.id == Response.version_id)
        .outerjoin(place, place.c.id == Response.provision_id)
        .outerjoin(was_version, was_version.c.id == ResponseFormer.version_id)
        .outerjoin(was_place, was_place.c.id == ResponseFormer.provision_id)
        .where(or_(Argument.id == number, Argument.merged_into_id == number))
        .order_by(Argument.merged_into_id.nulls_first(), Response.id, ResponseFormer.id.desc())
    )


def list_by_consultation(session: Session, consultation_id: int) -> Sequence[tuple[Argument, PublishedAnswer]]:
    """Return all answers of a consultation with earlier versions, by argument. Two statements."""
    formers: dict[int, list[tuple[ResponseFormer, LinkedChange | None]]] = {}
    of = select(Response.id).where(Response.consultation_id == consultation_id)
    earlier = select(ResponseFormer).where(ResponseFormer.response_id.in_(of)).order_by(ResponseFormer.id.desc())
    for row in session.scalars(earlier):
        formers.setdefault(row.response_id, []).append((row, None))
    rows = session.execute(
        select(Argument, Response)
        .join(Response, Response.argument_id == Argument.id)
        .where(Response.consultation_id == consultation_id)
        .order_by(Argument.id)
    )
    return [(argument, PublishedAnswer(response, None, formers.get(response.id, ()))) for argument, response in rows]


def get_linked_change(
    session: Session, version: int | None, of: int | None, provision_id: int | None
) -> LinkedChange | None:
    """Return a linked change: `version` is the version's number, `of` the id of the version that has the provision."""
    place = comments_queries.get_provision_tree(session, of).by_id.get(provision_id or 0) if of else None
    return LinkedChange(place, version) if place and version else None


def find_current_answer(session: Session, argument_id: int) -> Response | None:
    """Return the answer that a form for this argument changes: its own, else that of a merged argument."""
    row = session.execute(
        _select_answers().execution_options(populate_existing=True), {"argument": argument_id}
    ).first()
    return row.Response if row else None


def select_answered(consultation_id: int) -> Subquery:
    """Select the valid answer of each answered argument: `argument_id` and `response_id`."""
    live = func.coalesce(Argument.merged_into_id, Argument.id)
    return (
        select(live.label("argument_id"), Response.id.label("response_id"))
        .join(Argument, Argument.id == Response.argument_id)
        .where(Response.consultation_id == consultation_id)
        .ext(distinct_on(live))
        .order_by(live, Argument.merged_into_id.nulls_first(), Response.id)
        .subquery()
    )


def is_owing() -> ColumnElement[bool]:
    """Return a condition for consultations that owe an answer.

    No argument is checked yet, a checked one has no answer, or a deferral has expired.
    """
    one, part = aliased(Argument), aliased(Argument)
    live = (one.consultation_id == Consultation.id) & one.merged_into_id.is_(None) & (one.statements > 0)
    live &= one.checked
    own = exists().where(Response.argument_id == one.id)
    of_parts = exists().where(part.merged_into_id == one.id, Response.argument_id == part.id)
    return or_(~exists().where(live), exists().where(live, ~own, ~of_parts), has_late_deferral())


def has_late_deferral() -> ColumnElement[bool]:
    """Return a condition for consultations with an expired deferral of a checked argument."""
    own, whole = aliased(Argument), aliased(Argument)
    return exists().where(
        Response.consultation_id == Consultation.id,
        is_lapsed(now().date()),
        own.id == Response.argument_id,
        whole.id == func.coalesce(own.merged_into_id, own.id),
        whole.checked,
    )


def is_lapsed(today: Any) -> ColumnElement[bool]:
    """Return a condition for deferred answers whose day has passed. False if there is no answer."""
    return func.coalesce((Response.outcome == AnswerOutcome.DEFERRED) & (Response.due_on < today), False)


def get_outcomes(session: Session, argument_ids: Collection[int]) -> dict[int, AnswerOutcome]:
    """Return the outcomes of arguments by id, without those that are unanswered or have an expired deferral."""
    part, wanted = aliased(Argument), list(argument_ids)
    live = func.coalesce(part.merged_into_id, part.id)
    rows = session.execute(
        select(live.label("number"), Response.outcome, is_lapsed(now().date()).label("lapsed"))
        .join(part, part.id == Response.argument_id)
        .where(or_(part.id.in_(wanted), part.merged_into_id.in_(wanted)))
        .ext(distinct_on(live))
        .order_by(live, part.merged_into_id.nulls_first(), Response.id)
    )
    return {row.number: row.outcome for row in rows if not row.lapsed}
