"""Text in another language than its page is marked, for people who use screen readers."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from html5lib import HTMLParser
from sqlalchemy import update
from sqlalchemy.orm import Session

from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Consultation
from consult.search import service as search
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import service as evidence
from consult.submissions.model import EvidenceKind, State
from tests import factories, filing

DRAFT = "# Plan\n\n## 1 Purpose of the plan\n\n1.1 Each State shall report soon.\n\n1.2 Aerial spraying ends.\n"
HTML = "{http://www.w3.org/1999/xhtml}"
FORMATS = ("JSON Lines", "Akoma Ntoso")


@pytest.fixture
def it(session: Session) -> Consultation:
    """An English draft in two versions with an English argument, and evidence in Spanish."""
    row = factories.with_draft(session, DRAFT)
    row.title = "Plan on early warning"
    for n in range(5):
        words = f"Early warning of new substances saves lives in every valley, says reader number {n}."
        filing.file(session, row, filing.comment(session, row, words, "1.1"), person=f"P{n}", published=True)
    sent = filing.file(session, row, filing.comment(session, row, "See our figures.", "1.1"), person="Ana")
    study = EvidenceItem(
        scheme="doi", reference="10.1000/182", kind=EvidenceKind.STUDY, description="Un manual de alerta temprana",
        method="Entrevistas con vecinos", language="es", consent=True,
    )  # fmt: skip
    evidence.attach(session, sent, [study])
    filing.decide(session, sent, State.PUBLISHED)
    until = filing.numbered(session)
    arguments.FOLLOWER.follow(session, consultation_id=row.id, until=until)
    arguments.propose(session, consultation_id=row.id, place="chp_1__para_1")
    session.execute(update(Argument).values(name="Warnings save lives"))
    while search.FOLLOWER.follow_site(session):
        session.commit()
    factories.publish_next(session, row, DRAFT.replace("soon", "every year"))
    return row


def unmarked(page: str) -> list[str]:
    """Words of the Latin alphabet in the body of an Arabic page that no element says to be in another language."""
    found: list[str] = []

    def look(element: object, lang: str) -> None:
        if element.tag in (f"{HTML}script", f"{HTML}style", f"{HTML}code", f"{HTML}option"):  # type: ignore[attr-defined]
            return
        lang = element.get("lang", lang)  # type: ignore[attr-defined]
        for text in [element.text, *(child.tail for child in element)]:  # type: ignore[attr-defined]
            if lang == "ar" and re.search(r"[A-Za-z]{3,} [A-Za-z]{2,}", text or "") and not text.startswith(FORMATS):
                found.append(" ".join((text or "").split()))
            if lang != "ar" and re.search(r"[\u0600-\u06ff]{2,}", text or ""):
                found.append(" ".join((text or "").split()))
        for child in element:  # type: ignore[attr-defined]
            look(child, lang)

    parsed = HTMLParser().parse(page)
    look(parsed.find(f"{HTML}body"), "ar")
    return found


@pytest.mark.parametrize(
    "path",
    ["", "/draft", "/arguments", "/arguments/{n}", "/outcome", "/evidence", "/evidence/{e}", "/changes", "/comments",
     "/p/1.1", "/search?q=warning"],
)  # fmt: skip
def test_words_in_another_language_are_said_to_be(
    session: Session, client: FlaskClient, it: Consultation, path: str
) -> None:
    found = re.findall(r"/arguments/(\d+)", client.get(f"/c/{it.slug}/arguments").text)
    pieces = re.findall(r"/evidence/(\d+)", client.get(f"/c/{it.slug}/evidence").text)
    address = f"/c/{it.slug}{path.format(n=found[0], e=pieces[0])}"
    page = client.get(address, headers={"Accept-Language": "ar"})
    assert page.status_code == 200
    assert 'lang="ar"' in page.text
    assert unmarked(page.text) == []
