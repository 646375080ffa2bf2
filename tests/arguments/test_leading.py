"""Beside a paragraph stands what leads there: the argument that most people make, with words of one of them."""

from __future__ import annotations

from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.arguments import service
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.core.web.access import Role
from consult.submissions.model import State
from tests import factories
from tests.arguments.speaking import NEEDLES, PRISONS, follow, holding, propose, said
from tests.arguments.test_letter_demands import DEMAND, LETTER
from tests.counting import statements
from tests.filing import comment, decide, file


def notes(client: FlaskClient, row: Consultation, path: str = "draft") -> list[str]:
    page = html.fromstring(client.get(f"/c/{row.slug}/{path}").text)
    return [" ".join(note.text_content().split()) for note in page.find_class("para-notes")]


def test_the_note_is_the_argument_with_most_voices_and_says_that_nobody_checked_it(
    session: Session, client: FlaskClient
) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES, *PRISONS[:2])
    found = holding(session, row, NEEDLES[0])
    assert notes(client, row) == []  # nobody has checked it
    service.name_argument(
        session, argument_id=found.id, by=factories.account(session, Role.ADMIN), words="Fund the exchange"
    )
    session.commit()
    page = client.get(f"/c/{row.slug}/draft")
    assert f'/c/{row.slug}/arguments/{found.id}"' in page.text
    (note,) = notes(client, row)
    assert "Fund the exchange" in note
    assert "Suggested" not in note


def test_a_lone_voice_is_never_shown_as_what_leads(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    said(session, row, NEEDLES[0], PRISONS[0])
    assert notes(client, row) == []


def test_a_letter_leads_by_its_senders_and_its_words_are_of_nobody(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    for _copy in range(6):
        file(session, row, comment(session, row, LETTER, "1.1"), person="Rosa Quispe", published=True)
    said(session, row, *NEEDLES)
    assert notes(client, row) == []
    by = factories.account(session, Role.ADMIN)
    asked = session.scalars(select(Argument).where(Argument.consultation_id == row.id, Argument.senders > 0)).one()
    service.name_argument(session, argument_id=asked.id, by=by, words="Stop the changes")
    session.commit()
    (note,) = notes(client, row)
    assert "6 submissions, 6 of them copies of campaign letters" in note
    assert DEMAND in note
    assert "Rosa Quispe" not in note


def test_words_taken_down_are_in_no_note(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    filed = [file(session, row, words, published=True) for words in NEEDLES]
    follow(session, row)
    propose(session, row)
    by = factories.account(session, Role.ADMIN)
    service.name_argument(session, argument_id=holding(session, row, NEEDLES[0]).id, by=by, words="Fund it")
    session.commit()
    assert notes(client, row)
    for one in filed:
        decide(session, one, State.WITHHELD, "off_topic")
    session.commit()
    assert notes(client, row) == []


def test_the_reading_room_asks_the_same_however_many_paragraphs_and_comments_there_are(
    session: Session, client: FlaskClient
) -> None:
    row = factories.consultation(session)
    said(session, row, *NEEDLES)

    def count(path: str) -> int:
        with statements() as seen:
            assert client.get(f"/c/{row.slug}/{path}").status_code == 200
        return len(seen)

    named = update(Argument).where(Argument.consultation_id == row.id).values(name="Fund the exchange")
    session.execute(named)
    session.commit()
    count("draft")
    few = [count(path) for path in ("draft?a", "draft?whole=1")]
    for n in range(10):
        for on in ("1.1", "1.2", "2.1"):
            for words in (LETTER, *NEEDLES):
                file(session, row, comment(session, row, f"{words} Number {n}.", on), published=True)
    follow(session, row)
    for place in ("chp_1__para_1", "chp_1__para_2", "chp_2__para_1"):
        propose(session, row, place)
    session.execute(named)
    session.commit()
    assert [count(path) for path in ("draft?a", "draft?whole=1")] == few
    assert notes(client, row, "draft?whole=1")
