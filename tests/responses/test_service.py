"""Giving an answer, changing it, asking somebody for it: who may, what is kept, what the ledger says."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from consult.arguments import queries as arguments_queries
from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.core.clock import now
from consult.core.db import db, transaction
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.responses import answer_queries, draft_changes, queries, service
from consult.responses.model import AnswerOutcome, Response, ResponseFormer
from consult.responses.service import AnsweredMeanwhile, ProposedAnswer
from tests import factories
from tests.arguments.speaking import PRISONS, holding
from tests.factories import publish_next
from tests.responses.answering import PROMISED, REASONS, answer, argued, entries, owner, provision

FIRST = "# Plan\n\n## 1 Services\n\n1.1 Each State shall reach 60 per cent.\n\n1.2 Members shall meet.\n\n1.3 A map.\n"
SECOND = "# Plan\n\n## 1 Services\n\n1.1 Each State shall reach 75 per cent.\n\n1.2 Members shall meet.\n"


def test_an_answer_is_told_with_its_entry_in_the_ledger(session: Session) -> None:
    _row, argument = argued(session)
    made = answer(session, argument)
    (told,) = answer_queries.list_answers(session, argument.id)
    assert (told.response.id, told.response.outcome, told.response.reasons) == (
        made.id,
        AnswerOutcome.ACCEPTED,
        REASONS,
    )
    assert not told.former
    assert entries(session) == [("response.given", {"outcome": "accepted"})]


def test_a_changed_answer_keeps_what_it_said_before(session: Session) -> None:
    _row, argument = argued(session)
    first = answer(session, argument)
    second = answer(session, argument, outcome="in_part", reasons="Half of it.", seen=first.token)
    answer(session, argument, outcome="in_part", reasons="Two thirds of it.", seen=second.token)
    (told,) = answer_queries.list_answers(session, argument.id)
    assert [one.reasons for one, _change in told.former] == ["Half of it.", REASONS]
    assert told.response.said_at > told.response.answered_at
    assert [one.outcome for one, _change in told.former] == [AnswerOutcome.IN_PART, AnswerOutcome.ACCEPTED]
    assert told.former[0][0].said_at == told.former[1][0].replaced_at
    assert entries(session)[1:] == [
        ("response.amended", {"outcome": "in_part", "was": "accepted"}),
        ("response.amended", {"outcome": "in_part", "was": "in_part"}),
    ]


def test_the_same_answer_again_changes_nothing(session: Session) -> None:
    _row, argument = argued(session)
    made = answer(session, argument)
    answer(session, argument, seen=made.token)
    assert len(entries(session)) == 1
    assert session.scalar(select(func.count()).select_from(ResponseFormer)) == 0


def test_earlier_answers_cannot_be_changed_or_taken_away(session: Session) -> None:
    _row, argument = argued(session)
    answer(session, argument, reasons="Other words.", seen=answer(session, argument).token)
    for change in ("UPDATE response_former SET reasons = 'x'", "DELETE FROM response_former"):
        with pytest.raises(DBAPIError, match="stays written"):
            session.execute(text(change))
        session.rollback()


@pytest.mark.parametrize(
    ("outcome", "reasons", "days", "field"),
    [
        ("accepted", " \n\t", None, "reasons"),
        ("accepted", "x" * 4_001, None, "reasons"),
        ("deferred", "Later.", None, "due_on"),
        ("deferred", "Later.", 0, "due_on"),
    ],
)
def test_what_lacks_reasons_or_a_day_is_refused_at_its_field(
    session: Session, outcome: str, reasons: str, days: int | None, field: str
) -> None:
    _row, argument = argued(session)
    due_on = None if days is None else (now() + timedelta(days=days)).date()
    with pytest.raises(Refusal) as refused:
        answer(session, argument, outcome=outcome, reasons=reasons, due_on=due_on)
    assert refused.value.field == field
    assert entries(session) == []


def test_reasons_of_exactly_as_many_characters_as_there_may_be_are_taken(session: Session) -> None:
    _row, argument = argued(session)
    assert len(answer(session, argument, reasons="x" * service.MAX_REASONS_LENGTH).reasons) == 4_000


def test_an_answer_is_deferred_for_two_years_at_most(session: Session) -> None:
    _row, argument = argued(session)
    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    for day in (date(2028, 11, 28), date(9999, 12, 31)):
        with pytest.raises(Refusal, match="deferred for at most 24 months") as refused:
            answer(session, argument, outcome="deferred", due_on=day, at=at)
        assert refused.value.field == "due_on"
    assert answer(session, argument, outcome="deferred", due_on=date(2028, 11, 27), at=at).due_on


def test_a_day_is_kept_only_for_what_is_deferred(session: Session) -> None:
    _row, argument = argued(session)
    day = (now() + timedelta(days=3)).date()
    first = answer(session, argument, outcome="deferred", due_on=day)
    assert first.due_on == day
    assert answer(session, argument, outcome="accepted", due_on=day, seen=first.token).due_on is None


def test_who_may_answer(session: Session) -> None:
    row, argument = argued(session)
    asked = factories.account(session, Role.POLICYMAKER)
    others = [factories.account(session, role) for role in (Role.CONTRIBUTOR, Role.MODERATOR, Role.POLICYMAKER)]
    for person in (*others, asked):
        with pytest.raises(Forbidden):
            answer(session, argument, by=person)
        with pytest.raises(Forbidden):
            service.assign(session, argument_id=argument.id, by=person, owner_id=person.id)
    with pytest.raises(Refusal):
        service.assign(session, argument_id=argument.id, by=owner(session, row), owner_id=others[0].id)
    service.assign(session, argument_id=argument.id, by=owner(session, row), owner_id=asked.id)
    first = answer(session, argument, by=asked)
    admin = factories.account(session, Role.ADMIN)
    second = answer(session, argument, by=admin, reasons="An admin's.", seen=first.token)
    other = holding(session, row, PRISONS[0])
    with pytest.raises(Forbidden):
        answer(session, other, by=asked)
    service.assign(session, argument_id=argument.id, by=admin, owner_id=None)
    assert not any(its for _account, its in queries.list_policymakers(session, argument.id))
    with pytest.raises(Forbidden):
        answer(session, argument, by=asked, seen=second.token)
    with pytest.raises(NotFound):
        service.answer_argument(
            session,
            argument_id=9_999,
            by=admin,
            given=ProposedAnswer(AnswerOutcome.ACCEPTED, "x", action=PROMISED),
            seen="",
        )


def test_an_argument_that_one_policymaker_is_asked_to_answer_is_not_answered_by_another(session: Session) -> None:
    row, argument = argued(session)
    asked, other = (factories.account(session, Role.POLICYMAKER) for _each in range(2))
    service.assign(session, argument_id=argument.id, by=owner(session, row), owner_id=asked.id)
    with pytest.raises(Forbidden):
        answer(session, argument, by=other)
    assert answer(session, argument, by=asked).account_id == asked.id


def test_who_owns_a_consultation_and_is_no_policymaker_any_more_answers_nothing(session: Session) -> None:
    row, argument = argued(session)
    person = owner(session, row)
    asked = factories.account(session, Role.POLICYMAKER)
    service.assign(session, argument_id=argument.id, by=person, owner_id=asked.id)
    person.role = asked.role = Role.CONTRIBUTOR
    for nobody in (person, asked):
        with pytest.raises(Forbidden):
            answer(session, argument, by=nobody)
    with pytest.raises(Forbidden):
        service.assign(session, argument_id=argument.id, by=person, owner_id=None)


def test_nobody_overwrites_what_they_have_not_seen(session: Session) -> None:
    _row, argument = argued(session)
    first = answer(session, argument)
    seen = first.token
    with pytest.raises(AnsweredMeanwhile):
        answer(session, argument, reasons="I saw none.")
    answer(session, argument, reasons="The second.", seen=seen)
    with pytest.raises(AnsweredMeanwhile):
        answer(session, argument, reasons="I saw the first.", seen=seen)
    assert [one.response.reasons for one in answer_queries.list_answers(session, argument.id)] == ["The second."]


def test_of_two_who_answer_at_once_one_is_told_of_the_other(app: Flask, session: Session) -> None:
    row, argument = argued(session)
    number, by = argument.id, row.owner_id
    session.commit()
    came: list[str] = []
    together = threading.Barrier(2)

    def give(words: str) -> None:
        with app.app_context(), transaction() as own:
            together.wait()
            person = own.get_one(type(owner(own, own.get_one(type(row), row_id))), by)
            try:
                service.answer_argument(
                    own,
                    argument_id=number,
                    by=person,
                    given=ProposedAnswer(AnswerOutcome.ACCEPTED, words, action=PROMISED),
                    seen="",
                )
                came.append("given")
            except AnsweredMeanwhile:
                came.append("told")

    row_id = row.id
    threads = [threading.Thread(target=give, args=(words,)) for words in ("One.", "Two.")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(came) == ["given", "told"]
    assert db.session.scalar(select(func.count()).select_from(Response)) == 1


def test_an_answer_points_to_words_that_changed_in_a_published_version(session: Session) -> None:
    row = factories.with_draft(session, FIRST)
    argument = Argument(consultation_id=row.id, place="", stance="", name="More", phrases=[], statements=1, voices=1,
                        made_at=now())  # fmt: skip
    session.add(argument)
    session.commit()
    before = row.version_id
    assert draft_changes.list_options(session, row) == []
    second = publish_next(session, row, SECOND)
    found = [(one.version, str(one.change), one.place.name) for one in draft_changes.list_options(session, row)]
    assert found == [(2, "edited", "1.1"), (2, "removed", "1.3")]
    edited = provision(session, second, "1.1")
    with pytest.raises(Refusal) as refused:
        answer(session, argument, change=(second.id, provision(session, second, "1.2")))
    assert refused.value.field == "change"
    with pytest.raises(Refusal):
        answer(session, argument, change=(before or 0, edited))
    first = answer(session, argument, change=(second.id, edited))
    (told,) = answer_queries.list_answers(session, argument.id)
    assert told.changed
    assert (told.changed.version, told.changed.place.name) == (2, "1.1")
    gone = next(one for one in draft_changes.list_options(session, row) if one.change == "removed")
    answer(session, argument, change=(second.id, gone.place.id), seen=first.token)
    (told,) = answer_queries.list_answers(session, argument.id)
    assert told.changed
    assert told.changed.place.name == "1.3"
    assert told.former[0][1]


def test_an_answer_goes_with_its_argument_where_that_becomes_part_of_another(session: Session) -> None:
    row, argument = argued(session)
    other = holding(session, row, PRISONS[0])
    given = answer(session, argument)
    arguments.merge(session, argument_id=argument.id, into_id=other.id, by=owner(session, row))
    session.commit()
    (told,) = answer_queries.list_answers(session, other.id)
    assert told.merged
    assert told.response.id == given.id
    standing = answer_queries.count_answers(session, {row.id: None})[row.id]
    assert (standing.arguments, standing.answered, standing.waiting) == (1, 1, 0)
    answer(session, other, reasons="Of both.", seen=told.response.token)
    assert [one.response.reasons for one in answer_queries.list_answers(session, other.id)] == ["Of both."]


def test_where_two_answered_arguments_become_one_both_answers_stay(session: Session) -> None:
    row, argument = argued(session)
    other = holding(session, row, PRISONS[0])
    answer(session, argument, outcome="accepted", reasons="Of the first.")
    answer(session, other, outcome="not_accepted", reasons="Of the second.")
    arguments.merge(session, argument_id=argument.id, into_id=other.id, by=owner(session, row))
    session.commit()
    told = answer_queries.list_answers(session, other.id)
    assert [(one.response.reasons, one.merged) for one in told] == [("Of the second.", False), ("Of the first.", True)]
    standing = answer_queries.count_answers(session, {row.id: None})[row.id]
    assert (standing.arguments, standing.outcomes) == (1, {"not_accepted": 1})
    assert answer_queries.get_outcomes(session, [other.id, argument.id]) == {other.id: AnswerOutcome.NOT_ACCEPTED}


def test_an_argument_that_was_parted_keeps_its_answer_and_the_part_waits(session: Session) -> None:
    row, argument = argued(session)
    answer(session, argument)
    from_it = session.scalars(select(Argument.id).where(Argument.consultation_id == row.id)).all()
    claims = [one.id for one in arguments_queries.list_quotes(session, argument.id).items]
    part = arguments.split(session, argument_id=argument.id, claim_ids=claims[:1], by=owner(session, row), words="A")
    session.commit()
    assert part.id not in from_it
    assert len(answer_queries.list_answers(session, argument.id)) == 1
    assert answer_queries.list_answers(session, part.id) == []


def test_an_answer_is_owed_from_the_day_after_its_day(session: Session) -> None:
    today = now().date()
    row, argument = argued(session, answer_by=today)
    assert answer_queries.count_answers(session, {row.id: row.answer_by})[row.id].overdue == 0
    assert queries.list_arguments(session, row, "overdue").items == []
    deferred = answer(session, argument, outcome="deferred", due_on=today + timedelta(days=1))
    for due_on, late in ((today, 0), (today - timedelta(days=1), 1)):
        deferred.due_on = due_on
        session.commit()
        standing = answer_queries.count_answers(session, {row.id: None})[row.id]
        assert (standing.answered, standing.late) == (1 - late, late)
        assert len(queries.list_arguments(session, row, "overdue").items) == late


def test_what_is_owed_since_when(session: Session) -> None:
    row, argument = argued(session, answer_by=(now() + timedelta(days=1)).date())
    standing = answer_queries.count_answers(session, {row.id: row.answer_by})[row.id]
    assert (standing.waiting, standing.overdue, standing.kept) == (2, 0, False)
    row.answer_by = (now() - timedelta(days=1)).date()
    assert answer_queries.count_answers(session, {row.id: row.answer_by})[row.id].overdue == 2
    deferred = answer(session, argument, outcome="deferred", due_on=(now() + timedelta(days=9)).date())
    assert answer_queries.count_answers(session, {row.id: row.answer_by})[row.id].overdue == 1
    deferred.due_on = (now() - timedelta(days=1)).date()
    session.commit()
    standing = answer_queries.count_answers(session, {row.id: None})[row.id]
    assert (standing.answered, standing.waiting, standing.late, standing.overdue) == (0, 2, 1, 1)
    assert standing.outcomes == {}
    late = queries.list_arguments(session, row, "overdue").items
    assert [item.argument.id for item in late if item.response] == [argument.id]
