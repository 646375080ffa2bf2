"""Possible personal data on the check page: marked where they stand, told at the top, taken out with one press."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.case_studies.content import StudySource
from consult.case_studies.model import PartKind, SourceDesign
from consult.consultations.model import Consultation
from tests import factories
from tests.case_studies.written import CONTENT, person, written
from tests.files.samples import pdf
from tests.forms import hidden, pressed

NUMBER, ADDRESS = "+593 99 123 4567", "maria@example.org"
WORDS = f"Ask my cousin Maria Lopez on {NUMBER} or {ADDRESS} why."
MARKED = f'<mark>{NUMBER}<bdi class="hidden" lang="en"> (Phone number)</bdi></mark>'


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.consultation(session, questions=1, no_identity=True)
    session.commit()
    return row


def test_words_are_marked_where_they_stand_below_a_notice_at_the_top(client: FlaskClient, it: Consultation) -> None:
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"body": WORDS, "stance": "drop"})
    page = client.get(f"/c/{it.slug}/respond/check").text
    assert MARKED in page
    assert f"<mark>{ADDRESS}" in page
    assert "<mark>my cousin Maria Lopez" in page
    assert page.index("Check these words") < page.index("Your comments</h2>")
    assert page.count("Check these words") == 1


def test_one_press_takes_them_out_and_one_puts_them_back(client: FlaskClient, it: Consultation) -> None:
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"body": WORDS, "stance": "drop"})
    url = f"/c/{it.slug}/respond/check"
    done = client.post(url, data={"do": "cover"})
    assert done.status_code == 200
    assert "Ask […] on […] or […] why." in done.text
    assert "Check these words" not in done.text
    assert NUMBER not in done.text
    assert NUMBER not in client.get(url).text
    back = client.post(url, data={"do": "restore", "undo": hidden(done, "undo")})
    assert MARKED in back.text
    assert client.post(url, data={"do": "restore", "undo": "spoilt"}).status_code in (400, 422)


def test_a_proposed_text_keeps_its_length_when_words_go_out_of_it(client: FlaskClient, it: Consultation) -> None:
    said = {"stance": "wording", "proposed": f"Call {NUMBER} first.", "body": f"Or write to {ADDRESS}."}
    client.post(f"/c/{it.slug}/respond/comment/1.1", data=said)
    client.post(f"/c/{it.slug}/respond/check", data={"do": "cover"})
    form = client.get(f"/c/{it.slug}/respond/comment/1.1").text
    assert "Call […] first.</textarea>" in form
    assert "Or write to […].</textarea>" in form


def test_the_same_without_identity_where_going_back_undoes_it(client: FlaskClient, it: Consultation) -> None:
    form = client.get(f"/n/{it.slug}")
    said = {
        name: hidden(form, name) for name in ("csrf_token", "code", "boxes", "key") if f'name="{name}"' in form.text
    }
    said |= {"on_0": "0", "stance_0": "drop", "body_0": WORDS, "language": "en"}
    page = client.post(f"/n/{it.slug}", data={**said, "do": "check"})
    assert MARKED in page.text
    assert page.text.index("Check these words") < page.text.index(MARKED)
    done = client.post(f"/n/{it.slug}", data={**said, "do": "cover"})
    assert "Ask […] on […] or […] why." in done.text
    assert 'value="Ask […] on […] or […] why."' in done.text
    assert NUMBER not in done.text
    assert "go back in your browser" in done.text


def test_what_is_said_of_evidence_is_marked_taken_out_and_put_back_too(client: FlaskClient, it: Consultation) -> None:
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"body": "It is too slow.", "stance": "drop"})
    said = {"description": f"Register kept by my cousin Maria Lopez, {NUMBER}", "kind": "study", "language": "en"}
    said |= {"method": f"Ask {ADDRESS}", "reference": "10.1000/182"}
    assert client.post(f"/c/{it.slug}/respond/evidence/reference", data=said).status_code == 303
    url = f"/c/{it.slug}/respond/check"
    page = client.get(url).text
    assert MARKED in page
    assert f"<mark>{ADDRESS}" in page
    assert "<mark>my cousin Maria Lopez" in page
    assert page.index("Check these words") < page.index("Your evidence</h2>")
    done = client.post(url, data={"do": "cover"})
    assert "Register kept by […], […]" in done.text
    assert "Ask […]" in done.text
    assert "Check these words" not in done.text
    assert MARKED in client.post(url, data={"do": "restore", "undo": hidden(done, "undo")}).text


def test_the_same_of_a_file_without_identity(client: FlaskClient, it: Consultation) -> None:
    said = {"shows": f"Scan by my cousin Maria Lopez, {NUMBER}", "evidence_kind": "study", "may_share": "y"}
    form = pressed(client.get(f"/n/{it.slug}").text, ("do", "file"), **said, body_0="It is too slow.").to_dict()
    added = client.post(f"/n/{it.slug}", data={**form, "stance_0": "drop", "file": (io.BytesIO(pdf()), "a.pdf")})
    added.request.environ["wsgi.input"].close()
    page = client.post(f"/n/{it.slug}", data=pressed(added.text, ("do", "check"))).text
    assert MARKED in page
    done = client.post(f"/n/{it.slug}", data=pressed(page, ("do", "cover"))).text
    assert "Scan by […], […]" in done
    assert NUMBER not in done
    again = client.post(f"/n/{it.slug}", data=pressed(done, ("do", "edit"))).text
    assert "Scan by […], […]" in again
    assert NUMBER not in again


def test_a_case_study_is_scanned_before_it_is_sent(session: Session, sign_in: Callable[[Account], FlaskClient]) -> None:
    author = person(session)
    parts = {**CONTENT.parts, PartKind.DONE: f"Ask my cousin Maria Lopez on {NUMBER}."}
    sources = [StudySource(SourceDesign.BEFORE_AFTER, f"Letter from {ADDRESS}", 412)]
    row = written(session, author, parts=parts, sources=sources)
    plain = written(session, author)
    session.commit()
    client = sign_in(author)
    page = client.get(f"/evidence/case-studies/{row.id}/check").text
    assert page.index("Check these words") < page.index(MARKED)
    assert "<mark>my cousin Maria Lopez" in page
    assert f"<mark>{ADDRESS}" in page
    assert "Check these words" not in client.get(f"/evidence/case-studies/{plain.id}/check").text
