"""The owner publishes the next draft: text, map, correction, publication; readers see what changed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import docx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Question
from consult.core.web.access import Role
from consult.documents import queries as documents
from consult.documents.model import Provision, Version
from consult.ledger.model import Kind, LedgerEntry
from tests import factories
from tests.counting import statements

PARAGRAPH = "Each State shall do what paragraph {} says."
TEXT = f"""# Draft plan

## 1 Chapter 1

1.1 {PARAGRAPH.format("1.1")}

1.2 Civil society is asked before any decision is taken.

1.3 {PARAGRAPH.format("1.2").replace("do", "do, without delay,")}

## 2 Chapter 2

2.1 {PARAGRAPH.format("2.1")}
"""


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def desk(owner: Account, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(owner)


@pytest.fixture
def plan(session: Session, owner: Account) -> Consultation:
    return factories.consultation(session, owner=owner)


@pytest.fixture
def address(plan: Consultation) -> str:
    return f"/desk/consultations/{plan.id}/next"


def test_the_next_draft_is_mapped_corrected_and_published(
    desk: FlaskClient, session: Session, plan: Consultation, address: str
) -> None:
    assert "Prepare the next version" in desk.get(f"/desk/consultations/{plan.id}").text
    answer = desk.post(address, data={"text": TEXT, "do": "save"}, follow_redirects=True)
    assert answer.request.path == f"{address}/map"
    for shown in ("Publish version 2", "1.2</bdi>", "Reworded", "New", "Removed", "</ins>", "without delay"):
        assert shown in answer.text
    found = re.search(r'id="n(\d+)" href="[^"]*">Correct the source of 1\.2', answer.text)
    assert found
    unknown = desk.post(f"{address}/map/{found[1]}", data={"before": "9.9"})
    assert unknown.status_code == 422
    assert "no provision 9.9" in unknown.text
    assert 'value="9.9"' in unknown.text
    corrected = desk.post(f"{address}/map/{found[1]}", data={"before": "2.2"}, follow_redirects=True)
    assert "Source corrected." in corrected.text
    assert "Moved" in corrected.text
    done = desk.post(f"{address}/publish", follow_redirects=True)
    assert "Version 2 of the draft published." in done.text
    session.expire_all()
    rows = documents.list_provisions(session, plan.version_id or 0)
    assert {row.number: row.wid for row in rows if row.number in ("1.2", "1.3")} == {
        "1.2": "chp_2__para_2", "1.3": "chp_1__para_2",
    }  # fmt: skip
    taken = desk.get(f"/c/{plan.slug}/draft.xml").text
    assert '<paragraph eId="chp_1__para_2" wId="chp_2__para_2">' in taken
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.DRAFT_PUBLISHED)).one()
    assert (entry.detail["version"], entry.detail["provisions"]) == (2, 6)
    assert len(entry.detail["provisions_sha256"]) == 64
    assert entry.consultation_id == plan.id


def test_until_it_is_published_nobody_else_sees_the_next_draft(
    desk: FlaskClient, client: FlaskClient, session: Session, plan: Consultation, address: str
) -> None:
    desk.post(address, data={"text": TEXT, "do": "save"})
    assert "Civil society is asked" not in client.get(f"/c/{plan.slug}/draft").text
    assert "Civil society is asked" not in client.get(f"/c/{plan.slug}/draft.md").text
    assert "This draft has only one version so far." in client.get(f"/c/{plan.slug}/changes").text
    assert f'href="{address}/discard"' in desk.get(f"{address}/map").text
    asked = desk.get(f"{address}/discard")
    assert "Discard version 2?" in asked.text
    assert "Version 1 stays published with all its comments" in asked.text
    assert len(session.scalars(select(Version)).all()) == 2, "to be asked drops nothing"
    dropped = desk.post(f"{address}/discard", follow_redirects=True)
    assert "Next version discarded." in dropped.text
    assert len(session.scalars(select(Version)).all()) == 1
    assert desk.get(f"{address}/map").status_code == 404
    assert desk.get(f"{address}/discard").status_code == 404


def test_a_question_stays_with_its_chapter(
    desk: FlaskClient, session: Session, owner: Account, address: str, plan: Consultation
) -> None:
    question = Question(
        consultation_id=plan.id, position=0, wording="What is missing?", hint="", required=False, chapter="chp_2"
    )
    session.add(question)
    text = TEXT.replace("## 2", "## 2 Words\n\n2.1 In this plan words mean what they mean.\n\n## 3")
    desk.post(address, data={"text": text.replace("2.1 Each", "3.1 Each"), "do": "save"})
    desk.post(f"{address}/publish")
    session.expire_all()
    assert question.chapter == "chp_3"


def test_pasted_text_without_marks_gets_its_headings(desk: FlaskClient, address: str) -> None:
    pasted = "CHAPTER I\n\nAims\n\n1. Each State shall test.\n\nCHAPTER II\n\nMeans\n\n2. Money."
    assert '<span class="nr">CHAPTER I</span>' in desk.post(address, data={"text": pasted, "do": "preview"}).text


def test_a_text_with_problems_is_kept_and_what_to_mend_is_told_by_line(desk: FlaskClient, address: str) -> None:
    answer = desk.post(address, data={"text": f"{TEXT}\n\n{'word ' * 5000}", "do": "save"})
    assert answer.status_code == 422
    assert "This text is too long." in answer.text
    assert "Civil society is asked" in answer.text


def test_how_a_provision_was_read_is_corrected_without_a_script(desk: FlaskClient, address: str) -> None:
    asked = desk.post(address, data={"text": TEXT, "do": "correct-2"}).text
    assert "Correct this line" in asked
    assert 'value="apply-2"' in asked
    typed = {"p2-kind": "point", "p2-number": "(a)", "p2-heading": "", "p2-under": "1"}
    applied = desk.post(address, data={"text": TEXT, "do": "apply-2", **typed})
    assert applied.status_code == 200
    assert "\n(a) Civil society is asked" in applied.text
    wrong = desk.post(address, data={"text": TEXT, "do": "apply-2", **typed, "p2-under": "5"})
    assert "Correct this line" in wrong.text
    assert desk.post(address, data={"text": TEXT, "do": "correct-99"}).status_code == 200


def test_doubts_are_listed_with_their_place_and_do_not_stop_publication(
    desk: FlaskClient, session: Session, address: str
) -> None:
    twice = TEXT.replace("1.3", "1.2")
    shown = desk.post(address, data={"text": twice, "do": "preview"}).text
    assert ". Check 1 line." in shown
    assert "This number is used twice under the same heading." in shown
    assert desk.post(address, data={"text": twice, "do": "save"}).status_code == 303
    assert "We may have misread 1 line of the draft." in desk.get(f"{address}/map").text
    desk.post(f"{address}/publish")
    numbers = [row.number for row in session.scalars(select(Provision).join(Version).where(Version.number == 2))]
    assert numbers.count("1.2") == 2


def test_the_outline_is_mended_with_buttons_and_shows_what_was_changed(desk: FlaskClient, address: str) -> None:
    text = "## 1 Aims\n\n1.1 Help all\n\n2.5 million people.\n\n1.2 Two. (a) Point."
    asked = desk.post(address, data={"text": text, "do": "correct-2"}).text
    for button in ("indent-2", "outdent-2", "join-2", "split-2", "apply-2"):
        assert f'value="{button}"' in asked
    joined = desk.post(address, data={"text": text, "do": "join-2"}).text
    assert "1.1 Help all 2.5 million people." in joined
    deeper = desk.post(address, data={"text": text, "do": "indent-3"}).text
    assert re.search(r'value="correct-3"[^>]*autofocus', deeper)
    assert "{point 2" in deeper
    divided = desk.post(address, data={"text": text, "do": "split-3", "p3-at": "(a) Point"}).text
    assert "\n1.2 Two.\n" in divided.replace("\r", "")
    wrong = desk.post(address, data={"text": text, "do": "split-3", "p3-at": "not there"}).text
    assert "Enter the first words of the new line exactly as they are in the text" in wrong


def test_a_word_file_is_uploaded_and_a_bad_one_refused_at_its_field(desk: FlaskClient, address: str) -> None:
    made = docx.Document()
    made.add_heading("Aims", 1)
    made.add_paragraph("Each State shall test.")
    stream = io.BytesIO()
    made.save(stream)
    data = {"file": (io.BytesIO(stream.getvalue()), "plan.docx"), "do": "preview", "text": ""}
    assert "# Aims\n\nEach State shall test." in desk.post(address, data=data).text
    bad = {"file": (io.BytesIO(b"PK\x03\x04rest"), "plan.docx"), "do": "preview", "text": "## 1 Kept"}
    answer = desk.post(address, data=bad)
    assert answer.status_code == 422
    assert "This Word file is damaged." in answer.text
    assert "## 1 Kept" in answer.text


def test_somebody_elses_next_draft_is_not_mine(
    desk: FlaskClient, session: Session, sign_in: Callable[[Any], FlaskClient], address: str
) -> None:
    desk.post(address, data={"text": TEXT, "do": "save"})
    other = sign_in(factories.account(session, Role.POLICYMAKER))
    for path in ("", "/map", "/map/1", "/discard"):
        assert other.get(address + path).status_code == 403
    assert other.post(f"{address}/publish").status_code == 403
    assert other.post(f"{address}/discard").status_code == 403
    assert other.post(address, data={"text": TEXT, "do": "save"}).status_code == 403


def test_readers_see_what_changed_in_one_text_or_side_by_side(
    desk: FlaskClient, client: FlaskClient, plan: Consultation, address: str
) -> None:
    desk.post(address, data={"text": TEXT, "do": "save"})
    desk.post(f"{address}/publish")
    page = client.get(f"/c/{plan.slug}/changes")
    assert page.status_code == 200
    assert '<ins><bdi class="hidden" lang="en">New: </bdi>, without delay,</ins> what' in page.text
    beside = client.get(f"/c/{plan.slug}/changes?from=1&to=2&view=beside&all=1").text
    assert "Each State shall do what paragraph 2.1 says." in beside
    assert client.get(f"/c/{plan.slug}/changes?from=1&to=9").status_code == 404
    assert "Choose two different versions." in client.get(f"/c/{plan.slug}/changes?from=2&to=2").text
    with statements() as sent:
        client.get(f"/c/{plan.slug}/changes")
    assert len(sent) <= 8


def test_the_draft_is_taken_away_in_three_forms_and_printed(client: FlaskClient, plan: Consultation) -> None:
    for form, start in (("xml", b"<?xml"), ("md", b"# Draft plan"), ("docx", b"PK")):
        answer = client.get(f"/c/{plan.slug}/draft.{form}")
        assert answer.status_code == 200
        assert answer.data.startswith(start)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{plan.slug}.{form}"'
    assert "Each State shall do what paragraph 2.2 says." in client.get(f"/c/{plan.slug}/print").text
    assert client.get("/c/nothing/draft.md").status_code == 404
    assert client.get(f"/c/{plan.slug}/draft.exe").status_code == 404
