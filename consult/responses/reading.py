"""Which answers are there: of one argument, of a submission, in numbers. Each is one statement.

An answer follows its argument. Where two that were answered became one, both answers stay and both are shown; the
argument's own comes first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, bindparam, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.documents.model import Provision, Version
from consult.responses.model import Outcome, Response, ResponseFormer
from consult.submissions import lists
from consult.submissions.places import Place

_STANDING = text(
    """
    WITH answered AS (
        SELECT DISTINCT ON (a.id) a.consultation_id, a.statements > 0 AS live,
            CASE WHEN r.outcome = 'deferred' AND r.due_on < :today THEN 'late' ELSE r.outcome END AS outcome
        FROM response r JOIN argument m ON m.id = r.argument_id
        JOIN argument a ON a.id = coalesce(m.merged_into_id, m.id)
        WHERE r.consultation_id = ANY(:ids) ORDER BY a.id, m.merged_into_id NULLS FIRST, r.id
    )
    SELECT consultation_id, outcome, count(*) FROM answered GROUP BY 1, 2
    UNION ALL
    SELECT c.id, 'none', (
        SELECT count(*) FROM argument a
        WHERE a.consultation_id = c.id AND a.merged_into_id IS NULL AND a.statements > 0
    ) - (SELECT count(*) FROM answered w WHERE w.consultation_id = c.id AND w.live)
    FROM unnest(CAST(:ids AS bigint[])) c (id)
    """
)
"""Answers are few, for people give them; of arguments only the index is counted."""


@dataclass(frozen=True)
class Changed:
    """The words of the draft that an answer points to: a place, and the version in which it changed."""

    place: Place
    version: int


@dataclass(frozen=True)
class Told:
    """An answer, the words it points to, and what it said before, the last first."""

    response: Response
    changed: Changed | None = None
    former: Sequence[tuple[ResponseFormer, Changed | None]] = ()
    merged: bool = False  # it was given to an argument that is part of this one by now


@dataclass(frozen=True)
class Standing:
    """How many arguments of a consultation have which answer, and how many wait for one.

    `late` of those that wait were deferred to a day that has passed: such an answer answers nothing any more.
    """

    outcomes: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    late: int = 0
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
        """Arguments whose answer is owed since a day that has passed."""
        passed = self.answer_by is not None and self.answer_by < self.today
        return self.waiting if passed else self.late

    @property
    def kept(self) -> bool:
        """Whether every argument has its answer."""
        return self.arguments > 0 and not self.waiting


def standings(session: Session, promises: Mapping[int, date | None]) -> dict[int, Standing]:
    """How consultations stand, by their numbers, given what each has promised. One statement."""
    today = now().date()
    found: dict[int, dict[str, int]] = {number: {} for number in promises}
    if promises:
        for number, outcome, n in session.execute(_STANDING, {"ids": list(promises), "today": today}):
            found[number][outcome] = int(n)
    standings = {}
    for number, of in found.items():
        late, none = of.pop("late", 0), of.pop("none", 0)
        standings[number] = Standing(of, none + late, late, promises[number], today)
    return standings


def told(session: Session, argument_id: int) -> Sequence[Told]:
    """The answers to an argument, its own first, then those of arguments that are part of it."""
    rows = session.execute(_told(), {"argument": argument_id}).all()
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.Response.id, []).append(row)
    return [
        Told(
            of[0].Response, changed(session, of[0].version, of[0].of, of[0].Response.provision_id),
            [(row.ResponseFormer, changed(session, row.was_version, row.was_of, row.ResponseFormer.provision_id))
             for row in of if row.ResponseFormer],
            of[0].merged is not None,
        )
        for of in found.values()
    ]  # fmt: skip


@lru_cache(maxsize=1)
def _told() -> Any:
    version, place, was_version, was_place = (
        table.__table__.alias(name)
        for table, name in ((Version, "v"), (Provision, "p"), (Version, "wv"), (Provision, "wp"))
    )
    number: Any = bindparam("argument", type_=BigInteger)
    return (
        select(
            Response, ResponseFormer, Argument.merged_into_id.label("merged"), version.c.number.label("version"),
            place.c.version_id.label("of"), was_version.c.number.label("was_version"),
            was_place.c.version_id.label("was_of"),
        )
        .join(Argument, Argument.id == Response.argument_id)
        .outerjoin(ResponseFormer, ResponseFormer.response_id == Response.id)
        .outerjoin(version, version.c.id == Response.version_id)
        .outerjoin(place, place.c.id == Response.provision_id)
        .outerjoin(was_version, was_version.c.id == ResponseFormer.version_id)
        .outerjoin(was_place, was_place.c.id == ResponseFormer.provision_id)
        .where(or_(Argument.id == number, Argument.merged_into_id == number))
        .order_by(Argument.merged_into_id.nulls_first(), Response.id, ResponseFormer.id.desc())
    )  # fmt: skip


def changed(session: Session, version: int | None, of: int | None, provision_id: int | None) -> Changed | None:
    """Words that changed in the version with this number; `of` is the version that the provision is of."""
    place = lists.places(session, of).by_id.get(provision_id or 0) if of else None
    return Changed(place, version) if place and version else None


def present(session: Session, argument_id: int) -> Response | None:
    """The answer that a form for this argument changes: its own, else that of one that became part of it."""
    found = session.execute(_told().execution_options(populate_existing=True), {"argument": argument_id}).first()
    return found.Response if found else None


def answered(consultation_id: int) -> Subquery:
    """The answer that counts of each answered argument of a consultation: `argument_id` and `response_id`."""
    live = func.coalesce(Argument.merged_into_id, Argument.id)
    return (
        select(live.label("argument_id"), Response.id.label("response_id"))
        .join(Argument, Argument.id == Response.argument_id)
        .where(Response.consultation_id == consultation_id)
        .ext(distinct_on(live))
        .order_by(live, Argument.merged_into_id.nulls_first(), Response.id)
        .subquery()
    )


def owing() -> ColumnElement[bool]:
    """Whether a consultation owes an answer: nothing is argued yet, an argument waits, or what was deferred is late."""
    one, part = aliased(Argument), aliased(Argument)
    live = (one.consultation_id == Consultation.id) & one.merged_into_id.is_(None) & (one.statements > 0)
    own = exists().where(Response.argument_id == one.id)
    of_parts = exists().where(part.merged_into_id == one.id, Response.argument_id == part.id)
    return or_(~exists().where(live), exists().where(live, ~own, ~of_parts), late())


def late() -> ColumnElement[bool]:
    """Whether what a consultation deferred is past its day."""
    return exists().where(Response.consultation_id == Consultation.id, lapsed(now().date()))


def lapsed(today: Any) -> ColumnElement[bool]:
    """Whether an answer deferred to a day that has passed, so that it is none any more; false where there is none."""
    return func.coalesce((Response.outcome == Outcome.DEFERRED) & (Response.due_on < today), False)


def outcomes(session: Session, argument_ids: Collection[int]) -> dict[int, Outcome]:
    """What some arguments came to, by their numbers: only those that are answered now."""
    part, wanted = aliased(Argument), list(argument_ids)
    live = func.coalesce(part.merged_into_id, part.id)
    rows = session.execute(
        select(live.label("number"), Response.outcome, lapsed(now().date()).label("lapsed"))
        .join(part, part.id == Response.argument_id)
        .where(or_(part.id.in_(wanted), part.merged_into_id.in_(wanted)))
        .ext(distinct_on(live))
        .order_by(live, part.merged_into_id.nulls_first(), Response.id)
    )
    return {row.number: row.outcome for row in rows if not row.lapsed}
