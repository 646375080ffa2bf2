"""The request of a campaign letter is one argument for all copies, is answered like others, and goes when erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from consult.analysis.model import TextGroup
from consult.arguments import queries, service
from consult.arguments.model import Argument, Claim, LetterPart
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.responses import answer_queries, notifications
from consult.responses import queries as responses
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission
from tests import factories
from tests.arguments.speaking import follow, propose
from tests.filing import comment, decide, file
from tests.responses.answering import answer, owner

SignIn = Callable[[Any], FlaskClient]
DEMAND = "Please stop the harmful changes in this rule today."
SECOND = "We ask you to fund clinics in every district of the country."
LETTER = (
    "I am writing this comment on behalf of the farm workers whose hard work puts food on our table every day. "
    f"The proposed changes would make it easier to deny jobs to people who live here. {DEMAND}"
)
PLAIN = "The harvest begins in the early summer and the roads are long and the people who work there are tired."


def sent(session: Session, row: Consultation, letter: str = LETTER, copies: int = 5) -> list[Submission]:
    made = [file(session, row, comment(session, row, letter, "", None), published=True) for _n in range(copies)]
    follow(session, row)
    return made


def letters(session: Session, row: Consultation) -> list[Argument]:
    session.expire_all()
    return list(
        session.scalars(
            select(Argument)
            .where(Argument.consultation_id == row.id, Argument.letter.is_not(None), Argument.statements > 0)
            .order_by(Argument.id)
        )
    )


def words(session: Session, argument: Argument) -> list[str]:
    return [one.text for one in queries.list_quotes(session, argument.id).items]


def test_what_a_letter_asks_is_one_argument_whose_senders_are_no_voices(session: Session) -> None:
    row = factories.consultation(session)
    sent(session, row, copies=7)
    (argument,) = letters(session, row)
    assert words(session, argument) == [DEMAND]
    assert (argument.senders, argument.voices, argument.statements, argument.kept) == (7, 0, 1, True)
    assert argument.letter is LetterPart.DEMAND


def test_those_who_work_on_it_see_what_a_letter_asks_in_its_words(session: Session, sign_in: SignIn) -> None:
    row = factories.consultation(session)
    sent(session, row, copies=7)
    (argument,) = letters(session, row)
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    page = desk.get(f"/desk/arguments/{argument.id}").text
    assert "No label yet" not in page
    assert DEMAND in page
    assert DEMAND[:40] in html.fromstring(page).findtext(".//title")


def test_four_copies_are_no_letter_and_ask_nothing(session: Session) -> None:
    row = factories.consultation(session)
    sent(session, row, copies=4)
    assert letters(session, row) == []


def check(session: Session, row: Consultation) -> None:
    """A person names everything that letters ask."""
    by = factories.account(session, Role.ADMIN)
    for one in letters(session, row):
        service.name_argument(session, argument_id=one.id, by=by, words=words(session, one)[0][:60])
    session.commit()


def test_a_demand_of_a_letter_waits_for_an_answer_once_a_person_has_checked_it(session: Session) -> None:
    row = factories.consultation(session)
    sent(session, row, f"{LETTER} {SECOND}")
    assert {words(session, one)[0] for one in letters(session, row)} == {DEMAND, SECOND}
    before = answer_queries.count_answers(session, {row.id: None})[row.id]
    assert (before.waiting, before.unchecked) == (0, 2)
    assert responses.list_arguments(session, row, "waiting").items == []
    check(session, row)
    assert answer_queries.count_answers(session, {row.id: None})[row.id].waiting == 2
    first = letters(session, row)[0]
    answer(session, first)
    counts = answer_queries.count_answers(session, {row.id: None})[row.id]
    assert (counts.waiting, counts.kept) == (1, False)
    answer(session, letters(session, row)[1])
    assert answer_queries.count_answers(session, {row.id: None})[row.id].kept


def test_a_letter_without_a_demand_is_an_argument_by_how_it_begins(session: Session) -> None:
    row = factories.consultation(session)
    sent(session, row, PLAIN)
    (argument,) = letters(session, row)
    assert (argument.letter, words(session, argument)) == (LetterPart.OPENING, [PLAIN])


def test_who_wrote_the_same_sentence_themselves_is_counted_apart(session: Session) -> None:
    row = factories.consultation(session)
    file(
        session, row, comment(session, row, f"My family picks apples in the valley. {DEMAND}", "", None), published=True
    )
    sent(session, row)
    file(session, row, comment(session, row, f"{DEMAND} My son was hurt at work last year.", "", None), published=True)
    follow(session, row)
    (argument,) = letters(session, row)
    assert (argument.senders, argument.voices) == (5, 2)


def test_grouping_again_moves_nothing_into_or_out_of_a_letter(session: Session) -> None:
    row = factories.consultation(session)
    own = f"My family picks apples in the valley. {DEMAND}"
    file(session, row, comment(session, row, own, "", None), published=True)
    sent(session, row)
    before = [(one.id, one.voices, words(session, one)) for one in letters(session, row)]
    for n in range(4):
        said = f"Stop the harmful changes of this rule, I ask you for the {n}. time, for they are harmful."
        file(session, row, comment(session, row, said, "", None), published=True)
    follow(session, row)
    propose(session, row, "")
    file(
        session,
        row,
        comment(session, row, "Please stop the harmful changes in this rule now.", "", None),
        published=True,
    )
    follow(session, row)
    assert [(one.id, one.voices, words(session, one)) for one in letters(session, row)] == before


def test_the_argument_stays_the_same_when_the_copy_it_is_read_in_is_withdrawn(session: Session) -> None:
    row = factories.consultation(session)
    made = sent(session, row, copies=7)
    (argument,) = letters(session, row)
    read = session.scalars(select(Claim.submission_id).where(Claim.argument_id == argument.id)).one()
    gone = next(one for one in made if one.id == read)
    decide(session, gone, State.WITHHELD)
    follow(session, row)
    (after,) = letters(session, row)
    assert (after.id, after.senders, words(session, after)) == (argument.id, 6, [DEMAND])


def test_words_of_a_letter_that_too_few_sent_are_gone_with_every_hash_of_them(session: Session) -> None:
    row = factories.consultation(session)
    made = sent(session, row)
    (argument,) = letters(session, row)
    submissions.erase(session, submission=made[0])
    session.commit()
    follow(session, row)
    session.expire_all()
    row_left = session.get_one(Argument, argument.id)
    assert letters(session, row) == []
    assert (row_left.statements, row_left.senders, row_left.letter_key, row_left.phrases) == (0, 0, None, [])
    assert session.scalars(select(Claim).where(Claim.campaign_id.is_not(None))).all() == []


def test_two_letters_that_ask_the_same_make_one_argument_of_both(session: Session) -> None:
    row = factories.consultation(session)
    sent(session, row)
    other = f"My name does not matter, but the orchards where I have worked for thirty years do matter to me. {DEMAND}"
    sent(session, row, other, copies=6)
    (argument,) = letters(session, row)
    assert argument.senders == 11


def test_a_demand_merged_into_an_argument_takes_its_senders_there(session: Session) -> None:
    row = factories.consultation(session)
    sent(session, row, f"{LETTER} {SECOND}")
    one, other = letters(session, row)
    service.merge(session, argument_id=one.id, into_id=other.id, by=owner(session, row))
    session.commit()
    sent(session, row, f"{LETTER} {SECOND}", copies=2)
    (left,) = letters(session, row)
    assert (left.id, left.senders, left.statements) == (other.id, 7, 2)


def test_a_sentence_that_a_person_set_aside_is_suggested_no_more_whichever_letter_has_it(session: Session) -> None:
    row = factories.consultation(session)
    sent(session, row)
    (argument,) = letters(session, row)
    claims = session.scalars(select(Claim.id).where(Claim.argument_id == argument.id)).all()
    service.remove_statements(session, argument_id=argument.id, claim_ids=claims, by=owner(session, row))
    session.commit()
    sent(session, row, copies=2)
    sent(session, row, f"My name does not matter, but the orchards matter very much to all of us here. {DEMAND}")
    assert letters(session, row) == []


def test_everybody_who_sent_the_letter_has_its_answer_also_with_own_words(session: Session) -> None:
    row = factories.consultation(session)
    made = sent(session, row)
    own = file(
        session,
        row,
        comment(session, row, f"I have picked fruit since I was a child. {LETTER}", "", None),
        published=True,
    )
    follow(session, row)
    (argument,) = letters(session, row)
    answer(session, argument)
    for submission in (made[0], own):
        told = responses.list_by_submission(session, session.get_one(Submission, submission.id))
        assert [one.id for one, said in told if said] == [argument.id]
    assert responses.count_answered(session, [made[1].id, own.id]) == {made[1].id: 1, own.id: 1}


def test_lists_of_answers_begin_with_what_letters_ask_and_lose_nothing_between_pages(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "PAGE", 1)
    row = factories.consultation(session)
    sent(session, row, f"{LETTER} {SECOND}")
    check(session, row)
    for n in range(4):
        words = f"Needle exchange programmes prevent hepatitis and must be funded everywhere, number {n}."
        file(session, row, comment(session, row, words, "", None), published=True)
    follow(session, row)
    propose(session, row, "")
    session.execute(update(Argument).where(Argument.letter.is_(None)).values(name="Fund needle exchange"))
    session.commit()
    found, after = [], None
    while True:
        page = responses.list_arguments(session, row, "waiting", after=after)
        found += [item.argument for item in page.items]
        if (after := page.next_cursor) is None:
            break
    assert [one.letter is None for one in found] == [False, False, True]
    assert len({one.id for one in found}) == 3


def test_its_page_says_who_sent_a_letter_and_who_wrote_it_themselves(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    file(
        session, row, comment(session, row, f"My family picks apples in the valley. {DEMAND}", "", None), published=True
    )
    sent(session, row, copies=6)
    (argument,) = letters(session, row)
    page = client.get(f"/c/{row.slug}/arguments/{argument.id}").text
    assert "7 submissions, 6 of them copies of campaign letters" in page
    assert "No person has checked" in page
    assert "7 submissions" not in client.get(f"/c/{row.slug}/arguments").text
    check(session, row)
    page = client.get(f"/c/{row.slug}/arguments/{argument.id}").text
    for address in ("arguments", f"arguments/{argument.id}", "outcome"):
        assert "7 submissions, 6 of them copies of campaign letters" in client.get(f"/c/{row.slug}/{address}").text


def test_the_author_of_a_copy_reads_the_answer_under_what_the_letter_asks(
    session: Session, client: FlaskClient
) -> None:
    row = factories.consultation(session)
    made = sent(session, row)
    (argument,) = letters(session, row)
    answer(session, argument)
    secret = submissions.author_secret(session.get_one(Submission, made[2].id))
    page = client.get(f"/r/{made[2].reference}/{secret}", follow_redirects=True).text
    assert "Your campaign letter asks:" in page
    assert DEMAND in page


def test_no_mark_of_software_takes_the_answer_of_a_letter_from_its_sender(session: Session) -> None:
    row = factories.consultation(session)
    made = sent(session, row)
    turned = file(
        session,
        row,
        comment(session, row, LETTER.replace("Please stop", "Please do not stop"), "", None),
        published=True,
    )
    follow(session, row)
    group = session.scalars(
        select(TextGroup).where(
            TextGroup.consultation_id == row.id, TextGroup.text_hash == session.get_one(Submission, turned.id).text_hash
        )
    ).one()
    assert (group.contrary, group.checked) == (True, None)
    (argument,) = letters(session, row)
    answer(session, argument)
    assert responses.count_answered(session, [turned.id]) == {turned.id: 1}
    assert told(session, argument) == {one.id for one in [*made, turned]}


def told(session: Session, argument: Argument) -> set[int]:
    """The submissions whose people would get a letter about an answer, if all of them had an address."""
    everybody = notifications.PEOPLE_OF_ARGUMENTS.partition("WHERE coalesce(c.email_index")[0]
    return set(session.scalars(text(f"SELECT s.id {everybody}"), {"arguments": [argument.id]}))


def test_the_page_on_which_a_demand_is_answered_shows_its_letter_and_what_senders_add(
    session: Session, sign_in: SignIn
) -> None:
    row = factories.consultation(session)
    sent(session, row)
    added = "I have picked fruit since I was a child, and nobody asked us."
    file(session, row, comment(session, row, f"{LETTER} {added}", "", None), published=True)
    follow(session, row)
    (argument,) = letters(session, row)
    page = html.fromstring(sign_in(owner(session, row)).get(f"/desk/arguments/{argument.id}/answer").text)
    (aside,) = page.xpath("//aside[contains(@class, 'context')]")
    shown = " ".join(aside.text_content().split())
    assert "Campaign letter" in shown
    assert "The proposed changes would make it easier to deny jobs" in shown
    assert "6 published copies, 1 with added words" in shown
    assert added in shown
    assert shown.count(DEMAND) == 2  # in the letter, and as the request
