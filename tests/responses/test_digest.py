"""Digests tell what was answered since the last one: in the letter, on the page, in the report and in their data."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.template_filters import format_day
from consult.digests import letters as delivery_letters
from consult.digests import service
from consult.digests.model import Cadence, Digest
from consult.digests.render import current_quotes, layout, phrases
from consult.mail.render import render_letter
from consult.responses.model import AnswerOutcome, Response
from tests.arguments.speaking import NEEDLES, PRISONS, follow, holding
from tests.counting import statements
from tests.filing import numbered
from tests.responses.answering import REASONS, answer, argued, owner

SignIn = Callable[[Any], FlaskClient]
TITLE = "Answered since the last digest"


@pytest.fixture
def two(session: Session) -> tuple[Consultation, Argument, Argument]:
    """A consultation with two arguments, of which one has a name, after its first digest."""
    row, argument = argued(session)
    other = holding(session, row, PRISONS[0])
    argument.name, other.name = "Pay for the exchanges", None
    session.commit()
    compiled(session, row)
    return row, argument, other


def compiled(session: Session, row: Consultation) -> Digest:
    follow(session, row)
    numbered(session)
    made = service.compile_digest(session, consultation_id=row.id, cadence=Cadence.WEEKLY, slot_at=now())
    session.commit()
    assert made
    return made


def told(digest: Digest) -> list[tuple[str, str]]:
    return [(one.name, one.outcome) for one in digest.body.answered.arguments] if digest.body.answered else []


def test_a_digest_tells_what_was_answered_since_the_last_one(
    session: Session, sign_in: SignIn, two: tuple[Consultation, Argument, Argument]
) -> None:
    row, argument, other = two
    answer(session, argument)
    answer(session, other, outcome="deferred", due_on=(now() + timedelta(days=9)).date())
    made = compiled(session, row)
    assert told(made) == [("Pay for the exchanges", "accepted"), ("", "deferred")]
    assert phrases.headline(made.body) == "2 arguments were answered"
    body = current_quotes.fill_quotes(session, made.body)
    words = render_letter(
        delivery_letters.TEMPLATE,
        "en",
        {**delivery_letters.build_context(made, body), "place": lambda name: f"({name})"},
    )
    page = html.unescape(sign_in(owner(session, row)).get(f"/desk/digests/{made.id}").text)
    report = json.dumps(layout.report(body, made.id), ensure_ascii=False)
    for text in (words.text, html.unescape(words.html), page, report):
        assert TITLE in text
        assert f"/c/{row.slug}/arguments/{argument.id}" in text
        assert "Paragraph 1.1 · \u2068Pay for the exchanges\u2069: Accepted" in text
        assert "Paragraph 1.1 · Deferred (suggested argument, not checked)" in text
        assert REASONS not in text
    assert f"/c/{row.slug}/outcome" in words.text
    assert f"/c/{row.slug}/outcome" in page


def test_what_was_told_is_not_told_again_and_where_nothing_was_answered_nothing_is_said(
    session: Session, sign_in: SignIn, two: tuple[Consultation, Argument, Argument]
) -> None:
    row, argument, other = two
    first = answer(session, argument)
    assert told(compiled(session, row))
    assert compiled(session, row).empty
    same = answer(session, argument, reasons="In other words.", seen=first.token)
    assert compiled(session, row).empty, "an answer whose reasons alone changed is none that is new"
    answer(session, argument, outcome="in_part", seen=same.token)
    assert told(compiled(session, row)) == [("Pay for the exchanges", "in_part")]
    answer(session, other)
    arguments.merge(session, argument_id=other.id, into_id=argument.id, by=owner(session, row))
    session.commit()
    assert told(compiled(session, row)) == [("Pay for the exchanges", "accepted")], "by the argument it is part of now"


def test_no_words_of_a_contributor_are_kept_with_an_answer(
    session: Session, two: tuple[Consultation, Argument, Argument]
) -> None:
    row, _argument, other = two
    answer(session, other)
    kept = repr(compiled(session, row).body.answered)
    assert not any(words in kept for words in (*NEEDLES, *PRISONS))


def test_a_digest_asks_the_same_of_the_database_however_much_was_answered(
    session: Session, two: tuple[Consultation, Argument, Argument]
) -> None:
    row, argument, _other = two
    spent = []
    for answers in (1, 14):
        for n in range(answers):
            named = Argument(
                consultation_id=row.id, place=argument.place, stance="concern", name=f"Point {n}", phrases=[],
                kept=True, voices=1, statements=1, made_at=now(),
            )  # fmt: skip
            session.add(named)
            session.commit()
            answer(session, named)
        numbered(session)
        with statements() as sent:
            made = compiled(session, row)
        spent.append(len(sent))
        assert made.body.answered.n == answers
        assert len(told(made)) == min(answers, 10)
    assert spent[0] == spent[1]


def test_the_sheet_says_how_many_answers_wait_on_its_day(
    session: Session, two: tuple[Consultation, Argument, Argument]
) -> None:
    row, argument, _other = two
    made = session.scalars(select(Digest)).one()

    def told_on_sheet() -> str:
        sheet = delivery_letters.build_sheet(session, made, current_quotes.fill_quotes(session, made.body))
        return " ".join(str(one["text"]) for one in sheet["blocks"] if one["is"] == "notice")

    row.answer_by = (now() + timedelta(days=40)).date()
    day, due = format_day(now().date()), format_day(row.answer_by)
    assert f"As of {day}, 1 argument waits for an answer. The first is due on {due}." in told_on_sheet()
    answer(session, argument)
    assert "for an answer" not in told_on_sheet()
    former = session.scalars(select(Response)).one()
    former.outcome, former.due_on = AnswerOutcome.DEFERRED, (now() - timedelta(days=2)).date()
    assert "1 argument waits for an answer. 1 answer is overdue." in told_on_sheet()
