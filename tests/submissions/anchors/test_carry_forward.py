"""Comments carried to a new version: placed or waiting, never lost, each step written down, the books in balance."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.crypto import pseudonym
from consult.core.web.access import Role
from consult.documents.model import Provision
from consult.ledger.model import Kind, LedgerEntry
from consult.search import queries as search_queries
from consult.search import records
from consult.search import service as search
from consult.search.query_terms import SearchQuery
from consult.submissions import queries, service
from consult.submissions.anchors import carry_forward, selectors
from consult.submissions.anchors.relocation import Relocation
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Comment, PlacedBy, Placement, Stance, State, Submission
from consult.submissions.values import NewComment
from tests import factories, filing
from tests.factories import publish_next

SignIn = Callable[[Any], FlaskClient]
FIRST = """# Plan

## 1 Aims

1.1 Each State shall report by 2030. It shall say how many people were reached.

1.2 Members shall meet twice a year in the capital.

1.3 Police guidance shall be issued. Judges shall be trained in human rights.
"""
SECOND = """# Plan

## 1 Aims

1.1 The plan is reviewed every five years by an outside body.

1.2 Each State shall report by 2028. It shall say how many people were reached and where.

1.3 Police guidance shall be issued.

1.4 Judges shall be trained in human rights.
"""


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.with_draft(session, FIRST)
    carry_forward._relocators.clear()
    session.commit()
    return row


def say(session: Session, consultation: Consultation, on: str, words: str = "", **values: Any) -> Comment:
    """A comment on words of a paragraph, or on all of it."""
    said = filing.comment(session, consultation, f"About {words or on}", on)
    anchor = Anchor(0, 0, words) if words else None
    row = filing.file(
        session, consultation, NewComment(said.provision_id, said.stance, said.body, anchor=anchor), **values
    )
    return session.scalars(select(Comment).where(Comment.submission_id == row.id)).one()


def carry(session: Session, consultation: Consultation, batch: int = 1000) -> int:
    done = 0
    while step := carry_forward.carry_batch(session, consultation_id=consultation.id, batch=batch):
        done += step
        session.commit()
    session.expire_all()
    return done


def number_of(session: Session, comment: Comment) -> str:
    return session.get_one(Provision, comment.provision_id).number


def history(session: Session, comment: Comment) -> list[tuple[PlacedBy, bool, str | None]]:
    rows = session.scalars(select(Placement).where(Placement.comment_id == comment.id).order_by(Placement.id)).all()
    return [(row.placer, row.waits, row.anchor["exact"] if row.anchor else None) for row in rows]


def test_words_and_whole_paragraphs_follow_the_draft_with_every_step_written_down(
    session: Session, consultation: Consultation
) -> None:
    words = say(session, consultation, "1.1", "shall report by 2030", published=True)
    whole = say(session, consultation, "1.1", published=True)
    publish_next(session, consultation, SECOND)
    assert carry_forward.list_consultations_behind(session) == [consultation.id]
    assert carry(session, consultation) == 2
    assert carry_forward.list_consultations_behind(session) == []
    assert number_of(session, words) == number_of(session, whole) == "1.2"
    assert words.anchor
    assert words.anchor["exact"] == "shall report by 2028"
    assert whole.anchor is None
    assert history(session, words) == [
        (PlacedBy.AUTHOR, False, "shall report by 2030"), (PlacedBy.RULE, False, "shall report by 2028"),
    ]  # fmt: skip
    counts = queries.get_counts(session, consultation.id)
    assert counts.on(words.provision_id or 0) == 2
    assert counts.comments == 2
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.COMMENTS_PLACED)).one()
    assert (entry.detail["placed"], entry.detail["waiting"]) == (2, 0)


def test_what_is_not_sure_stays_where_it_was_and_waits_for_a_person(
    session: Session, consultation: Consultation
) -> None:
    short = say(session, consultation, "1.3", "trained", published=True)
    gone = say(session, consultation, "1.2", published=True)
    stood = (short.provision_id, gone.provision_id)
    publish_next(session, consultation, SECOND)
    carry(session, consultation)
    assert (short.provision_id, gone.provision_id) == stood
    assert [waits for _placer, waits, _words in history(session, short)] == [False, True]
    assert queries.get_counts(session, consultation.id).comments == 2
    moderator = pseudonym("account", 1)
    there = session.scalars(
        select(Provision).where(Provision.version_id == consultation.version_id, Provision.number == "1.4")
    ).one()
    to = Relocation(there.id, selectors.find(there.text, selectors.Selection("trained")), 1.0, True)
    decided = carry_forward.place_manually(
        session, consultation=consultation, comment_ids=[short.id], to=to, actor=moderator
    )
    assert decided == 1
    assert (
        carry_forward.place_manually(
            session, consultation=consultation, comment_ids=[short.id], to=None, actor=moderator
        )
        == 0
    )
    assert (
        carry_forward.place_manually(
            session, consultation=consultation, comment_ids=[gone.id], to=None, actor=moderator
        )
        == 1
    )
    session.commit()
    session.expire_all()
    assert number_of(session, short) == "1.4"
    assert history(session, short)[-1] == (PlacedBy.PERSON, False, "trained")
    assert gone.provision_id == stood[1]
    assert carry(session, consultation) == 0
    queries.audit(session, consultation.id)


def test_carrying_is_resumed_in_small_steps_and_does_nothing_twice(
    session: Session, consultation: Consultation
) -> None:
    for n in range(7):
        say(session, consultation, "1.1", "" if n % 2 else "people", published=n % 3 == 0)
    publish_next(session, consultation, SECOND)
    assert carry_forward.carry_batch(session, consultation_id=consultation.id, batch=3) == 3
    session.rollback()  # killed before it was kept
    assert carry(session, consultation, batch=3) == 7
    assert carry(session, consultation, batch=3) == 0
    rows = session.scalars(select(Placement)).all()
    assert len(rows) == 14
    assert len({(row.comment_id, row.version_id) for row in rows}) == 14


def test_the_running_counts_are_right_for_every_state(session: Session, consultation: Consultation) -> None:
    said = [say(session, consultation, "1.1", published=n < 3) for n in range(5)]
    publish_next(session, consultation, SECOND)
    carry(session, consultation)
    there = said[0].provision_id or 0
    assert queries.get_counts(session, consultation.id).by_provision == {there: {Stance.CONCERN: 3}}
    for comment in said[3:]:
        filing.decide(session, session.get_one(Submission, comment.submission_id), State.PUBLISHED)
    assert queries.get_counts(session, consultation.id).by_provision == {there: {Stance.CONCERN: 5}}


def test_a_third_version_takes_up_what_waited_for_the_second(session: Session, consultation: Consultation) -> None:
    short = say(session, consultation, "1.3", "trained in human rights", published=True)
    publish_next(session, consultation, SECOND.replace("1.4 Judges shall be trained in human rights.", ""))
    carry(session, consultation)
    assert history(session, short)[-1][1]
    left = say(session, consultation, "1.1", published=True)
    actor = pseudonym("account", 1)
    publish_next(session, consultation, SECOND)
    carry(session, consultation)
    waits = session.scalars(select(Placement).where(Placement.waits)).all()
    assert [(row.comment_id, row.version_id) for row in waits] == [(short.id, consultation.version_id)]
    carry_forward.place_manually(session, consultation=consultation, comment_ids=[short.id], to=None, actor=actor)
    publish_next(session, consultation, SECOND.replace("five", "four"))
    carry(session, consultation)
    assert session.scalars(select(Placement).where(Placement.waits)).all() == []
    assert number_of(session, left) == "1.1"


def test_words_written_on_an_earlier_version_are_taken_and_carried(
    session: Session, consultation: Consultation
) -> None:
    said = filing.comment(session, consultation, "Written before", "1.1")
    publish_next(session, consultation, SECOND)
    row = filing.file(session, consultation, said)
    session.commit()
    assert carry(session, consultation) == 1
    comment = session.scalars(select(Comment).where(Comment.submission_id == row.id)).one()
    assert number_of(session, comment) == "1.2"


def test_search_finds_a_comment_where_it_stands_now(session: Session, consultation: Consultation) -> None:
    say(session, consultation, "1.3", "Judges shall be trained in human rights.", published=True)
    publish_next(session, consultation, SECOND)
    carry(session, consultation)
    filing.numbered(session)
    while search.FOLLOWER.follow_site(session):
        session.commit()
    there = session.scalars(
        select(Provision.wid).where(Provision.version_id == consultation.version_id, Provision.number == "1.4")
    ).one()
    found = search_queries.find_matches(session, SearchQuery(on=there)).page.items
    assert [item.voice.anchor.exact for item in found if item.voice.anchor] == [
        "Judges shall be trained in human rights."
    ]


def test_comments_left_on_an_earlier_version_keep_their_place_in_lists(
    session: Session, consultation: Consultation
) -> None:
    gone = say(session, consultation, "1.2", published=True)
    publish_next(session, consultation, SECOND)
    carry(session, consultation)
    places = comments_queries.get_provisions(session, consultation.version_id or 0, {gone.provision_id or 0})
    assert places[gone.provision_id or 0].label == "1.2"


def test_the_owner_decides_once_for_all_comments_on_the_same_words(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    owner = session.get_one(Account, consultation.owner_id)
    same = [say(session, consultation, "1.3", "trained", published=True) for _n in range(4)]
    other = say(session, consultation, "1.2", published=True)
    publish_next(session, consultation, SECOND)
    carry(session, consultation)
    browser, url = sign_in(owner), f"/desk/consultations/{consultation.id}/placing"
    page = browser.get(url).text
    assert "5 comments waiting" in page
    assert "4 comments" in page
    one = f"{url}/{same[0].id}"
    shown = browser.get(one).text
    assert "<mark>trained</mark>" in shown
    assert "and 1 more published comment" in shown
    assert "Choose the part of the draft the comments are about" in browser.post(one, data={}).text
    wrong = browser.post(one, data={"where": "other", "key": "9.9", "words": "kept"})
    assert wrong.status_code == 422
    assert "no paragraph with that number" in wrong.text
    assert ">kept<" in wrong.text.replace("\n", "")
    lost = browser.post(one, data={"where": "other", "key": "1.4", "words": "nowhere"})
    assert "These words are not in that paragraph" in lost.text
    done = browser.post(one, data={"where": "other", "key": "1.4", "words": "be trained"})
    assert done.status_code == 303
    assert browser.post(f"{url}/{other.id}", data={"where": "stay"}).status_code == 303
    assert "No comments to assign" in browser.get(url).text
    assert browser.get(one).status_code == 404
    session.expire_all()
    assert {number_of(session, comment) for comment in same} == {"1.4"}
    assert {comment.anchor["exact"] for comment in same if comment.anchor} == {"be trained"}
    assert history(session, other)[-1] == (PlacedBy.PERSON, False, None)


def test_what_is_proposed_is_taken_with_one_choice_and_nobody_else_decides(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    gone = say(session, consultation, "1.3", "Police guidance shall be issued.", published=True)
    publish_next(session, consultation, SECOND.replace("guidance shall be", "guidance shall not be"))
    carry(session, consultation)
    one = f"/desk/consultations/{consultation.id}/placing/{gone.id}"
    stranger = factories.account(session, Role.POLICYMAKER)
    assert sign_in(stranger).post(one, data={"where": "stay"}).status_code == 403
    owner = sign_in(session.get_one(Account, consultation.owner_id))
    assert "On this new part of the draft" in owner.get(one).text
    assert owner.post(one, data={"where": "there"}).status_code == 303
    session.expire_all()
    assert gone.anchor
    assert gone.anchor["exact"] == "Police guidance shall not be issued."


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.PENDING, "1 waiting for a moderator"),
        (State.RETURNED, "1 returned for changes"),
        (State.WITHHELD, "1 that a moderator decided not to publish"),
        (State.WITHDRAWN, "1 withdrawn by its author"),
        (State.ERASED, "1 erased"),
    ],
)
def test_the_owner_places_words_that_are_not_published_without_reading_them(
    session: Session, consultation: Consultation, sign_in: SignIn, state: State, told: str
) -> None:
    said = say(session, consultation, "1.2")
    said.body, row = "What nobody has read", session.get_one(Submission, said.submission_id)
    if state is not State.PENDING:
        filing.decide(session, row, state)
    session.commit()
    publish_next(session, consultation, SECOND)
    carry(session, consultation)
    browser, url = sign_in(session.get_one(Account, consultation.owner_id)), f"/desk/consultations/{consultation.id}"
    page = browser.get(f"{url}/placing/{said.id}").text
    assert told in page
    assert "These words were deleted" in page
    assert "What nobody" not in page + browser.get(f"{url}/placing").text
    assert browser.post(f"{url}/placing/{said.id}", data={"where": "other", "key": "1.1"}).status_code == 303
    session.expire_all()
    assert number_of(session, said) == "1.1"


def test_of_words_that_wait_to_be_placed_the_owner_reads_those_that_are_published(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    said = [say(session, consultation, "1.2", published=published) for published in (True, False, True, False)]
    said[0].body, said[1].body = "What everybody reads", "What nobody has read"
    publish_next(session, consultation, SECOND)
    carry(session, consultation)
    browser, url = sign_in(session.get_one(Account, consultation.owner_id)), f"/desk/consultations/{consultation.id}"
    page = browser.get(f"{url}/placing/{said[1].id}").text
    assert "What everybody reads" in page
    assert "What nobody" not in page
    assert "2 waiting for a moderator" in page
    assert "Published comments stay public and counted" in page


def test_a_reader_of_the_changes_sees_after_how_many_comments_wherever_they_were_carried(
    session: Session, consultation: Consultation, client: FlaskClient
) -> None:
    for _said in range(2):
        say(session, consultation, "1.1", "report by 2030", published=True)
    say(session, consultation, "1.2", published=True)
    say(session, consultation, "1.2")
    first = consultation.version_id or 0
    places = {row.number: row.id for row in session.scalars(select(Provision).where(Provision.version_id == first))}
    publish_next(session, consultation, SECOND)
    wanted = {places["1.1"]: 2, places["1.2"]: 1}
    assert queries.count_comments_in_version(session, consultation_id=consultation.id, version_id=first) == wanted
    while carry_forward.carry_batch(session, consultation_id=consultation.id):
        pass
    assert queries.count_comments_in_version(session, consultation_id=consultation.id, version_id=first) == wanted
    assert "after 2 published comments" in client.get(f"/c/{consultation.slug}/changes").text


def test_a_comment_on_words_that_are_others_now_says_so_and_leads_to_what_changed(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    early = say(session, consultation, "1.1", published=True)
    same = say(session, consultation, "1.2", published=True)
    publish_next(session, consultation, FIRST.replace("2030", "2028").replace("1.2 Members", "1.9 Members"))
    carry(session, consultation)
    late = say(session, consultation, "1.1", "Each State shall report", published=True)
    session.commit()

    def told(address: str) -> list[str]:
        page = client.get(f"/c/{consultation.slug}/{address}").text
        return re.findall(r"About the text of version 1\. <a href=\"([^\"]+)\"", page)

    place = session.get_one(Provision, early.provision_id)
    changed = [f"/c/{consultation.slug}/changes?from=1&amp;to=2#at-{place.eid}"]
    assert place.id == late.provision_id
    assert told("p/1.1") == changed, "only the one that was made before"
    assert f'id="at-{place.eid}"' in client.get(changed[0].replace("&amp;", "&")).text
    assert same.provision_id
    assert told("p/1.9") == [], "the words only have another number"
    filing.decide(session, session.get_one(Submission, late.submission_id), State.WITHDRAWN)
    session.commit()
    assert told("p/1.1") == changed
    row = session.get_one(Submission, early.submission_id)
    assert told(f"comments/{row.reference}") == changed
    assert "shall report by 2030" in client.get(f"/c/{consultation.slug}/comments/{row.reference}").text
    assert "About the text of version 1." in client.get(f"/r/{row.reference}/{service.author_secret(row)}").text


def test_an_author_is_quoted_with_the_words_they_chose_whatever_became_of_them(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    said = say(session, consultation, "1.1", "shall report by 2030", published=True)
    publish_next(session, consultation, FIRST.replace("2030", "2028"))
    carry(session, consultation)
    row = session.get_one(Submission, said.submission_id)
    here = f"/c/{consultation.slug}"
    lists_ = [f"{here}/p/1.1", f"{here}/comments", f"{here}/comments?on=1.1"]
    for address in (*lists_, f"{here}/comments/{row.reference}"):
        page = client.get(address).text
        quoted = re.findall(r"<q[^>]*>([^<]*)</q>|<blockquote class=\"quote\"><p[^>]*>([^<]*)</p>", page)
        assert "shall report by 2030" in sum(quoted, ()), address
        assert "shall report by 2028" not in sum(quoted, ()), address
    target = client.get(f"{here}/annotations/{said.id}.jsonld").json["target"]
    assert target["selector"][0]["exact"] == "shall report by 2030"
    assert target["source"].endswith("/p/1.1?version=1")
    assert client.get(f"{here}/annotations.jsonld?page=first").json["items"][0]["target"] == target
    filing.numbered(session)
    while search.FOLLOWER.follow_site(session):
        session.commit()
    assert [one.words_of_draft for one in records.export(session, SearchQuery())] == ["shall report by 2030"]
    own = client.get(f"/r/{row.reference}/{service.author_secret(row)}").text
    assert "<mark>shall report by 2030</mark>" in own
    assert "<mark>shall report by 2028</mark>" not in own
    assert [quote for *_on, quote in comments_queries.list_located(session, consultation, row)] == [
        "shall report by 2030"
    ]


def test_until_comments_are_carried_pages_say_that_they_are_and_not_that_there_are_none(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    for _n in range(3):
        say(session, consultation, "1.1", published=True)
    hidden = filing.file(session, consultation, "Not read yet.")
    pages = [f"/c/{consultation.slug}/{page}" for page in ("p/1.2", "draft", "comments")]
    told = "We are moving 3 published comments from the earlier version."
    assert not any("We are moving" in client.get(page).text for page in pages)
    publish_next(session, consultation, SECOND)
    shown = [client.get(page).text for page in pages]
    assert [told in page for page in shown] == [True, True, True]
    assert "0 published comments" not in shown[0]
    assert "No published comments on this paragraph yet" not in shown[0]
    carry(session, consultation)
    shown = [client.get(page).text for page in pages]
    assert not any("We are moving" in page for page in shown)
    assert hidden.state is State.PENDING


def test_what_a_person_is_to_place_is_not_said_to_be_on_its_way(session: Session, consultation: Consultation) -> None:
    say(session, consultation, "1.2", published=True)
    version = publish_next(session, consultation, SECOND)
    assert carry_forward.count_uncarried(session, consultation.id, version.id) == 1
    carry(session, consultation)
    session.commit()
    assert session.scalars(select(Placement.waits).where(Placement.placer == PlacedBy.RULE)).all() == [True]
    assert carry_forward.count_uncarried(session, consultation.id, version.id) == 0
