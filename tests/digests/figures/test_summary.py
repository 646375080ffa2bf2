"""The numbers of “What we heard”, their lower limit, and their cost."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.arguments import service as arguments
from consult.arguments.model import Argument
from consult.consultations.model import Question
from consult.core.web.access import Role
from consult.digests import count_queries
from consult.digests.model import Digest
from consult.digests.results import cache as results_cache
from consult.digests.results.tables import TABLES
from consult.documents.model import Provision
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.model import Stance, State
from consult.submissions.values import NewComment
from tests import factories
from tests.arguments.speaking import follow
from tests.counting import statements
from tests.filing import comment, decide, file, numbered

WORDS = "Sixty per cent is below the level at which transmission falls, so eighty should be the target"


def spoken(session: Session, many: int = 6) -> Any:
    row = factories.consultation(session, answer_by=None)
    for n in range(many):
        file(session, row, comment(session, row, f"{WORDS}, says {n}.", "2.1"), person=f"P{n}", published=True)
    file(session, row, comment(session, row, "We like the whole of it very much.", "", "support"), published=True)
    file(session, row, "Waiting.")
    return row


def test_the_page_says_the_finding_the_numbers_and_who_was_heard(session: Session, client: FlaskClient) -> None:
    row = spoken(session)
    assert "No comments published yet" in client.get(f"/c/{row.slug}/said").text
    results_cache.refresh(session, consultation_id=row.id)
    page = client.get(f"/c/{row.slug}/said")
    assert page.status_code == 200
    assert "6 of 6 submissions on paragraph 2.1 raise concerns" in page.text
    assert "Results last updated in the hour after" in page.text, "it counts what came since the hour that is shown"
    assert "6 of 7 published submissions (86%) are about a paragraph" in page.text
    assert WORDS in page.text


def test_the_page_begins_with_what_more_than_half_ask_in_one_letter(session: Session, client: FlaskClient) -> None:
    row = spoken(session)
    asked = "Please stop the harmful changes in this rule today."
    letter = f"I write for those who work on our farms and who feed all of us through the year. {asked}"

    def begins() -> bool:
        results_cache.refresh(session, consultation_id=row.id)
        analysis.compare(session, consultation_id=row.id)
        results_cache.refresh(session, consultation_id=row.id)
        page = client.get(f"/c/{row.slug}/said").text
        assert re.search(r"\d copies of a campaign letter", page)
        said = "copies of one campaign letter"
        return said in page and page.index(said) < page.index("submissions on paragraph 2.1 raise concerns")

    for n in range(7):
        file(session, row, letter, person=f"Q{n}", published=True)
    assert not begins(), "7 of 14 are not more than half"
    file(session, row, letter, person="Q7", published=True)
    assert begins()
    heard = client.get(f"/c/{row.slug}/said").text
    assert "copies of one campaign letter: " not in heard  # nobody has checked what it asks
    follow(session, row)
    (demand,) = session.scalars(select(Argument).where(Argument.consultation_id == row.id, Argument.senders > 0))
    by = factories.account(session, Role.ADMIN)
    arguments.name_argument(session, argument_id=demand.id, by=by, words="Stop the changes")
    session.commit()
    assert begins()
    assert "8 copies of one campaign letter" in client.get(f"/c/{row.slug}/said").text


def test_the_figure_keeps_its_size_on_a_phone_and_is_scrolled_in_its_box(session: Session, client: FlaskClient) -> None:
    row = spoken(session)
    results_cache.refresh(session, consultation_id=row.id)
    page = html.fromstring(client.get(f"/c/{row.slug}/said").text)
    (figure,) = page.xpath("//svg[contains(@class, 'line')]")
    box = figure.getparent()
    assert (box.get("class"), box.get("tabindex"), box.get("role")) == ("scroll", "0", "region")
    assert int(figure.get("width")) == round(1.06 * float(figure.get("viewbox").split()[2]))
    assert page.xpath("//p[contains(@class, 'swipe')]")[0].text == "Scroll sideways to see the whole draft."
    style = Path("static/kit/figures.css").read_text()
    assert "max-inline-size: none" in style.partition("@media screen and (max-width: 40em)")[2][:80]


def test_where_no_kind_came_the_page_says_so_and_counts_no_support(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    for n in range(3):
        words = comment(session, row, f"The whole of it is said here in our words, number {n}.", "1.1", None)
        file(session, row, words, published=True)
    results_cache.refresh(session, consultation_id=row.id)
    page = client.get(f"/c/{row.slug}/said").text
    assert "These texts came without a type of comment, such as keep or delete." in page
    assert "more support than concern" not in page


def test_what_no_kind_is_said_of_is_told_beside_the_most_frequent_kind(session: Session, client: FlaskClient) -> None:
    row = spoken(session)
    for n in range(3):
        words = comment(session, row, f"The whole of it is said here in our words, number {n}.", "", "")
        file(session, row, words, person=f"W{n}", published=True)
    results_cache.refresh(session, consultation_id=row.id)
    assert "Keep: 1 of 4 (25%) (3 not stated)" in client.get(f"/c/{row.slug}/said").text


def test_the_page_says_that_what_was_said_of_other_words_is_counted_with_these(
    session: Session, client: FlaskClient
) -> None:
    row = spoken(session)
    results_cache.refresh(session, consultation_id=row.id)
    said = "The text shown is version 2. Comments on earlier versions are included."
    assert said not in client.get(f"/c/{row.slug}/said").text
    factories.publish_next(session, row, "# One\n\n1.1 The first paragraph says something else.\n")
    results_cache.refresh(session, consultation_id=row.id)
    assert said in client.get(f"/c/{row.slug}/said").text


def test_the_page_costs_the_same_statements_however_much_was_said(session: Session, client: FlaskClient) -> None:
    row = spoken(session)
    counted = []
    for _size in range(2):
        results_cache.refresh(session, consultation_id=row.id)
        session.commit()
        with statements() as seen:
            client.get(f"/c/{row.slug}/said")
        counted.append(len([one for one in seen if "SELECT 1" not in one]))
        for n in range(60):
            file(session, row, comment(session, row, f"{WORDS}, says number {n}.", "1.2"), published=True)
    assert counted[0] == counted[1] <= 5


def test_a_group_under_the_floor_is_on_no_page_and_in_no_file(session: Session, client: FlaskClient) -> None:
    row = spoken(session, many=9)
    for n in range(2):
        file(session, row, f"{WORDS}, we say {n}.", organisation=f"Growers {n}", published=True)
    results_cache.refresh(session, consultation_id=row.id)
    page = client.get(f"/c/{row.slug}/said").text
    assert "too small to show" in page or "Other organisations" not in page
    table = client.get(f"/c/{row.slug}/heard/kinds.csv").text.splitlines()
    assert all(int(line.rpartition(",")[2]) >= 5 for line in table[1:])


def test_what_is_taken_down_leaves_every_count_and_the_page_at_once(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    rows = [file(session, row, f"{WORDS}, says {n}.", person=f"P{n}", published=True) for n in range(6)]
    results_cache.refresh(session, consultation_id=row.id)
    before = count_queries.get_counts(session, row.id, ("kind", "texts", "coverage"))
    for one in rows:
        decide(session, one, State.ERASED)
    session.commit()
    assert WORDS not in client.get(f"/c/{row.slug}/said").text
    results_cache.refresh(session, consultation_id=row.id)
    after = count_queries.get_counts(session, row.id, ("kind", "texts", "coverage"))
    assert sum(before["kind"].values()) == 6
    assert after == {"kind": {}, "texts": {}, "coverage": {}}


def test_counting_again_changes_nothing(session: Session) -> None:
    row = spoken(session)
    numbered(session)
    dimensions = ("at", "country", "coverage", "day", "kind", "language", "texts")
    results_cache.refresh(session, consultation_id=row.id)
    first = count_queries.get_counts(session, row.id, dimensions)
    results_cache.refresh(session, consultation_id=row.id)
    assert count_queries.get_counts(session, row.id, dimensions) == first
    assert results_cache.list_outdated(session) == []


def test_what_is_not_placed_is_listed(session: Session, client: FlaskClient) -> None:
    row = spoken(session)
    results_cache.refresh(session, consultation_id=row.id)
    page = client.get(f"/c/{row.slug}/heard/unplaced").text
    assert "We like the whole of it" in page
    assert WORDS not in page


def test_places_in_files_are_those_of_the_page_and_lead_to_it(
    session: Session, client: FlaskClient, sign_in: Any, compile: Callable[..., Digest]
) -> None:
    row = spoken(session)
    for n in range(2):
        session.add(Question(consultation_id=row.id, position=4 + n, wording=f"What of {n}?", hint="", required=False))
    session.flush()
    file(session, row, answers={1: "The second is answered."}, published=True)
    results_cache.refresh(session, consultation_id=row.id)
    digest = compile(row)
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    found = read(client.get(f"/c/{row.slug}/heard/paragraphs.csv").text)
    edition = read(desk.get(f"/desk/digests/{digest.id}/counts.csv").text)
    columns = ("place", "place_kind", "place_number", "place_id", "version")
    expected = [
        ("Paragraph 2.1", "provision", "2.1", "chp_2__para_1", "1"),
        ("The draft as a whole", "whole", "", "", ""),
        ("Question 2", "question", "2", "question-2", ""),
    ]
    for lines in (found, edition):
        assert [tuple(line[name] for name in columns) for line in lines] == expected
        for line, words in zip(lines, (WORDS, "We like the whole", "The second is answered"), strict=True):
            assert words in client.get(line["page"]).text
    agreed = read(client.get(f"/c/{row.slug}/heard/agreed.csv").text)
    assert [(line["place"], line["version"]) for line in agreed] == [("Paragraph 2.1", "1")]
    factories.publish_next(session, row, "# One\n\n## 2 Two\n\n2.1 Something else.\n")
    edition = read(desk.get(f"/desk/digests/{digest.id}/counts.csv").text)
    assert edition[0]["version"] == "1"
    assert "Each State shall do what paragraph 2.1 says" in client.get(edition[0]["page"]).text


def test_the_file_of_paragraphs_counts_copies_of_letters_apart(session: Session, client: FlaskClient) -> None:
    row = spoken(session)
    letter = (
        "I write for those who work on our farms and who feed all of us. Please stop the changes in this rule today."
    )
    for n in range(6):
        file(session, row, comment(session, row, letter, "2.1"), person=f"Q{n}", published=True)
    results_cache.refresh(session, consultation_id=row.id)
    analysis.compare(session, consultation_id=row.id)
    results_cache.refresh(session, consultation_id=row.id)
    first = read(client.get(f"/c/{row.slug}/heard/paragraphs.csv").text)[0]
    assert (first["concern"], first["copies_concern"], first["copies_support"]) == ("12", "6", "0")


def test_the_web_edition_marks_the_words_that_comments_are_on(
    session: Session, sign_in: Any, compile: Callable[..., Digest]
) -> None:
    row = factories.consultation(session)
    place = session.scalars(
        select(Provision).where(Provision.version_id == row.version_id, Provision.text != "")
    ).first()
    assert place is not None
    words = place.text.split()[2]
    start = place.text.index(words)
    said = NewComment(place.id, Stance.CONCERN, f"{WORDS}, says one.", anchor=Anchor(start, start + len(words), words))
    file(session, row, said, person="P", published=True)
    digest = compile(row)
    page = sign_in(factories.account(session, Role.POLICYMAKER)).get(f"/desk/digests/{digest.id}").text
    assert f"<mark>{words}</mark>" in page


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_table_is_a_file(session: Session, client: FlaskClient) -> None:
    row = spoken(session)
    results_cache.refresh(session, consultation_id=row.id)
    for name in TABLES:
        answer = client.get(f"/c/{row.slug}/heard/{name}.csv")
        assert answer.status_code == 200, name
        assert answer.mimetype == "text/csv"
    heads = {name: client.get(f"/c/{row.slug}/heard/{name}.csv").text for name in ("kinds", "languages", "countries")}
    assert [text.split(",")[0] for text in heads.values()] == ["kind", "language", "country"]
    assert client.get(f"/c/{row.slug}/heard/secrets.csv").status_code == 404
