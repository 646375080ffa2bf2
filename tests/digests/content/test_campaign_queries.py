"""Campaign letters, as a digest shows them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from consult.digests.content import campaign_queries
from consult.digests.model import Digest
from consult.digests.render import brief, current_quotes, template_helpers
from consult.digests.results import cache as results_cache
from consult.submissions.model import State
from tests import factories
from tests.analysis.templates import spin
from tests.analysis.writing import LETTERS
from tests.counting import statements
from tests.filing import comment, decide, file

Compile = Callable[..., Digest]
OWN = "I run the pharmacy on the square and nobody asked me about any of this before today."
AGAINST = LETTERS[0].replace("not to repeal", "to repeal")


def test_a_letter_is_shown_by_its_first_published_copy_with_what_members_add(
    session: Session, compile: Compile
) -> None:
    row = factories.consultation(session)
    first, second, *_ = [file(session, row, LETTERS[0], published=n > 0) for n in range(6)]
    file(session, row, f"{OWN}\n\n{LETTERS[0]}", published=True)
    file(session, row, AGAINST, published=True)
    digest = compile(row)
    (letter,) = current_quotes.fill_quotes(session, digest.body).copied
    assert (letter.total, letter.new, letter.exact, letter.adding) == (8, 8, 6, 1)
    assert letter.sample.reference == second.reference
    assert [said.words for said in letter.added] == [OWN]
    assert template_helpers.copies(letter).endswith("1 with added words, 1 with words changed or left out")

    decide(session, first, State.PUBLISHED)
    (again,) = compile(row, "closing").body.copied
    assert again.sample.reference == first.reference


def test_a_copy_of_a_letter_is_told_with_the_letter_and_never_quoted_at_a_place(
    session: Session, compile: Compile
) -> None:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, comment(session, row, LETTERS[0], "2.1"), published=True)
    file(session, row, comment(session, row, LETTERS[0].replace("the", "our", 1), "2.1"), published=True)
    own = file(session, row, comment(session, row, "Nobody has asked the nurses who would have to do this.", "1.2"),
               published=True)  # fmt: skip
    body = compile(row).body
    quoted = {place.number: [one.reference for one in place.quotes] for place in body.places}
    assert quoted == {"2.1": [], "1.2": [own.reference]}

    results_cache.refresh(session, consultation_id=row.id)
    data = results_cache.get_page(session, row.slug).data
    assert data is not None
    (heard,) = [place.quotes for place in data.places if place.number == "2.1"]
    assert not heard


def test_where_no_copy_of_a_letter_is_published_as_it_is_one_with_changes_is_shown(
    session: Session, compile: Compile
) -> None:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, LETTERS[0])
    changed = file(session, row, f"{OWN}\n\n{LETTERS[0]}", published=True)
    (letter,) = compile(row).body.copied
    assert letter.sample.reference == changed.reference


def test_a_template_is_said_to_be_one_with_its_variants(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    for words in spin(20):
        file(session, row, words, published=True)
    (letter,) = current_quotes.fill_quotes(session, compile(row).body).copied
    assert (letter.total, letter.variants, letter.exact) == (20, 20, 0)
    assert template_helpers.copies(letter).startswith("20 submissions made from one template, in 20 variants")


def test_equal_short_answers_are_said_to_be_that_and_go_with_the_last_who_gave_them(
    session: Session, compile: Compile
) -> None:
    row = factories.consultation(session)
    sent = [file(session, row, "Nothing.", published=True) for _ in range(6)]
    file(session, row, OWN, published=True)
    body = compile(row).body
    assert body.copied == ()
    [section] = [
        one
        for one in brief.build(current_quotes.fill_quotes(session, body), brief.EDITION).sentences
        if "Short" in one.title
    ]
    assert [" ".join(line.text.split()) for line in section.rows] == ["6 submissions say only “⁨Nothing.⁩”"]
    for one in sent:
        decide(session, one, State.WITHHELD)
    assert not [
        one
        for one in brief.build(current_quotes.fill_quotes(session, body), brief.EDITION).sentences
        if "Short" in one.title
    ]


def test_five_letters_are_read_in_as_many_statements_as_one(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    spent = []
    for letters in (LETTERS[:1], LETTERS):
        for letter in letters * 5:
            file(session, row, letter, published=True)
        with statements() as sent:
            assert len(compile(row).body.copied) == len(letters)
        spent.append(sum("campaign k" in one for one in sent))
    assert spent == [5, 5]


def test_no_comments_are_read_where_no_short_answer_is_common(session: Session) -> None:
    consultation = factories.consultation(session)
    with statements() as sent:
        assert campaign_queries.list_short_answers(session, consultation.id) == []
    assert len(sent) == 1, sent
