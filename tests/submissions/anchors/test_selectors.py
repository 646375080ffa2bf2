"""Words that a comment points to: found, refused, carried through a draft, filed, shown and published as JSON-LD."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.crypto import commitment
from consult.documents.model import Provision
from consult.ledger.model import LedgerEntry
from consult.submissions import values as submissions_values
from consult.submissions.anchors import selectors
from consult.submissions.anchors.selectors import Anchor, QuoteNotFound, Selection
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import DraftComment, DraftContent, from_json, to_json
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.model import Comment, Stance, State, Submission
from consult.submissions.values import NewComment
from tests import factories, filing

TEXT = "Each State shall report by 2030. It shall say how many people were reached.\n\nReports are public."
ARABIC = "تلتزم كل دولة بتقديم تقرير. وتُنشر التقارير للعموم."


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session)
    comments_queries._trees.clear()
    for number, text in (("1.1", TEXT), ("1.2", ARABIC)):
        where = (Provision.version_id == row.version_id, Provision.number == number)
        session.execute(update(Provision).where(*where).values(text=text))
    session.commit()
    return row


def test_selected_words_are_found_whatever_the_white_space_and_widened_to_whole_words() -> None:
    found = selectors.find(TEXT, Selection("eople were  reached. Reports ar"))
    assert found.exact == "people were reached.\n\nReports are"
    assert TEXT[found.start : found.end] == found.exact
    assert (found.prefix, found.suffix) == (" by 2030. It shall say how many ", " public.")


def test_of_words_that_occur_twice_those_with_the_same_neighbours_are_meant_then_the_nearest() -> None:
    assert selectors.find(TEXT, Selection("shall", suffix=" say how")).start == 36
    assert selectors.find(TEXT, Selection("shall", start=30)).start == 36
    assert selectors.find(TEXT, Selection("shall", start=2)).start == 11


def test_arabic_words_keep_the_marks_above_their_letters() -> None:
    assert selectors.find(ARABIC, Selection("نشر")).exact == "وتُنشر"


@pytest.mark.parametrize("words", ["", "   ", "nowhere", "x" * 1001])
def test_words_that_are_not_in_the_paragraph_are_refused(words: str) -> None:
    with pytest.raises(QuoteNotFound):
        selectors.find(TEXT, Selection(words))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("See Art. 5, para. 2. It holds, e.g. in No. 7. Done!", 3),
        ("Véase el art. 14 (p. ej. la JIFE). ¿Cuándo? ¡Ya! Sí.", 4),
        ("La Commission (cf. p. 3) décide. « Est-ce juste ? » M. Dupont dit non.", 3),
        ("تلتزم الدول بالإبلاغ. هل هذا كافٍ؟ نعم! انظر المادة 5.", 4),
        ("1. States act. 2. They report.", 2),
        ("No full stop", 1),
        ("", 0),
    ],
)
def test_sentences_are_told_apart_in_four_languages(text: str, count: int) -> None:
    spans = selectors.sentence_spans(text)
    assert len(spans) == count
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == text.replace(" ", "")


def test_a_draft_keeps_the_words_and_reads_drafts_that_had_none() -> None:
    anchor = selectors.anchor_at(TEXT, 5, 10)
    kept = from_json(to_json(DraftContent({4: DraftComment("Yes", Stance.SUPPORT, anchor)})))
    assert kept.comments[4].anchor == anchor
    assert kept.mark(4) != DraftComment("Yes", Stance.SUPPORT).mark
    old = '{"comments": [[4, "support", "Yes"]], "answers": [], "about": null, "amends": null}'
    assert from_json(old).comments[4] == DraftComment("Yes", Stance.SUPPORT)


def on_words(session: Session, consultation: Consultation, body: str, words: str) -> NewComment:
    said = filing.comment(session, consultation, body)
    return NewComment(said.provision_id, said.stance, body, anchor=Anchor(0, 0, words))


def test_the_server_finds_the_words_itself_and_the_ledger_commits_to_them(
    session: Session, consultation: Consultation
) -> None:
    row = filing.file(session, consultation, on_words(session, consultation, "Too late", "report by 2030"))
    said = session.scalars(select(Comment)).one()
    assert said.anchor
    assert (said.anchor["start"], said.anchor["end"], said.anchor["prefix"]) == (17, 31, "Each State shall ")
    promise = session.scalars(select(LedgerEntry.commitment).where(LedgerEntry.kind == "submission.received")).one()
    record = submissions_values.canonical_bytes(
        reference=row.reference, language="en", name_rule=row.name_rule, name=None, country=None, comments=[
            {"on": "chp_1__para_1", "stance": "concern", "language": "en", "body": "Too late", "anchor": said.anchor}
        ],
    )  # fmt: skip
    assert promise == commitment(row.salt or b"", record)


def test_words_that_the_draft_does_not_have_are_not_filed(session: Session, consultation: Consultation) -> None:
    with pytest.raises(QuoteNotFound, match="not in this paragraph"):
        filing.file(session, consultation, on_words(session, consultation, "Too late", "report by 2040"))
    assert session.scalars(select(Submission)).all() == []


def picks(page: str) -> dict[str, str]:
    """The choices of words on the page of the form: value by label."""
    rows = re.findall(r'name="on" type="radio" value="([^"]*)"[^>]*><label[^>]*>([^<]*)<', page)
    return {unescape(label).strip("\u2068\u2069"): value for value, label in rows}


def test_without_javascript_one_of_the_sentences_is_chosen(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    url = f"/c/{consultation.slug}/respond/comment/1.1"
    offered = picks(client.get(url).text)
    assert list(offered) == [
        "Whole text", "Each State shall report by 2030.", "It shall say how many people were reached.",
        "Reports are public.",
    ]  # fmt: skip
    given = {"stance": "support", "body": "Good", "on": offered["Reports are public."]}
    assert client.post(url, data=given).status_code == 303
    assert "<q" in client.get(f"/c/{consultation.slug}/draft/chp_1").text
    client.post(f"/c/{consultation.slug}/respond/about", data={"speaks": "none", "language": "en"})
    page = client.get(f"/c/{consultation.slug}/respond/check").text
    assert "Reports are public." in page
    sealed = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1] for name in ("key", "mark")}  # type: ignore[index]
    assert client.post(f"/c/{consultation.slug}/respond/check", data=sealed).status_code == 303
    said = session.scalars(select(Comment)).one()
    assert said.anchor
    assert said.anchor["exact"] == "Reports are public."


def test_words_in_the_address_are_chosen_already(client: FlaskClient, consultation: Consultation) -> None:
    asked = urlencode({"exact": "how many people", "prefix": "say ", "suffix": " were", "start": "46"})
    page = client.get(f"/c/{consultation.slug}/respond/comment/1.1?{asked}").text
    assert re.search(r'checked[^>]*value="46-61-', page) or re.search(r'value="46-61-[^>]*checked', page)
    assert "The words you selected" in page
    lost = client.get(f"/c/{consultation.slug}/respond/comment/1.1?exact=nowhere").text
    assert "The words that you chose are not in this paragraph" in lost


def test_words_that_changed_after_the_form_was_opened_are_chosen_anew(
    client: FlaskClient, consultation: Consultation
) -> None:
    url = f"/c/{consultation.slug}/respond/comment/1.1"
    answer = client.post(url, data={"stance": "support", "body": "Typed", "on": "0-10-00000000"})
    assert answer.status_code == 422
    assert "The words you chose have changed" in answer.text
    assert "Typed" in answer.text


def test_published_words_are_marked_in_the_draft_and_shown_with_each_comment(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    said = on_words(session, consultation, "Too late", "report by 2030")
    filing.file(session, consultation, said, published=True)
    waiting = on_words(session, consultation, "Hidden", "people")
    filing.file(session, consultation, waiting)
    for path in ("draft/chp_1", "draft?whole=1", "p/1.1"):
        page = client.get(f"/c/{consultation.slug}/{path}").text
        assert 'data-said="chp_1__para_1:14-26"' in page
        assert ("report by 2030</q>" in page) == (path == "p/1.1")


def test_a_returned_comment_comes_back_with_its_words(session: Session, consultation: Consultation) -> None:
    row = filing.file(session, consultation, on_words(session, consultation, "Too late", "report by 2030"))
    filing.decide(session, row, State.RETURNED)
    token = drafts.reopen_submission(session, consultation=consultation, submission=row, owner=DraftOwner())
    held = drafts.get_draft(session, consultation_id=consultation.id, owner=DraftOwner(token=token))
    (note,) = held.writing.comments.values()
    assert note.anchor is not None
    assert note.anchor.exact == "report by 2030"


def test_published_comments_are_a_paged_collection_of_web_annotations(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    for n in range(102):
        filing.file(session, consultation, f"Words {n}", published=True)
    said = on_words(session, consultation, "Too late", "report by 2030")
    row = filing.file(session, consultation, said, organisation="Friends", published=True)
    filing.file(session, consultation, "Not public")
    session.commit()
    answer = client.get(f"/c/{consultation.slug}/annotations.jsonld")
    assert answer.content_type == 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
    whole = answer.get_json(force=True)
    assert (whole["type"], whole["total"]) == ("AnnotationCollection", 103)
    pages = [client.get(whole["first"]).get_json(force=True)]
    while "next" in pages[-1]:
        pages.append(client.get(pages[-1]["next"]).get_json(force=True))
    items = [item for page in pages for item in page["items"]]
    assert [len(page["items"]) for page in pages] == [100, 3]
    assert len({item["id"] for item in items}) == 103
    newest = items[0]
    assert newest["target"]["selector"] == [
        {"type": "TextQuoteSelector", "exact": "report by 2030", "prefix": "Each State shall ",
         "suffix": ". It shall say how many people w"},
        {"type": "TextPositionSelector", "start": 17, "end": 31},
    ]  # fmt: skip
    assert newest["creator"] == {"type": "Organization", "name": "Friends"}
    assert newest["created"].endswith(":00:00Z")
    assert newest["via"].endswith(row.reference)
    assert client.get(newest["id"]).get_json(force=True)["body"][0]["value"] == "Too late"
    filing.decide(session, row, State.WITHDRAWN)
    assert client.get(newest["id"]).status_code == 404
