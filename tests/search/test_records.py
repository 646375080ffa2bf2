"""Files of what was found: every row says where it is, in words, and leads back to its page."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation, Question
from consult.search import service
from consult.submissions.anchors import carry_forward
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import service as evidence
from consult.submissions.model import EvidenceKind, State
from tests import factories, filing

_TEN = "\n\n".join(f"2.{n} Each State shall report on matter {n} of the plan." for n in range(1, 11))
FIRST = f"""# Plan

## 1 Aims

1.1 Police guidance shall be issued.

1.2 Aerial spraying ends.

## 2 Reports

{_TEN}
"""
SECOND = FIRST.replace("1.2 Aerial spraying ends.", "1.2 Judges shall be trained in human rights, and paid.")


@pytest.fixture
def it(session: Session) -> Consultation:
    """A draft of two versions, with something said on either, to questions, on all of it, and with evidence."""
    row = factories.with_draft(session, FIRST)
    for n in (4, 7, 9):  # positions are an order, not numbers
        session.add(Question(consultation_id=row.id, position=n, wording=f"What of {n}?", hint="", required=False))
    session.flush()
    on = {
        "1.1": "On guidance.",
        "1.2": "On spraying.",
        "2.10": "On matter ten.",
        "2": "On the chapter.",
        "": "On it all.",
    }
    said = [filing.comment(session, row, words, number) for number, words in on.items()]
    filing.file(session, row, *said, answers={0: "First.", 2: "Third."}, published=True)
    factories.publish_next(session, row, SECOND)
    while carry_forward.carry_batch(session, consultation_id=row.id):
        session.commit()
    sent = filing.file(session, row, filing.comment(session, row, "On judges.", "1.2"), person="Ana")
    study = EvidenceItem(
        scheme="doi", reference="10.1000/182", kind=EvidenceKind.STUDY, description="A handbook.", language="en",
        consent=True,
    )  # fmt: skip
    evidence.attach(session, sent, [study])
    filing.decide(session, sent, State.PUBLISHED)
    filing.numbered(session)
    while service.FOLLOWER.follow_site(session):
        session.commit()
    return row


def rows(client: FlaskClient, it: Consultation, *, of: str = "search") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(f"/c/{it.slug}/{of}.csv").text)))


def test_every_row_leads_to_a_page_that_has_its_words_at_its_place(client: FlaskClient, it: Consultation) -> None:
    found = rows(client, it)
    assert Counter(row["what"] for row in found) == {"comment": 8, "evidence": 1}
    for row in found:
        address, _hash, anchor = row["page"].partition("#")
        assert address.startswith("http://localhost/c/")
        page = unescape(client.get(address).text)
        if row["what"] == "comment":
            page = re.search(rf'<section class="comment" id="{anchor}">.*?</section>', page, re.DOTALL)[0]  # type: ignore[index]
        assert row["comment"] in page
        assert row["place"].casefold() in " ".join(re.sub(r"<[^>]+>", "", page).split()).casefold()


def test_a_place_has_its_words_its_kind_its_number_and_its_version(client: FlaskClient, it: Consultation) -> None:
    columns = ("place", "place_kind", "place_number", "place_id", "version")
    assert {row["comment"]: tuple(row[name] for name in columns) for row in rows(client, it)} == {
        "On guidance.": ("Paragraph 1.1", "paragraph", "1.1", "chp_1__para_1", "2"),
        "On spraying.": ("Paragraph 1.2 in version 1", "paragraph", "1.2", "chp_1__para_2", "1"),
        "On judges.": ("Paragraph 1.2", "paragraph", "1.2", "chp_1__para_2-v2", "2"),
        "On matter ten.": ("Paragraph 2.10", "paragraph", "2.10", "chp_2__para_10", "2"),
        "On the chapter.": ("Chapter 2", "chapter", "2", "chp_2", "2"),
        "On it all.": ("The draft as a whole", "whole", "", "", ""),
        "First.": ("Question 1", "question", "1", "question-1", ""),
        "Third.": ("Question 3", "question", "3", "question-3", ""),
        "A handbook.": ("", "", "", "", ""),
    }
    lines = [json.loads(line) for line in client.get("/search.jsonl").text.splitlines()]
    assert {line["place"]: (line["place_number"], line["version"]) for line in lines}["Paragraph 2.10"] == ("2.10", 2)
    assert [row["page"] for row in rows(client, it, of="evidence")] == [
        row["page"] for row in rows(client, it) if row["what"] == "evidence"
    ]


def test_places_are_named_in_the_language_of_the_page(client: FlaskClient, it: Consultation) -> None:
    text = client.get(f"/c/{it.slug}/search.csv?lang=fr").text
    assert {"Paragraphe 1.1", "Question 3"} <= {row["place"] for row in csv.DictReader(io.StringIO(text))}
