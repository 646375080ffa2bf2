"""Search in what is public: found by words in their language, narrowed, paged, taken away, and never too much."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.ledger.model import LedgerEntry
from consult.search import queries, service
from consult.search.model import SearchEntry
from consult.search.query_terms import SearchQuery
from consult.submissions.model import Comment, NameRule, State, Submission
from consult.submissions.values import NewComment
from tests import factories, filing
from tests.counting import statements


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session, questions=1)
    session.commit()
    return row


def indexed(session: Session) -> None:
    """Everything committed so far is numbered, and followed to the end."""
    filing.numbered(session)
    while service.FOLLOWER.follow_site(session):
        session.commit()


def found(session: Session, **values: object) -> list[str]:
    results = queries.find_matches(session, SearchQuery(**values))  # type: ignore[arg-type]
    return [item.voice.body for item in results.page.items]


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "The services were reached by bus", "service reaching"),
        ("es", "Los servicios llegaron tarde", "servicio llegar"),
        ("fr", "Les services publics financés", "service public financer"),
        ("ar", "العلاج متاح في المراكز الصحية", "علاج مراكز"),
        ("pt", "Serviços de saúde", "serviço saúde"),
    ],
)
def test_words_are_found_by_their_stems_in_the_language_of_the_text(
    session: Session, consultation: Consultation, language: str, text: str, words: str
) -> None:
    filing.file(session, consultation, text, language=language, published=True)
    filing.file(session, consultation, "Something else", published=True)
    indexed(session)
    assert found(session, words=words) == [text]
    assert found(session, words=words, language=language) == [text]
    assert found(session, words=words, language="es" if language != "es" else "ar") == []


@pytest.mark.parametrize("silent", ["\u200b", "\u00ad", "\u200d", "\u3164", "\ufe0f", "\U000e0041"])
def test_what_is_not_seen_hides_no_word_and_stays_where_it_was_written(
    session: Session, client: FlaskClient, consultation: Consultation, silent: str
) -> None:
    words = f"Clean nee{silent}dles for{silent} all {silent}of them"
    filing.file(session, consultation, words, published=True)
    filing.file(session, consultation, "Naloxone for all.", published=True)
    indexed(session)
    assert found(session, words="needles") == [words]
    [one] = queries.find_matches(session, SearchQuery(words="needles")).page.items
    assert list(one.words) == [
        ("Clean ", False),
        (f"nee{silent}dles", True),
        (f" for{silent} all {silent}of them", False),
    ]
    page = client.get(f"/c/{consultation.slug}/search", query_string={"q": f"ne{silent}edle"}).text
    assert page.count("<mark>") == 1


def test_a_joiner_that_means_something_is_shown_in_what_was_found(session: Session, consultation: Consultation) -> None:
    words = "می\u200cخواهم درمان رایگان باشد. " * 30 + "👩\u200d⚕\ufe0f"
    filing.file(session, consultation, words, language="fa", published=True)
    indexed(session)
    [one] = queries.find_matches(session, SearchQuery(words="میخواهم")).page.items
    assert ("می\u200cخواهم", True) in one.words


def test_quotation_marks_or_and_minus_mean_what_the_form_says(session: Session, consultation: Consultation) -> None:
    for words in ("Clean needles for all", "Needles must be clean", "Naloxone for all"):
        filing.file(session, consultation, words, published=True)
    indexed(session)
    assert found(session, words='"clean needles"') == ["Clean needles for all"]
    assert found(session, words="naloxone or needles") == [
        "Naloxone for all", "Needles must be clean", "Clean needles for all",
    ]  # fmt: skip
    assert found(session, words="needles -must") == ["Clean needles for all"]
    assert found(session, words="needles -clean") == []
    assert found(session, words="?!") == []


def test_a_list_is_narrowed_by_all_that_was_asked_for(session: Session, consultation: Consultation) -> None:
    group = factories.organisation(session, name="Growers", kind="growers")
    filing.file(session, consultation, filing.comment(session, consultation, "one", "1.2", "support"), published=True)
    filing.file(
        session, consultation, filing.comment(session, consultation, "two", "2.1"), person="Ana", published=True
    )
    row = filing.file(session, consultation, filing.comment(session, consultation, "three", ""), answers={0: "four"})
    row.country, row.organisation_id, row.submitter_kind = "PE", group.id, "organisation"
    filing.decide(session, row, State.PUBLISHED)
    session.commit()
    indexed(session)
    here = {"consultation_id": consultation.id}
    assert found(session, **here, stance="support") == ["one"]
    assert found(session, on="chp_1") == ["one"], "a chapter holds its paragraphs"
    assert found(session, on="chp_1__para_1") == []
    assert found(session, who="person") == ["two"]
    assert found(session, group="growers") == ["four", "three"]
    assert found(session, country="PE", stance="answer") == ["four"]
    assert found(session, country="PE", words="three") == ["three"]
    assert found(session, consultation_id=consultation.id + 1, who="person") == []
    assert len(found(session, language="en")) == 4


def test_what_is_hidden_or_covered_is_not_found_even_before_the_index_has_followed(
    session: Session, consultation: Consultation
) -> None:
    row = filing.file(session, consultation, "My cousin Zoraida", published=True)
    waiting = filing.file(session, consultation, "Zoraida waits")
    indexed(session)
    assert found(session, words="zoraida") == ["My cousin Zoraida"]
    session.execute(update(Comment).where(Comment.submission_id == row.id).values(redacted_body="My cousin ▇▇▇"))
    assert found(session, words="zoraida") == []
    session.expire_all()
    filing.decide(session, row, State.WITHHELD)
    filing.decide(session, row, State.PUBLISHED)
    indexed(session)
    assert found(session, words="zoraida") == []
    assert found(session, words="cousin") == ["My cousin ▇▇▇"]
    filing.decide(session, row, State.WITHDRAWN)
    assert found(session, words="cousin") == []
    filing.decide(session, waiting, State.ERASED)
    indexed(session)
    assert session.scalars(select(SearchEntry)).all() == []


def test_the_index_follows_in_steps_and_twice_is_once(session: Session, consultation: Consultation) -> None:
    for n in range(7):
        filing.file(session, consultation, f"Words {n}", published=True)
    filing.numbered(session)
    steps = []
    while (step := service.FOLLOWER.follow_site(session, most=4)) and not session.commit():  # type: ignore[func-returns-value]
        steps.append(step)
    assert sum(steps) == session.scalar(select(func.count()).select_from(LedgerEntry))
    assert max(steps) == 4
    before = session.scalars(select(SearchEntry.id).order_by(SearchEntry.id)).all()
    assert len(before) == 7
    assert service.FOLLOWER.follow_site(session) == 0


@pytest.mark.parametrize("many", [4000, 10])
def test_pages_hold_everything_once_for_rare_and_for_common_words(
    session: Session, consultation: Consultation, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(queries, "MANY", many)
    for n in range(45):
        filing.file(session, consultation, f"Word {n:02}", published=True)
    indexed(session)
    seen, after, counts = [], None, set()
    while True:
        results = queries.find_matches(session, SearchQuery(words="word"), after=after)
        seen += [item.voice.body for item in results.page.items]
        counts.add(results.count)
        if (after := results.page.next_cursor) is None:
            break
    assert seen == [f"Word {n:02}" for n in reversed(range(45))]
    assert counts == ({45} if many > 45 else {None})


def test_a_page_marks_the_words_and_shows_markup_as_text(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    hostile = 'Needles & <script>alert("1")</script> <mark>needles</mark>'
    filing.file(session, consultation, hostile, organisation="<b>Friends</b>", published=True)
    indexed(session)
    for path in (f"/c/{consultation.slug}/search", "/search"):
        page = client.get(f"{path}?q=needle").text
        assert page.count("<mark>") == 2
        assert "<mark>Needles</mark>" in page
        assert "<script>alert" not in page
        assert "<b>Friends" not in page
        assert "1 match" in page
        assert "There is a problem" not in page
        assert "/p/1.1" in page


def test_the_words_around_the_match_are_shown_of_a_long_text(session: Session, consultation: Consultation) -> None:
    body = " ".join(["We wrote about many things."] * 60 + ["Naloxone came late."] + ["And then more."] * 60)
    filing.file(session, consultation, body, published=True)
    indexed(session)
    (item,) = queries.find_matches(session, SearchQuery(words="naloxone", stance="concern")).page.items
    assert ("Naloxone", True) in item.words
    assert len("".join(words for words, _matched in item.words)) < 400


def test_a_page_says_what_to_do_where_nothing_matches_and_keeps_what_was_typed(
    client: FlaskClient, consultation: Consultation
) -> None:
    page = client.get(f"/c/{consultation.slug}/search?q=nowhere&stance=concern&on=2.1").text
    assert "Try fewer or other words" in page
    assert 'value="nowhere"' in page
    assert re.search(r"<option[^>]*selected[^>]*>Raises a concern|<option[^>]*concern[^>]*selected", page)
    assert client.get(f"/c/{consultation.slug}/search").status_code == 200
    assert client.get(f"/c/{consultation.slug}/search?q=a&after=nonsense").status_code == 404
    assert client.get("/c/nowhere/search").status_code == 404


def test_files_hold_all_that_matches_and_no_cell_runs_as_a_formula(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    for n in range(230):
        filing.file(session, consultation, f"=SUM(1) needles {n}", organisation="@home", published=True)
    filing.file(session, consultation, "Other", published=True)
    indexed(session)
    answer = client.get(f"/c/{consultation.slug}/search.csv?q=needles")
    assert answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 230
    assert rows[0]["comment"] == "'=SUM(1) needles 229"
    assert rows[0]["submitter"] == "'@home"
    assert (rows[0]["place"], rows[0]["stance"]) == ("Paragraph 1.1", "concern")
    lines = client.get("/search.jsonl?q=needles").text.splitlines()
    assert len(lines) == 230
    assert json.loads(lines[0])["comment"] == "=SUM(1) needles 229"
    assert len(client.get("/search.jsonl").text.splitlines()) == 231


def test_a_name_that_is_not_to_be_published_is_in_no_file(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    row = filing.file(session, consultation, "needles", published=True)
    session.execute(update(Submission).where(Submission.id == row.id).values(person_name="Zoraida"))
    indexed(session)
    assert "Zoraida" not in client.get("/search.csv?q=needles").text


def test_a_made_up_name_is_the_submitter_in_the_files_as_on_the_pages(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    row = filing.file(session, consultation, "needles", person="Night Owl", published=True)
    session.execute(update(Submission).where(Submission.id == row.id).values(name_rule=NameRule.PSEUDONYM))
    indexed(session)
    (line,) = csv.DictReader(io.StringIO(client.get("/search.csv?q=needles").text))
    assert line["submitter"] == "Night Owl"


def test_a_page_sends_as_many_statements_however_much_is_found(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    urls, counts = (f"/c/{consultation.slug}/search?q=words&on=1.1", "/search?q=words"), []
    for batch in (3, 27):
        for n in range(batch):
            said = filing.comment(session, session.merge(consultation), f"Words {n}")
            filing.file(session, session.merge(consultation), said, published=True)
        indexed(session)
        for url in urls:
            client.get(url)
            with statements() as seen:
                client.get(url)
            counts.append(len(seen))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 18


def test_links_to_further_pages_keep_what_was_asked_for(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    for n in range(15):
        filing.file(session, consultation, f"Words {n}", published=True)
    indexed(session)
    page = client.get(f"/c/{consultation.slug}/search?q=words&stance=concern").text
    following = re.search(r'<a href="([^"]+)" rel="next">', page)
    assert following
    second = client.get(unescape(following[1])).text
    assert "stance=concern" in unescape(following[1])
    assert second.count('class="comment"') == 5


def test_words_without_a_place_are_found_too(session: Session, consultation: Consultation) -> None:
    filing.file(session, consultation, NewComment(None, None, "On the whole"), published=True)
    indexed(session)
    assert found(session, words="whole", stance="unsaid") == ["On the whole"]


def test_one_choice_of_each_list_is_chosen_and_filters_nothing(client: FlaskClient) -> None:
    for menu in html.fromstring(client.get("/search?q=words").text).iter("select"):
        chosen = [option.get("value") for option in menu.iter("option") if option.get("selected") is not None]
        assert chosen == [""], menu.get("name")


def test_a_link_that_asks_for_words_only_is_told_of_no_mistake(client: FlaskClient) -> None:
    assert "Choose one of the options" not in client.get("/search?q=health").text
