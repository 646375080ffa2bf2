"""Letters that many sent, as a digest shows them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from consult.digests import hearing, shown, telling
from consult.digests.model import Digest
from consult.submissions.model import State

from .. import factories
from ..analysis.writing import LETTERS
from ..counting import statements
from ..filing import comment, decide, file

Compile = Callable[..., Digest]
OWN = "I run the pharmacy on the square and nobody asked me about any of this before today."
AGAINST = LETTERS[0].replace("not to repeal", "to repeal")


def test_a_letter_is_shown_by_its_first_published_copy_with_what_members_add_and_turn_round(
    session: Session, compile: Compile
) -> None:
    row = factories.consultation(session)
    first, second, *_ = [file(session, row, LETTERS[0], published=n > 0) for n in range(6)]
    file(session, row, f"{OWN}\n\n{LETTERS[0]}", published=True)
    file(session, row, AGAINST, published=True)
    digest = compile(row)
    (letter,) = shown.fill(session, digest.body)["copied"]
    assert (letter["total"], letter["new"], letter["exact"], letter["adding"], letter["turned"]) == (8, 8, 6, 1, 1)
    assert letter["sample"]["reference"] == second.reference
    assert [said["words"] for said in letter["added"]] == [OWN]
    assert [said["words"] in AGAINST for said in letter["contrary"]] == [True]
    assert telling.copies(letter).endswith("1 adds their own words, 1 seems to turn a sentence of it round")

    decide(session, first, State.PUBLISHED)
    (again,) = compile(row, "closing").body["copied"]
    assert again["sample"]["reference"] == first.reference


def test_a_letter_that_is_turned_round_is_quoted_only_where_nobody_else_speaks(
    session: Session, compile: Compile
) -> None:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, comment(session, row, LETTERS[0], "2.1"), published=True)
    turned = file(session, row, comment(session, row, AGAINST, "2.1"), published=True)
    file(session, row, comment(session, row, AGAINST, "1.2"), published=True)
    body = compile(row).body
    quoted = {place["number"]: place["quotes"] for place in body["places"]}
    assert quoted["1.2"]
    assert turned.reference not in [one["reference"] for one in quoted["2.1"]]

    hearing.refresh(session, consultation_id=row.id)
    data = hearing.read(session, row.slug).data
    assert data is not None
    (heard,) = [place["quotes"] for place in data["places"] if place["number"] == "2.1"]
    assert [one["reference"] == turned.reference for one in heard] == [False]


def test_where_no_copy_of_a_letter_is_published_as_it_is_one_with_changes_is_shown(
    session: Session, compile: Compile
) -> None:
    row = factories.consultation(session)
    for _ in range(5):
        file(session, row, LETTERS[0])
    changed = file(session, row, f"{OWN}\n\n{LETTERS[0]}", published=True)
    (letter,) = compile(row).body["copied"]
    assert letter["sample"]["reference"] == changed.reference


def test_five_letters_are_read_in_as_many_statements_as_one(session: Session, compile: Compile) -> None:
    row = factories.consultation(session)
    spent = []
    for letters in (LETTERS[:1], LETTERS):
        for letter in letters * 5:
            file(session, row, letter, published=True)
        with statements() as sent:
            assert len(compile(row).body["copied"]) == len(letters)
        spent.append(sum("campaign k" in one for one in sent))
    assert spent == [2, 2]
