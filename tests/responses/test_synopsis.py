"""The synopsis report: its parts, that its page, PDF and DOCX say the same, and that its numbers can be recounted."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import timedelta

import pytest
from docx import Document
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.i18n import force_locale
from consult.core.web.template_filters import format_day
from consult.digests.count_queries import FOLLOWER as HEARD
from consult.digests.results import cache as results_cache
from consult.responses.synopsis import cells, queries, report
from consult.submissions.model import State
from tests import factories, filing
from tests.counting import statements
from tests.responses.answering import REASONS, answer, argued
from tests.sample import load_sample

PRISON = "prison-health-standards"


def closed(session: Session, row: Consultation) -> Consultation:
    """Closed and counted, as the clock does it."""
    row.opens_at, row.closes_at, row.phase = now() - timedelta(days=30), now() - timedelta(days=2), Phase.CLOSED
    session.commit()
    HEARD.follow(session, consultation_id=row.id, until=filing.numbered(session))
    results_cache.refresh(session, consultation_id=row.id)
    session.commit()
    return row


def sample(session: Session) -> None:
    """The sample, with the closed consultation counted."""
    load_sample(session)
    row = session.scalars(select(Consultation).where(Consultation.slug == PRISON)).one()
    HEARD.follow(session, consultation_id=row.id, until=filing.numbered(session))
    results_cache.refresh(session, consultation_id=row.id)
    session.commit()


def unname(session: Session) -> None:
    """As a job left the arguments: no person has named any."""
    session.execute(update(Argument).values(name=None, kept=False))
    session.commit()


def text_of(page: str) -> str:
    return " ".join(html.fromstring(page).text_content().split())


def words_of_blocks(made: queries.Synopsis) -> list[str]:
    """Everything that the report says, in order."""
    found = []
    for section in report.build(made):
        found += [section.heading, section.lead]
        for one in section.blocks:
            found += [one[key] for key in ("text", "words", "source") if one.get(key)]
            found += list(one.get("head", ()))
            found += [item["text"] for row in one.get("rows", ()) for item in row]
            found += [item["text"] for item in one.get("items", ())]
    return [" ".join(one.split()) for one in found]


def test_an_open_consultation_has_no_synopsis(session: Session, client: FlaskClient) -> None:
    row, _argument = argued(session)
    filing.numbered(session)
    results_cache.refresh(session, consultation_id=row.id)
    session.commit()
    for name in ("", "/report.pdf", "/report.docx", "/arguments.csv", "/submissions.csv"):
        assert client.get(f"/c/{row.slug}/synopsis{name}").status_code == 404
    assert f"/c/{row.slug}/synopsis" not in client.get(f"/c/{row.slug}").text


def test_a_consultation_that_still_takes_late_submissions_has_none(session: Session, client: FlaskClient) -> None:
    row, _argument = argued(session)
    closed(session, row)
    assert f"/c/{row.slug}/synopsis" in client.get(f"/c/{row.slug}").text
    row.late_until = now() + timedelta(hours=1)
    session.commit()
    assert client.get(f"/c/{row.slug}/synopsis").status_code == 404


def test_the_page_the_pdf_and_the_docx_say_the_same(session: Session, client: FlaskClient) -> None:
    sample(session)
    made = queries.get_synopsis(session, PRISON)
    with force_locale("en"):
        told = words_of_blocks(made)
    page = text_of(client.get(f"/c/{PRISON}/synopsis").text)
    paper = Document(io.BytesIO(client.get(f"/c/{PRISON}/synopsis/report.docx").data))
    in_docx = " ".join(" ".join(node.itertext()) for node in [paper.element.body])
    plain = re.sub(r"\s+", "", in_docx)
    for one in told:
        assert one in page
        assert re.sub(r"\s+", "", one) in plain
    assert client.get(f"/c/{PRISON}/synopsis/report.pdf").data.startswith(b"%PDF")


def test_shares_have_one_sign_and_no_answer_is_later_than_the_last(session: Session, client: FlaskClient) -> None:
    sample(session)
    with force_locale("en"):
        told = words_of_blocks(queries.get_synopsis(session, PRISON))
    assert "It was clear what could still change · 60%" in told
    last = told[told.index("The last answer so far was given") + 1]
    given = queries.get_synopsis(session, PRISON).arguments
    assert last == format_day(max(one.response.said_at for one in given if one.response), "Europe/Lisbon")


def test_an_answer_that_was_put_off_to_a_day_that_has_passed_is_called_overdue(
    session: Session, client: FlaskClient
) -> None:
    row, argument = argued(session)
    made = answer(session, argument, outcome="deferred", due_on=(now() + timedelta(days=9)).date())
    closed(session, row)

    def told() -> list[str]:
        with force_locale("en"):
            lines = words_of_blocks(queries.get_synopsis(session, row.slug))
        return [one for one in lines if "Deferred ·" in one]

    (before,) = told()
    assert f"until {format_day(made.due_on)}" in before
    made.due_on = (now() - timedelta(days=1)).date()
    session.commit()
    (after,) = told()
    assert f"Overdue since {format_day(made.due_on)}" in after
    assert "until" not in after


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_it_is_made_in_each_language(session: Session, client: FlaskClient, language: str) -> None:
    sample(session)
    page = client.get(f"/c/{PRISON}/synopsis?lang={language}")
    assert page.status_code == 200
    assert f'lang="{language}"' in page.text
    assert client.get(f"/c/{PRISON}/synopsis/report.pdf?lang={language}").data.startswith(b"%PDF")
    assert client.get(f"/c/{PRISON}/synopsis/report.docx?lang={language}").status_code == 200


def test_the_headings_are_numbered_and_stand_in_the_contents(session: Session, client: FlaskClient) -> None:
    row, _argument = argued(session)
    closed(session, row)
    page = html.fromstring(client.get(f"/c/{row.slug}/synopsis").text)
    headings = [one.text_content() for one in page.xpath("//summary/h2")]
    numbers = [int(found[0]) for one in headings if (found := re.match(r"\d+", one))]
    assert numbers == list(range(1, 12))
    paper = Document(io.BytesIO(client.get(f"/c/{row.slug}/synopsis/report.docx").data))
    named = [one.text for one in paper.paragraphs if one.style.name == "Heading 2"]
    assert [one for one in headings if re.match(r"\d", one)] == named
    contents = paper.element.body.xpath("//w:instrText")
    assert [one.text for one in contents if "TOC" in one.text]


def test_each_category_is_counted_once_and_letters_apart(session: Session) -> None:
    row = factories.consultation(session)
    for number in range(6):
        filing.file(session, row, "We ask you to fund needle exchange in every prison of the region without delay "
                    "because it saves lives and costs little.", published=True, person=f"Sender {number}")  # fmt: skip
    filing.file(session, row, "Our network runs four clinics.", published=True, organisation="Network of clinics")
    filing.file(session, row, "I waited nine weeks for a doctor.", published=True, person="Ana")
    filing.file(session, row, "I would rather not say who I am.", published=True)
    filing.file(session, row, "This one is not published.")
    closed(session, row)
    made = queries.get_synopsis(session, row.slug)
    counts = cells.merge_kinds(made.kinds)
    assert counts == {"organisation": 1, "person": 1, "unnamed": 1, "letter": 6}
    with force_locale("en"):
        told = words_of_blocks(made)
    assert told[told.index("People who sent a campaign letter") + 1] == "6"
    assert told[told.index("People who gave a name") + 1] == "–", "one person is not shown alone"
    assert sum(counts.values()) == made.data.numbers.published


def test_the_table_can_be_recounted_from_the_statements_of_each_argument(session: Session, client: FlaskClient) -> None:
    """Each total is the number of published submissions in the file of arguments; and all of these are public."""
    sample(session)
    rows = list(csv.DictReader(io.StringIO(client.get(f"/c/{PRISON}/synopsis/arguments.csv").text)))
    assert rows
    made = list(csv.DictReader(io.StringIO(client.get(f"/c/{PRISON}/synopsis/submissions.csv").text)))
    published = csv.DictReader(io.StringIO(client.get(f"/c/{PRISON}/heard/list/all-published.csv").text))
    counted = Counter(one["argument"] for one in made)
    assert {one["argument"]: int(one["submissions"]) for one in rows} == counted
    assert {one["submission"] for one in made} <= {one["reference"] for one in published}


def test_what_is_answered_stands_with_the_words_of_the_answer(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    answer(session, argument)
    closed(session, row)
    page = text_of(client.get(f"/c/{row.slug}/synopsis").text)
    assert REASONS in page
    assert "1 of 2 arguments are answered." in page


def test_suggestions_that_no_person_checked_are_counted_but_not_listed(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    unname(session)
    closed(session, row)
    for name in ("arguments.csv", "submissions.csv"):
        assert len(client.get(f"/c/{row.slug}/synopsis/{name}").text.splitlines()) == 1, "only the names of the columns"
    page = text_of(client.get(f"/c/{row.slug}/synopsis").text)
    assert "Software suggests 2 more groups of excerpts." in page
    assert "not checked" not in page
    argument.name, argument.kept = "Pay for the exchange", True
    session.commit()
    results_cache.refresh(session, consultation_id=row.id)
    session.commit()
    page = text_of(client.get(f"/c/{row.slug}/synopsis").text)
    assert "1 argument checked by a person" in page
    assert page.count("Pay for the exchange") >= 2, "with its quote, and in the table"
    (only,) = csv.DictReader(io.StringIO(client.get(f"/c/{row.slug}/synopsis/arguments.csv").text))
    assert (only["name"], only["submissions"]) == ("Pay for the exchange", "3")


def test_each_section_says_what_it_holds_before_it_is_opened(session: Session, client: FlaskClient) -> None:
    sample(session)
    with force_locale("en"):
        sections = report.build(queries.get_synopsis(session, PRISON))
        document = report.to_paper(queries.get_synopsis(session, PRISON))
    assert sections[0].title == "Outcome"
    page = html.fromstring(client.get(f"/c/{PRISON}/synopsis").text)
    folded = [" ".join(one.text_content().split()) for one in page.xpath("//details[contains(@class, 'part')]/summary")]
    blocks = document["blocks"]
    for section in sections:
        assert section.lead
        assert f"{section.heading} {section.lead}" in folded
        at = next(n for n, one in enumerate(blocks) if one["is"] == "heading" and one["text"] == section.heading)
        assert blocks[at + 1]["text"] == section.lead


def test_words_that_were_taken_back_are_not_in_the_report(session: Session, client: FlaskClient) -> None:
    row, argument = argued(session)
    closed(session, row)
    made = queries.get_synopsis(session, row.slug)
    quoted = next(one.quote for one in made.arguments if one.argument.id == argument.id and one.quote)
    for one in session.scalars(select(filing.Submission).where(filing.Submission.consultation_id == row.id)):
        filing.decide(session, one, State.WITHDRAWN)
    session.commit()
    assert quoted.text[:60] not in client.get(f"/c/{row.slug}/synopsis").text


def test_it_costs_as_many_statements_at_n_as_at_ten_n(session: Session, client: FlaskClient) -> None:
    row, _argument = argued(session)
    closed(session, row)
    client.get(f"/c/{row.slug}/synopsis")
    with statements() as few:
        client.get(f"/c/{row.slug}/synopsis")
    for number in range(30):
        filing.file(session, row, f"Something quite different, the {number}th time.", published=True,
                    at=row.closes_at - timedelta(days=1))  # fmt: skip
        session.add(Argument(consultation_id=row.id, place="", stance="", name=f"Point {number}", phrases=[],
                             statements=1, voices=1, made_at=now()))  # fmt: skip
    closed(session, row)
    client.get(f"/c/{row.slug}/synopsis")
    with statements() as many:
        client.get(f"/c/{row.slug}/synopsis")
    assert len(many) == len(few)


@given(st.dictionaries(st.sampled_from(cells.CATEGORIES), st.integers(0, 30)), st.integers(2, 10))
def test_no_hidden_number_can_be_found_by_subtraction(counts: dict[str, int], k: int) -> None:
    told = cells.hide_small(1, counts, cells.CATEGORIES, k)
    hidden = [name for name, n in told.cells.items() if n is None]
    assert told.total == sum(counts.values())
    assert len(hidden) != 1
    assert not any(n is not None and 0 < n < k and name in cells.IDENTIFYING for name, n in told.cells.items())
    assert all(n == counts.get(name, 0) for name, n in told.cells.items() if n is not None)
