"""Totals of the published answers to a choice question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.consultations.model import Question, QuestionKind
from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions.answers import OTHER_KEY
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import csv_line
from consult.core.web.template_filters import fraction
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Comment

_CHOSEN = text(
    """
    SELECT it.key, it.place, count(*) AS n
    FROM comment c, jsonb_array_elements_text(c.answer -> 'chosen') WITH ORDINALITY AS it (key, place)
    WHERE c.question_id = :question AND c.shown GROUP BY it.key, it.place
    """
)


@dataclass(frozen=True)
class ResultBar:
    """An option with the number of people who chose it. For a ranking, also how many put it first."""

    key: str
    label: str
    count: int
    share: float  # of those who answered, from 0 to 1
    first: int
    place: float | None  # mean rank, for a ranking


@dataclass(frozen=True)
class QuestionResult:
    question: Question
    answered: int
    bars: list[ResultBar]

    @property
    def is_ranking(self) -> bool:
        return self.question.kind is QuestionKind.RANK

    @property
    def most(self) -> int:
        """Return the highest count, at least 1 for use as a divisor."""
        return max([1, *(bar.first if self.is_ranking else bar.count for bar in self.bars)])


def get_result(session: Session, question: Question) -> QuestionResult | None:
    """Return the totals of a choice question over published submissions, or None for a free-text question."""
    if question.kind is QuestionKind.TEXT:
        return None
    answered = session.scalar(
        select(func.count()).where(Comment.question_id == question.id, Comment.shown, Comment.answer.is_not(None))
    )
    rows = session.execute(_CHOSEN, {"question": question.id})
    return QuestionResult(
        question, int(answered or 0), build_bars(question, int(answered or 0), ((r.key, r.place, r.n) for r in rows))
    )


def get_result_by_number(session: Session, slug: str, number: str) -> QuestionResult:
    """Return the totals of the question with this displayed number. Raises NotFound."""
    asked = comments_queries.list_questions(session, comments_queries.get_consultation(session, slug).id)
    chosen = next((row for row in asked if str(row.position + 1) == number), None)
    found = get_result(session, chosen) if chosen else None
    if found is None:
        raise NotFound(_("We cannot find a multiple-choice question with this number."))
    return found


def build_bars(question: Question, answered: int, counts: Iterable[tuple[str, int, int]]) -> list[ResultBar]:
    """Return a bar for each option, in order. `counts` are (key, rank, number)."""
    places: dict[str, dict[int, int]] = defaultdict(dict)
    for key, place, n in counts:
        places[key][place] = places[key].get(place, 0) + n
    names = questions_answers.option_labels(question) | ({OTHER_KEY: _("Something else")} if question.other else {})
    return [_bar(question, key, label, answered, places.get(key, {})) for key, label in names.items()]


def _bar(question: Question, key: str, label: str, answered: int, places: dict[int, int]) -> ResultBar:
    count = sum(places.values())
    ranked = question.kind is QuestionKind.RANK and count
    mean = sum(place * n for place, n in places.items()) / count if ranked else None
    return ResultBar(key, label, count, count / answered if answered else 0.0, places.get(1, 0) if ranked else 0, mean)


def to_csv(found: QuestionResult) -> Iterator[str]:
    """Yield the totals as CSV lines."""
    head = ["key", "answer", "chosen", "answered", "share"]
    yield csv_line([*head, "first", "mean_place"] if found.is_ranking else head)
    for bar in found.bars:
        row = [bar.key, bar.label, bar.count, found.answered, fraction(bar.share)]
        more = [bar.first, f"{bar.place:.2f}" if bar.place else ""]
        yield csv_line([*row, *more] if found.is_ranking else row)
