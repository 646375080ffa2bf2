"""A draft of a submission that a new version overtakes: nothing typed is lost, and nothing moves silently."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.documents import queries as documents
from consult.submissions import return_codes, revisions, service
from consult.submissions.anchors import carry_forward, selectors
from consult.submissions.content.draft import DraftComment, DraftContent
from consult.submissions.drafts.submission import prepare_for_filing
from consult.submissions.model import Comment, Stance, Submission
from consult.submissions.private import service as private
from tests import factories, filing
from tests.factories import publish_next
from tests.forms import hidden, pressed

FIRST = """# Plan

## 1 Aims

1.1 Each State shall report by 2030. It shall say how many people were reached.

1.2 Members shall meet twice a year in the capital.

1.3 Judges shall be trained in human rights.
"""
SECOND = """# Plan

## 1 Aims

1.1 The plan is reviewed every five years by an outside body.

1.2 Each State shall report by 2028. It shall say how many people were reached.

1.3 Judges shall be trained in human rights.
"""


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.with_draft(session, FIRST)
    carry_forward._relocators.clear()
    session.commit()
    return row


def write(client: FlaskClient, it: Consultation, *numbers: str) -> None:
    for number in numbers:
        page = client.get(f"/c/{it.slug}/respond/comment/{number}").text
        form = pressed(page, having="stance", body=f"About {number}.", stance="drop")
        assert client.post(action(page), data=form).status_code == 303


def action(page: str, part: str = 'class="composer"') -> str:
    """Return the address that the form sends to."""
    tag = page[page.index(part) :]
    return tag[tag.index('action="') + 8 :].split('"')[0].replace("&amp;", "&")


def check(client: FlaskClient, it: Consultation) -> str:
    return client.get(f"/c/{it.slug}/respond/check").text


def send(client: FlaskClient, it: Consultation) -> None:
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "en"})
    page = client.get(f"/c/{it.slug}/respond/check")
    sent = client.post(f"/c/{it.slug}/respond/check", data={name: hidden(page, name) for name in ("key", "mark")})
    assert sent.status_code == 303, sent.text


def test_comments_in_a_draft_follow_their_paragraphs_to_the_next_version_and_say_so(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation, "1.1", "1.3", "whole")
    publish_next(session, consultation, SECOND)
    page = check(client, consultation)
    assert page.count("The draft as a whole</h3>") == 1
    assert "Paragraph 1.2</h3>" in page
    assert "1.1 is now 1.2" in page
    assert "Paragraph 1.3</h3>" in page
    assert page.count("The draft has changed since you wrote this") == 1, "of what is as it was, nothing is said"
    assert "About 1.1." in client.get(f"/c/{consultation.slug}/respond/comment/1.2").text
    send(client, consultation)
    said = {row.body: row.provision_id for row in session.scalars(select(Comment))}
    numbers = documents.ids_by_number(session, consultation.version_id or 0)
    assert said == {"About 1.1.": numbers["1.2"], "About 1.3.": numbers["1.3"], "About whole.": None}


def test_a_comment_that_followed_is_changed_and_removed_where_it_is_now(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation, "1.1", "1.3")
    publish_next(session, consultation, SECOND)
    change = client.get(f"/c/{consultation.slug}/respond/comment/1.2").text
    client.post(action(change), data=pressed(change, having="stance", body="Better words."))
    page = check(client, consultation)
    assert "Better words." in page
    assert "About 1.1." not in page
    assert "is now 1.2" not in page, "its author has read it there"
    for place in ("1.2", "1.3"):
        page = check(client, consultation)
        url = f"/c/{consultation.slug}/respond/comment/{place}/remove?back=check"
        form = page[page.index(f'action="{url}"') :]
        client.post(url, data={"seen": form.split('name="seen" value="')[1].split('"')[0]})
    assert "You have nothing to send yet" in check(client, consultation)


def test_a_comment_on_a_paragraph_that_was_removed_is_kept_until_its_author_says_where_it_goes(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation, "1.2", "1.3")
    publish_next(session, consultation, SECOND)
    page = check(client, consultation)
    assert "Paragraph 1.2 in version 1</h3>" in page
    where = f"/c/{consultation.slug}/respond/comment/1.2/move?version=1"
    assert where in page
    choice = client.get(where).text
    assert "Members shall meet twice a year" in choice
    assert client.post(where, data=pressed(choice, having="where", where="other", key="9.9")).status_code == 422
    moved = client.post(where, data=pressed(choice, having="where", where="other", key="1.3"))
    assert moved.status_code == 303
    page = check(client, consultation)
    assert "in version 1" not in page
    assert "About 1.3.\n\nAbout 1.2." in page, "below what was said there already"


@pytest.mark.parametrize(("where", "on"), [("whole", "The draft as a whole</h3>"), ("stay", "1.2 in version 1</h3>")])
def test_such_a_comment_goes_to_the_draft_as_a_whole_or_stays_with_the_words_it_is_about(
    client: FlaskClient, session: Session, consultation: Consultation, where: str, on: str
) -> None:
    write(client, consultation, "1.2")
    publish_next(session, consultation, SECOND)
    url = f"/c/{consultation.slug}/respond/comment/1.2/move?version=1"
    client.post(url, data=pressed(client.get(url).text, having="where", where=where))
    page = check(client, consultation)
    assert on in page
    link = page.split("Remove")[0].rsplit('<div class="row">', 1)[1].split('href="')[1].split('"')[0]
    change = client.get(unescape(link))
    assert "About 1.2." in change.text
    send(client, consultation)
    assert session.scalars(select(Comment.body)).all() == ["About 1.2."]


def test_words_typed_on_a_paragraph_that_is_removed_meanwhile_are_kept_with_a_choice_of_where_they_go(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    page = client.get(f"/c/{consultation.slug}/respond/comment/1.2").text
    publish_next(session, consultation, SECOND)
    saved = client.post(action(page), data=pressed(page, having="stance", body="My words.", stance="drop"))
    assert saved.status_code == 303
    assert saved.location == f"/c/{consultation.slug}/respond/comment/1.2/move?version=1"
    assert "My words." in client.get(saved.location).text
    assert "My words." in check(client, consultation)


def test_words_typed_on_a_paragraph_that_is_renumbered_meanwhile_go_with_it_not_to_its_number(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    page = client.get(f"/c/{consultation.slug}/respond/comment/1.1").text
    publish_next(session, consultation, SECOND)
    saved = client.post(action(page), data=pressed(page, having="stance", body="My words.", stance="drop"))
    assert saved.location.endswith("#chp_1__para_2")
    assert "1.1 is now 1.2" in check(client, consultation)


def test_what_was_checked_before_the_draft_changed_is_checked_once_more(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation, "1.1")
    client.post(f"/c/{consultation.slug}/respond/about", data={"speaks": "none", "language": "en"})
    url = f"/c/{consultation.slug}/respond/check"
    page = client.get(url)
    publish_next(session, consultation, SECOND)
    sent = client.post(url, data={name: hidden(page, name) for name in ("key", "mark")})
    assert sent.status_code == 409
    assert "The draft has changed since you checked" in sent.text
    assert client.post(url, data={name: hidden(sent, name) for name in ("key", "mark")}).status_code == 303


def test_a_published_comment_on_a_removed_paragraph_is_called_by_what_it_was_on_with_a_link_to_it(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    said = filing.comment(session, consultation, "Twice is too often.", "1.2")
    row = filing.file(session, consultation, said, published=True)
    session.commit()
    publish_next(session, consultation, SECOND)
    link = f'<a href="/c/{consultation.slug}/p/1.2?version=1">Paragraph 1.2 in version 1</a>'
    for path in ("comments", f"comments/{row.reference}", "comments?stance=concern"):
        page = client.get(f"/c/{consultation.slug}/{path}").text
        assert link in page, path
        assert "The draft as a whole</" not in page.replace("The draft as a whole</option>", "")
    old = client.get(f"/c/{consultation.slug}/p/1.2?version=1").text
    assert "Members shall meet twice a year" in old
    assert "These words are from version 1" in old
    assert "Twice is too often." in old
    assert 'rel="next"' not in old


def test_the_address_of_a_paragraph_that_only_an_earlier_version_has_still_shows_it(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    publish_next(session, consultation, SECOND.replace("1.3 Judges shall be trained in human rights.\n", ""))
    assert "Judges shall be trained" in client.get(f"/c/{consultation.slug}/p/1.3").text
    assert client.get(f"/c/{consultation.slug}/p/1.4").status_code == 404
    assert client.get(f"/c/{consultation.slug}/p/1.3?version=2").status_code == 404


def test_the_form_without_identity_takes_words_on_the_version_it_was_opened_on_to_where_they_are_now(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    consultation.no_identity = True
    numbers = documents.ids_by_number(session, consultation.version_id or 0)
    session.commit()
    url = f"/n/{consultation.slug}"
    said = {"on_0": str(numbers["1.1"]), "stance_0": "drop", "body_0": "About 1.1.",
            "on_1": str(numbers["1.2"]), "stance_1": "drop", "body_1": "About 1.2."}  # fmt: skip
    form = pressed(client.get(url).text, ("do", "check"), **said)
    publish_next(session, consultation, SECOND)
    check = client.post(url, data=form)
    assert "<h2>Paragraph 1.2</h2>" in check.text
    assert "1.1 is now 1.2" in check.text
    assert "<h2>Paragraph 1.2 in version 1</h2>" in check.text
    assert "The draft as a whole" not in check.text
    again = client.post(url, data=pressed(check.text, ("do", "edit"))).text
    assert "1.2 Members shall meet twice a year in the capital. in version 1</option>" in again
    assert client.post(url, data=pressed(check.text, ("do", "send"))).status_code == 200
    places = {row.body: row.provision_id for row in session.scalars(select(Comment))}
    assert places["About 1.1."] == documents.ids_by_number(session, consultation.version_id or 0)["1.2"]
    assert places["About 1.2."] == numbers["1.2"]


def test_a_draft_under_seven_words_comes_back_on_the_present_version(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    numbers = documents.ids_by_number(session, consultation.version_id or 0)
    words = DraftContent(
        {numbers["1.1"]: DraftComment("About 1.1.", Stance.CONCERN), numbers["1.2"]: DraftComment("About 1.2.")}
    )
    code = return_codes.new_code()
    private.save_draft(session, consultation=consultation, code=code, writing=words)
    consultation.no_identity = True
    session.commit()
    publish_next(session, consultation, SECOND)
    opened = client.post("/return", data=pressed(client.get("/return").text, words=code)).text
    form = pressed(opened, ("do", "check"))
    there = documents.ids_by_number(session, consultation.version_id or 0)
    assert (form["on_0"], form["on_1"]) == (str(there["1.2"]), str(numbers["1.2"]))


def test_words_selected_on_a_page_of_the_version_before_are_found_where_they_were_selected(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    room = client.get(f"/c/{consultation.slug}/draft").text
    link = room.split('data-comment="')[1].split('"')[0]
    publish_next(session, consultation, SECOND)
    page = client.get(f"{link.replace('-?', '1.1?')}&exact=report+by+2030").text
    assert "The words you selected: “\u2068report by 2030\u2069”" in page
    client.post(action(page), data=pressed(page, having="stance", body="Sooner.", stance="drop"))
    page = check(client, consultation)
    assert "Paragraph 1.2</h3>" in page
    assert "report by 2030</q>" in page


def test_words_that_were_chosen_before_a_new_version_stay_those_that_their_author_chose(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    it = f"/c/{consultation.slug}"
    page = client.get(f"{it}/respond/comment/1.1?exact=shall+report+by+2030").text
    client.post(action(page), data=pressed(page, having="stance", body="About then.", stance="drop"))
    publish_next(session, consultation, SECOND)
    page = check(client, consultation)
    assert "shall report by 2030</q>" in page
    assert "shall report by 2028</q>" not in page
    page = client.get(f"{it}/respond/comment/1.2").text
    assert "The words you selected: “\u2068shall report by 2030\u2069”" in page
    client.post(action(page), data=pressed(page, having="stance", body="Said better."))
    assert "shall report by 2030</q>" in check(client, consultation)
    send(client, consultation)
    row = session.scalars(select(Submission)).one()
    for change in ("", "Said anew."):
        own = client.get(f"/r/{row.reference}/{service.author_secret(row)}").text
        assert "About the text of version 1." in own
        assert "<mark>shall report by 2030</mark>" in own
        writing = revisions.to_draft_content(session, row)
        place, note = next(iter(writing.comments.items()))
        assert place == documents.ids_by_number(session, consultation.version_id or 0)["1.2"]
        assert note.anchor
        assert note.anchor.exact == "shall report by 2028", "it stands there"
        if not change:
            comments, answers = prepare_for_filing(writing.with_comment(place, replace(note, body="Said anew.")))
            service.amend(session, row, comments=comments, answers=answers)
            session.commit()
    assert carry_forward.list_consultations_behind(session) == []


def test_nobody_makes_up_the_words_of_an_earlier_version(session: Session, consultation: Consultation) -> None:
    first = documents.ids_by_number(session, consultation.version_id or 0)["1.1"]
    publish_next(session, consultation, SECOND)
    said = filing.comment(session, consultation, "About 1.2.", "1.2")
    with pytest.raises(selectors.QuoteNotFound):
        filing.file(session, consultation, replace(said, was=first, chose=selectors.Anchor(0, 4, "made up")))
