"""Authors and supporters of suggested wording count with that wording, not with the present paragraph."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.arguments import ledger_statements
from consult.audit import books
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.digests import service as digests
from consult.digests.model import Cadence
from consult.digests.render import current_quotes, layout, phrases
from consult.search import service as search
from consult.submissions import queries as submissions
from consult.submissions import service
from consult.submissions.comments.statements import is_of_kind
from consult.submissions.content.draft import DraftComment, DraftContent, from_json, to_json
from consult.submissions.model import Comment, Stance, State, Submission
from consult.trace import export
from tests import factories, filing
from tests.filing import comment, file

BETTER = "States shall test the water every year."
ANY = {"any": 4, "amendment": 3, "concern": 1}


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.with_draft(session, "# Plan\n\n## 1. Aims\n\n1.1 States may test the water.\n\n1.2 Nothing else.\n")
    session.commit()
    return row


def said_in(session: Session, row: Submission) -> Comment:
    return session.scalars(select(Comment).where(Comment.submission_id == row.id)).one()


@pytest.fixture
def four(session: Session, it: Consultation) -> list[Comment]:
    """An amendment of 1.1, two that support it (one filed with a kind, as once was asked), and a concern."""
    said = comment(session, it, f"{BETTER}\n\nOnce is not enough.", "1.1", "wording")
    amendment = said_in(session, file(session, it, replace(said, amendment=len(BETTER)), published=True))
    support = [
        replace(comment(session, it, words, "1.1", "support"), agrees_with=amendment.id)
        for words in ("Yes, our wells are foul and nobody looks.", "Yes, I was asked for twelve dollars at the clinic.")
    ]
    rows = [said_in(session, file(session, it, one, published=True)) for one in support]
    # Rows from before no kind was asked for have one, and count with the amendment as well.
    session.execute(update(Comment).where(Comment.id == rows[1].id).values(stance=Stance.SUPPORT))
    concern = file(session, it, comment(session, it, "Who would pay for it?", "1.1", "concern"), published=True)
    session.commit()
    return [amendment, *rows, said_in(session, concern)]


def recount(session: Session) -> None:
    filing.numbered(session)
    while search.FOLLOWER.follow_site(session):
        session.commit()


def test_a_supporter_is_asked_for_no_kind_and_files_without_one(
    client: FlaskClient, session: Session, it: Consultation, four: list[Comment]
) -> None:
    url = f"/c/{it.slug}/respond/comment/1.1?agrees={four[0].id}"
    form = client.get(url).text
    assert "What should happen to this paragraph?" not in form
    assert "Your suggested wording" not in form
    assert "counts as support for this wording" in form
    assert client.post(url, data={"stance": "drop", "body": "I agree."}).status_code == 303
    check = client.get(f"/c/{it.slug}/respond/check").text
    assert "Supports the wording suggested by" in check
    assert "</bdi>shall</ins>" in check
    assert four[1].stance is None


def test_what_is_saved_while_typing_is_support_too(
    client: FlaskClient, session: Session, it: Consultation, four: list[Comment]
) -> None:
    url = f"/c/{it.slug}/respond/comment/1.1"
    client.get(f"{url}?agrees={four[0].id}")
    assert client.post(f"{url}/save?agrees={four[0].id}", data={"body": "I agree."}).status_code == 200
    assert "Supports the wording suggested by" in client.get(f"/c/{it.slug}/respond/check").text


def test_running_counts_and_the_lists_behind_them_have_supporters_apart(
    session: Session, it: Consultation, four: list[Comment]
) -> None:
    place = four[0].provision_id or 0
    counts = submissions.get_counts(session, it.id).by_provision[place]
    assert counts == {Stance.AMENDMENT: 3, Stance.CONCERN: 1}
    for kind, n in ((Stance.SUPPORT, 0), (Stance.WORDING, 0), (Stance.AMENDMENT, 3), (Stance.CONCERN, 1), (None, 0)):
        assert len(session.scalars(select(Comment.id).where(is_of_kind(kind))).all()) == n


def test_the_audit_recounts_the_same_also_once_the_amendment_is_taken_back_or_changed(
    session: Session, it: Consultation, four: list[Comment]
) -> None:
    # The old row had its kind changed behind the running counts' back: as its own it is counted in neither.
    assert books.check_next(session, after=0) == ([], it.id)
    author = session.get_one(Submission, four[0].submission_id)
    service.amend(session, author, comments=[comment(session, it, "Never mind.", "1.1", "concern")], answers=[])
    session.commit()
    assert session.get_one(Comment, four[1].id).counted_as is Stance.AMENDMENT
    assert books.check_next(session, after=0) == ([], it.id)


def test_the_paragraph_shows_it_with_the_difference_and_in_no_bar(
    client: FlaskClient, it: Consultation, four: list[Comment]
) -> None:
    page = client.get(f"/c/{it.slug}/p/1.1").text
    assert page.count("Supports the wording suggested by") == 2
    assert "Suggested wording 3" in page
    assert 'class="stance support"' not in page
    assert 'class="support"' not in page
    narrowed = client.get(f"/c/{it.slug}/p/1.1?stance=support").text
    assert "No published comments of this type yet" in narrowed
    assert "twelve dollars" in client.get(f"/c/{it.slug}/p/1.1?stance=amendment").text
    assert "2 other submissions agree" in client.get(f"/c/{it.slug}/amendments").text


def test_a_digest_counts_it_with_the_amendment_in_a_row_of_its_own(
    session: Session, it: Consultation, four: list[Comment]
) -> None:
    filing.numbered(session)
    made = digests.compile_digest(session, consultation_id=it.id, cadence=Cadence.WEEKLY, slot_at=now())
    assert made is not None
    body = current_quotes.fill_quotes(session, made.body)
    (place,) = body.places
    assert dict(place.stances) == {"amendment": 3, "concern": 1}
    assert phrases.stances(place) == "Raises a concern 1, Suggested wording 3"
    first, second = place.quotes
    assert (first.comment, first.supporters, second.stance) == (four[0].id, 2, "concern")
    assert "supported by 2 other submissions" in phrases.attribution(first)
    paper = json.dumps([layout.one_page(body), layout.report(body)])
    assert "supported by 2 other submissions" in paper
    assert "twelve dollars" not in paper
    assert analysis.count_by_place(session, it.id)[place.key] == ANY
    assert "only under that wording" in phrases.method(body)


def test_it_is_nobodys_statement_and_so_in_no_argument(session: Session, it: Consultation, four: list[Comment]) -> None:
    found = list(ledger_statements.list_published_comments(session, [one.submission_id for one in four]))
    assert {one.id for one in found} == {four[0].id, four[3].id}


def test_search_finds_it_as_proposed_wording_and_not_as_support(
    client: FlaskClient, session: Session, it: Consultation, four: list[Comment]
) -> None:
    recount(session)
    assert "twelve dollars" not in client.get("/search?stance=support").text
    assert "twelve" in client.get("/search?q=dollars").text
    rows = client.get("/search.csv?q=dollars").text.splitlines()
    assert "amendment,support" in rows[1]


def test_annotations_and_the_authors_own_export_say_what_it_supports(
    client: FlaskClient, session: Session, it: Consultation, four: list[Comment]
) -> None:
    found = client.get(f"/c/{it.slug}/annotations/{four[2].id}.jsonld").get_json(force=True)
    assert found is not None
    assert [one.get("value") for one in found["body"]][1:2] == ["amendment"]
    assert found["body"][2]["purpose"] == "linking"
    names = export.LocationNames(session, it.id, [four[2].provision_id])
    own = export._comment(four[2], session.get_one(Submission, four[2].submission_id), it.slug, names)
    assert (own["stance"], own["supports"]) == (Stance.AMENDMENT, four[0].id)


def test_support_of_what_is_gone_meanwhile_is_refused_in_words(
    session: Session, it: Consultation, four: list[Comment]
) -> None:
    gone = session.get_one(Submission, four[0].submission_id)
    service.transition(session, gone, state=State.WITHDRAWN, actor="author")
    late = replace(comment(session, it, "I agree.", "1.1", "support"), agrees_with=four[0].id, stance=None)
    with pytest.raises(Refusal, match="no longer published"):
        file(session, it, late)


def test_a_draft_keeps_what_it_supports_and_what_it_would_delete() -> None:
    kept = DraftContent(comments={4: DraftComment("Yes", None, agrees_with=7), 9: DraftComment("Why", amendment=0)})
    assert from_json(to_json(kept)) == kept
    assert kept.comments[9].deletes
    assert DraftComment("Why").mark != kept.comments[9].mark
