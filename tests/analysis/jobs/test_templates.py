"""Templates and short answers as they are stored and shown."""

from __future__ import annotations

import random
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.analysis.campaigns import public_queries, queries
from consult.analysis.model import Campaign, TextGroup
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import campaigns as bulk_campaigns
from consult.submissions.model import Comment
from tests import factories
from tests.analysis.campaigns.test_altered import dilute
from tests.analysis.jobs.test_engine import compare, follow
from tests.analysis.templates import PASSAGES, STOCKS, spin
from tests.analysis.writing import LETTERS
from tests.filing import file


@pytest.mark.parametrize("comparing", [False, True])
def test_variants_of_a_template_are_stored_as_one_campaign_and_new_ones_join_it(
    session: Session, comparing: bool
) -> None:
    row = factories.consultation(session)
    spun = spin(30)
    for words in spun[:24]:
        file(session, row, words, published=True)
    follow(session, row)
    [found] = queries.list_campaigns(session, row.id)
    assert (found.template, found.members, found.texts, found.exact, found.adding) == (True, 24, 24, 0, 0)
    for words in spun[24:]:
        file(session, row, words, published=True)
    follow(session, row)
    if comparing:
        compare(session, row)
    [again] = queries.list_campaigns(session, row.id)
    assert (again.id, again.members, again.published) == (found.id, 30, 30)


def test_the_page_shows_the_template_with_its_slots_and_what_it_does_not_show(
    session: Session, client: FlaskClient
) -> None:
    row = factories.consultation(session)
    spun = spin(30)
    for words in spun:
        file(session, row, words, published=True)
    follow(session, row)
    [found] = public_queries.list_campaigns(session, row.id)
    page = " ".join(client.get(f"/c/{row.slug}/campaigns/{found.id}").text.split())
    assert "One template, many variants" in page
    assert "30 published submissions · 30 variants" in page
    assert "It does not show who wrote the texts" in page
    assert f"Variable parts: {len(STOCKS)}, found in 30 published texts" in page
    assert PASSAGES[3] in page
    assert re.search(r"<q[^>]*>hundreds</q> \(\d+\)", page)
    assert "30 variants" in client.get(f"/c/{row.slug}/campaigns").text


def test_the_picture_of_a_template_holds_no_words_that_may_not_be_read(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    spun = spin(30)
    for words in spun[:20]:
        file(session, row, words, published=True)
    for words in spun[20:]:
        file(session, row, words.replace("hundreds", "Jane Doe").replace("whole crews", "Jane Doe"))
    follow(session, row)
    first = session.scalars(select(Comment).where(Comment.body.contains("hundreds"), Comment.shown)).first()
    assert first is not None
    session.execute(
        update(Comment).where(Comment.id == first.id).values(redacted_body=first.body.replace("hundreds", "█"))
    )
    session.commit()
    [found] = public_queries.list_campaigns(session, row.id)
    page = client.get(f"/c/{row.slug}/campaigns/{found.id}").text
    assert ", found in 19 published texts" in page
    assert "Jane Doe" not in page


def test_equal_short_answers_are_shown_as_what_they_are(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    for words, times in (("Nothing.", 7), ("NOTHING", 2), ("No", 4), ("See attached.", 6)):
        for _ in range(times):
            file(session, row, words, published=True)
    for _ in range(6):
        file(session, row, "This waits for review")
    follow(session, row)
    assert queries.list_campaigns(session, row.id) == []
    assert [
        (one.words.casefold().strip("."), one.published) for one in public_queries.list_short_answers(session, row.id)
    ] == [("nothing", 9)]
    page = client.get(f"/c/{row.slug}/campaigns").text
    assert "Identical short responses" in page
    assert "9 submissions:" in page
    assert "waits for review" not in page


def test_a_campaign_of_short_answers_from_before_is_none_any_longer(session: Session) -> None:
    row = factories.consultation(session)
    for _ in range(6):
        file(session, row, "Nothing.", published=True)
    follow(session, row)
    group = session.scalars(select(TextGroup).where(TextGroup.consultation_id == row.id)).one()
    counts = {"members": 6, "published": 6, "exact": 6, "texts": 1}
    old = Campaign(consultation_id=row.id, letter_hash=group.text_hash, versions=[], core=b"", detected=True, **counts)
    session.add(old)
    session.flush()
    group.campaign_id, group.placed = old.id, 0
    session.commit()
    file(session, row, "Something else altogether.", published=True)
    follow(session, row)
    session.expire_all()
    assert (session.get_one(Campaign, old.id).members, queries.list_campaigns(session, row.id)) == (0, [])


def test_one_decision_covers_no_variants_and_no_copies_with_words_put_between(session: Session) -> None:
    row = factories.consultation(session)
    chance = random.Random(3)
    for words in [*spin(24), *[LETTERS[1]] * 6, *(dilute(LETTERS[1], 3, chance) for _ in range(4))]:
        file(session, row, words)
    follow(session, row)
    while queue.FOLLOWER.follow_site(session):
        session.commit()
    letter, template = sorted(queries.list_campaigns(session, row.id), key=lambda one: one.template)
    assert (letter.members, letter.exact, letter.adding, template.members) == (10, 6, 4, 24)
    assert bulk_campaigns.get_letter_case(session, letter.id).copies == 6
    assert bulk_campaigns.get_letter_case(session, template.id).copies == 0
    assert [one.letter.id for one in bulk_campaigns.list_waiting_letters(session)] == [letter.id]
