"""Topics on “What we heard” and in digests, and the groups the owner wants to hear from."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.consultations.participation import facilitators
from consult.core.clock import now
from consult.core.web.access import Role
from consult.digests.lists import queries as lists_queries
from consult.digests.model import Digest
from consult.digests.results import cache as results_cache
from consult.documents import tags
from consult.submissions.facilitation import service as facilitation
from consult.submissions.facilitation.model import Consent
from consult.submissions.model import State
from consult.taxonomy import queries as taxonomy
from consult.taxonomy import service as taxonomy_service
from tests import factories
from tests.counting import statements
from tests.filing import comment, decide, file
from tests.taxonomy.test_service import RIGHTS

WORDS = "Sixty per cent is below the level at which transmission falls, so eighty should be the target"


@pytest.fixture
def row(session: Session) -> Consultation:
    """Six say something about care, at 1.1, and two about something else, at 2.1."""
    taxonomy_service.load_pack(session, [RIGHTS])
    owner = factories.account(session, Role.POLICYMAKER)
    made = factories.consultation(session, owner=owner, groups=[{"name": "women in prison", "target": 9}])
    care = taxonomy.get_term(session, "x-rights", "care")
    tags.add_tags(session, document_id=made.document_id, wid="chp_1__para_1", term_ids=[care.id], by=owner.id)
    for n in range(6):
        file(session, made, comment(session, made, f"{WORDS}, says {n}."), person=f"P{n}", published=True)
    for n in range(2):
        said = comment(session, made, f"This paragraph may stay as it is, says number {n}.", "2.1", "support")
        file(session, made, said, published=True)
    return made


def test_what_was_heard_is_seen_through_a_topic_and_what_is_above_it(
    session: Session, client: FlaskClient, row: Consultation
) -> None:
    results_cache.refresh(session, consultation_id=row.id)
    address = f"/c/{row.slug}/said"
    assert "?about=x-rights:care" in client.get(address).text
    for name in ("care", "health"):
        with statements() as seen:
            page = client.get(f"{address}?about=x-rights:{name}")
        assert page.status_code == 200
        assert WORDS in page.text
        assert "may stay as it is" not in page.text
        assert "/p/2.1" not in page.text
        assert len([one for one in seen if "SELECT 1" not in one]) <= 6
    assert client.get(f"{address}?about=x-rights:none").status_code == 404
    rows = list(csv.DictReader(io.StringIO(client.get(f"/c/{row.slug}/heard/topics.csv").text)))
    assert [(line["topic"], line["comments"], line["concern"]) for line in rows] == [
        ("x-rights:health", "6", "6"), ("x-rights:care", "6", "6"),
    ]  # fmt: skip


def test_what_is_withdrawn_leaves_its_topic(session: Session, client: FlaskClient, row: Consultation) -> None:
    last = file(session, row, f"{WORDS}, and this is withdrawn.", published=True)
    results_cache.refresh(session, consultation_id=row.id)
    decide(session, last, State.WITHDRAWN)
    results_cache.refresh(session, consultation_id=row.id)
    found = next(csv.DictReader(io.StringIO(client.get(f"/c/{row.slug}/heard/topics.csv").text)))
    assert found["comments"] == "6"


def test_a_digest_has_its_topics_and_is_read_through_one(
    session: Session, row: Consultation, compile: Callable[..., Digest], sign_in: Any
) -> None:
    digest = compile(row)
    topics = {topic.name: topic for topic in digest.body.topics}
    assert topics["x-rights:care"].new == topics["x-rights:care"].comments == 6
    assert topics["x-rights:care"].keys == ("chp_1__para_1",)
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    page = desk.get(f"/desk/digests/{digest.id}?about=x-rights:care").text
    assert WORDS in page
    assert "may stay as it is" not in page
    assert desk.get(f"/desk/digests/{digest.id}?about=x-rights:none").status_code == 404
    letter = desk.get(f"/desk/digests/{digest.id}/letter").text
    assert f"/desk/digests/{digest.id}?about=x-rights:care" in letter
    counts = list(csv.DictReader(io.StringIO(desk.get(f"/desk/digests/{digest.id}/counts.csv").text)))
    assert [(line["place"], line["in_all"]) for line in counts] == [("Paragraph 1.1", "6"), ("Paragraph 2.1", "2")]


def test_the_numbers_of_a_topic_open_what_they_count(
    session: Session, client: FlaskClient, row: Consultation, compile: Callable[..., Digest], sign_in: Any
) -> None:
    """A submission is on the list once for each place of the topic, as it is counted."""
    document, owner = row.document_id, session.get_one(Account, row.owner_id)
    care = taxonomy.get_term(session, "x-rights", "care")
    tags.add_tags(session, document_id=document, wid="chp_2__para_1", term_ids=[care.id], by=owner.id)
    first = compile(row)
    both = [comment(session, row, "Care at once."), comment(session, row, "Care in time.", "2.1", "support")]
    twice = file(session, row, *both, published=True)
    once = file(session, row, "Care for all.", published=True)
    second = compile(row)
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    for digest, news, total in ((first, 8, 8), (second, 3, 11)):
        for name, n in (("about:x-rights:care", news), ("all-about:x-rights:care", total)):
            listed = lists_queries.get_list(session, digest, name)
            assert (listed.count, len(listed.page.items)) == (n, n)
            assert f"{n} comments: " in desk.get(f"/desk/digests/{digest.id}/list/{name}").text
            assert f"/desk/digests/{digest.id}/list/{name}" in desk.get(f"/desk/digests/{digest.id}/letter").text
            assert f"/desk/digests/{digest.id}/list/{name}" in desk.get(f"/desk/digests/{digest.id}").text
    assert lists_queries.get_list(session, second, "all-about:x-rights:health").count == 11, "what is above it, too"
    found = lists_queries.get_list(session, second, "about:x-rights:care").page.items
    assert sorted((line.reference, line.words) for line in found) == sorted([
        (once.reference, "Care for all."), (twice.reference, "Care at once."), (twice.reference, "Care in time."),
    ])  # fmt: skip
    assert [line.words for line in lists_queries.iterate_list(session, second, "about:x-rights:care")] == [
        line.words for line in found
    ]
    results_cache.refresh(session, consultation_id=row.id)
    address = f"/c/{row.slug}/heard/list/all-about:x-rights:care"
    assert address in client.get(f"/c/{row.slug}/said").text
    page = client.get(address).text
    assert "11 comments: Care" in page
    assert (page.count(">Paragraph 1.1<"), page.count(">Paragraph 2.1<")) == (8, 3), "where each was said"


def test_a_list_about_a_topic_goes_on_where_its_page_ended(
    session: Session, row: Consultation, compile: Callable[..., Digest]
) -> None:
    care = taxonomy.get_term(session, "x-rights", "care")
    tags.add_tags(session, document_id=row.document_id, wid="chp_2__para_1", term_ids=[care.id], by=row.owner_id)
    both = [comment(session, row, "Care at once."), comment(session, row, "Care in time.", "2.1", "support")]
    file(session, row, *both, published=True)
    digest, found, after = compile(row), [], None
    while after or not found:
        page = lists_queries.get_list(session, digest, "all-about:x-rights:care", after=after, most=1).page
        found += [(line.reference, line.words) for line in page.items]
        after = page.next_cursor
    assert len(found) == len(set(found)) == 10


def test_a_quote_of_a_group_says_so(
    session: Session, client: FlaskClient, compile: Callable[..., Digest], sign_in: Any
) -> None:
    row = factories.consultation(session)
    for n in range(5):
        sent = file(session, row, f"{WORDS}, says group {n}.", published=True)
        sent.present = 12
    session.commit()
    digest = compile(row)
    said = "Raises a concern · Name not published · sent for a group (12 people present)"
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    for path in ("", "/letter"):
        assert said in desk.get(f"/desk/digests/{digest.id}{path}").text
    results_cache.refresh(session, consultation_id=row.id)
    assert said in client.get(f"/c/{row.slug}/said").text


def test_whom_the_owner_set_out_to_hear_is_counted_where_somebody_sat_down_with_them(
    session: Session, client: FlaskClient, row: Consultation
) -> None:
    helper = factories.account(session, email="peer@example.org")
    owner = session.get_one(type(helper), row.owner_id)
    facilitators.allow(session, number=row.id, by=owner, email="peer@example.org")
    address = f"/c/{row.slug}/said"

    def heard() -> str:
        results_cache.refresh(session, consultation_id=row.id)
        return re.sub("[\u2068\u2069]", "", client.get(address).text)

    def meet(present: int) -> None:
        sent = file(session, row, f"We were {present} and were not asked before today.", published=False)
        sent.account_id = helper.id
        facilitation.begin(
            session, consultation=row, by=helper, present=present, consent=Consent.SPOKEN, held_on=now().date(),
            group="women in prison",
        )  # fmt: skip
        facilitation.attach_meeting(session, sent)
        decide(session, sent, State.PUBLISHED)

    assert "Women in prison: nobody at meetings (target 9)." in heard()
    meet(3)
    assert "Women in prison: fewer than 5 people at meetings (target 9)." in heard()
    meet(4)
    assert "Women in prison: 7 people at meetings (target 9)." in heard()
    meet(2)
    assert "women in prison" not in heard().lower()
