"""Queries on answers that are due: in a consultation, by a person, and the next one to give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.arguments import queries as arguments
from consult.arguments.model import Argument
from consult.arguments.queries import StatementQuote
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.responses import answer_queries
from consult.responses.answer_queries import AnswerCounts
from consult.responses.model import Obligation

_OWED = 12
_ASKED = text(
    """
    SELECT a.consultation_id, count(*), count(r.outcome)
    FROM obligation o JOIN readable_argument a ON a.id = o.argument_id
    LEFT JOIN LATERAL (
        SELECT r.outcome, r.due_on FROM response r JOIN readable_argument m ON m.id = r.argument_id
        WHERE m.id = a.id OR m.merged_into_id = a.id ORDER BY m.merged_into_id NULLS FIRST, r.id LIMIT 1
    ) r ON true
    WHERE o.owner_id = :account AND a.merged_into_id IS NULL AND a.statements > 0
        AND a.checked AND (r.outcome IS NULL OR r.outcome = 'deferred' AND r.due_on < :today)
    GROUP BY 1
    """
)


def list_owed_by(session: Session, account: Account) -> Sequence[tuple[Consultation, AnswerCounts]]:
    """Return the consultations in which the account owns or was assigned arguments that wait for an answer or a check.

    In consultations of other owners only assigned arguments count. Three statements.
    """
    asked = (
        select(Argument.consultation_id)
        .join(Obligation, Obligation.argument_id == Argument.id)
        .where(Obligation.owner_id == account.id)
    )
    rows = session.scalars(
        select(Consultation)
        .where(
            Consultation.phase != Phase.DRAFT,
            or_(Consultation.owner_id == account.id, Consultation.id.in_(asked)),
            answer_queries.is_owing(),
        )
        .order_by(Consultation.answer_by.nulls_last(), Consultation.id)
        .limit(_OWED)
    ).all()
    found = answer_queries.count_answers(session, {row.id: row.answer_by for row in rows if row.owner_id == account.id})
    mine = {
        number: (waiting, late)
        for number, waiting, late in session.execute(_ASKED, {"account": account.id, "today": now().date()})
    }
    for row in rows:
        waiting, late = mine.get(row.id, (0, 0))
        found.setdefault(row.id, AnswerCounts({}, waiting, late, 0, row.answer_by))
    return [(row, found[row.id]) for row in rows if found[row.id].waiting or found[row.id].unchecked]


_ONE = "ARRAY[:consultation]"
_OWN = """ARRAY(
    SELECT id FROM readable_consultation WHERE owner_id = :account UNION
    SELECT m.consultation_id FROM obligation o JOIN readable_argument m ON m.id = o.argument_id
    WHERE o.owner_id = :account
)"""
"""SQL for the consultations that an account owns or was assigned arguments in."""
_COUNTED = "count(*) AS waiting, min(due) AS due, count(*) FILTER (WHERE due < :today) AS late"
_OWING = """
    (
        SELECT a.id, a.submissions, coalesce(o.owner_id, c.owner_id) AS person,
            coalesce(r.due_on, c.answer_by) AS due
        FROM readable_argument a JOIN readable_consultation c ON c.id = a.consultation_id
        LEFT JOIN obligation o ON o.argument_id = a.id
        LEFT JOIN LATERAL (
            SELECT r.outcome, r.due_on FROM response r JOIN readable_argument m ON m.id = r.argument_id
            WHERE m.id = a.id OR m.merged_into_id = a.id ORDER BY m.merged_into_id NULLS FIRST, r.id LIMIT 1
        ) r ON true
        WHERE a.consultation_id = ANY({consultations}) AND a.merged_into_id IS NULL AND a.statements > 0
            AND c.phase <> 'draft'
            AND a.checked AND (r.outcome IS NULL OR r.outcome = 'deferred' AND r.due_on < :today)
    ) AS owed
    """
"""SQL for the arguments that wait for an answer, with the responsible person and due date."""
_TASKS = text(
    f"""
    SELECT person, {_COUNTED},
        (array_agg(id ORDER BY due NULLS LAST, submissions DESC, id))[1] AS argument
    FROM {_OWING.format(consultations=_ONE)} WHERE person = ANY(:accounts) GROUP BY person
    """  # noqa: S608 - a statement put together from constants
)
_OWED_IN_ALL = text(f"SELECT {_COUNTED} FROM {_OWING.format(consultations=_ONE)}")  # noqa: S608 - a statement put together from constants


_NEXT = text(
    f"""
    SELECT id, due, count(*) OVER () AS waiting, count(*) FILTER (WHERE due < :today) OVER () AS late
    FROM {_OWING.format(consultations=_OWN)} WHERE person = :account
    ORDER BY due NULLS LAST, submissions DESC, id LIMIT 1
    """  # noqa: S608 - a statement put together from constants
)


@dataclass(frozen=True)
class NextAnswer:
    """The next argument a person should answer, and the number of others that wait."""

    argument: Argument
    consultation: Consultation
    sample: StatementQuote | None
    due: date | None
    waiting: int
    late: int
    today: date

    @property
    def days(self) -> int:
        """Return the number of days left, negative if overdue."""
        return (self.due - self.today).days if self.due else 0

    @property
    def spent(self) -> int:
        """Return the percentage of the time between opening and due date that is over."""
        start = self.consultation.opens_at.date()
        if self.due is None or self.due <= start:
            return 100
        return min(max(100 * (self.today - start).days // (self.due - start).days, 0), 100)


def find_next_answer(session: Session, account: Account) -> NextAnswer | None:
    """Return the next argument the account should answer, or None. Three statements at most."""
    today = now().date()
    row = session.execute(_NEXT, {"account": account.id, "today": today}).first()
    if row is None:
        return None
    argument = session.get_one(Argument, row.id)
    consultation = session.get_one(Consultation, argument.consultation_id)
    sample = next(iter(arguments.list_samples(session, [argument.id]).get(argument.id, [])), None)
    return NextAnswer(argument, consultation, sample, row.due, row.waiting, row.late, today)


def list_tasks(session: Session, consultation_id: int, account_ids: Sequence[int], today: date) -> Sequence[Any]:
    """Return the number of answers these people owe in a consultation, and the first of them. One statement."""
    if not account_ids:
        return []
    asked = {"consultation": consultation_id, "accounts": list(account_ids), "today": today}
    return session.execute(_TASKS, asked).all()


def count_owed(session: Session, consultation_id: int, today: date) -> Any:
    """Return the number of answers due in a consultation. One statement."""
    return session.execute(_OWED_IN_ALL, {"consultation": consultation_id, "today": today}).one()
