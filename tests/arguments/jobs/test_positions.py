from __future__ import annotations

import random

import pytest
from sqlalchemy.orm import Session

from consult.arguments.jobs import clusters, vectors
from consult.arguments.jobs.positions import are_opposed, embed_positions, read_position, split_opposed
from tests import factories
from tests.arguments.speaking import follow, groups, propose, said
from tests.filing import comment, file

LET_IN = (
    "Let the needed workers in for the harvest season.",
    "Let in the workers who are needed for the harvest season.",
    "Allow the needed foreign workers in for the harvest.",
)
KEEP_OUT = (
    "Protect American workers in the harvest season.",
    "Protect American workers, also for the harvest season.",
    "Do not let foreign workers in for the harvest season.",
)


def test_those_who_ask_for_opposite_things_are_never_one_argument_though_none_chose_a_stance(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *LET_IN, *KEEP_OUT)
    found = groups(session, row)
    assert found
    assert not [group for group in found if group & set(LET_IN) and group & set(KEEP_OUT)]


def test_a_new_statement_joins_no_argument_that_asks_for_the_opposite(session: Session) -> None:
    row = factories.consultation(session)
    said(session, row, *LET_IN)
    before = groups(session, row)
    assert before
    file(session, row, comment(session, row, KEEP_OUT[2], "1.1", ""), published=True)
    follow(session, row)
    assert groups(session, row) == before
    propose(session, row)
    assert groups(session, row) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fund needle exchange.", "Close the needle exchange!"),
        ("Abolish the fuel tax.", "Please keep the fuel tax."),
        ("We ask you to adopt the strategy.", "Please reject the strategy."),
        ("Bitte schützen Sie unsere Arbeiter!", "Bitte lassen Sie die ausländischen Arbeiter herein!"),
        ("Protégez nos travailleurs !", "Laissez entrer les travailleurs étrangers !"),
    ],
)
def test_opposite_calls_about_one_thing_are_opposed(one: str, other: str) -> None:
    assert are_opposed(read_position(one), read_position(other))
    rows = embed_positions([read_position(one), read_position(other)])
    assert float(rows[0] @ rows[1]) < 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Fund needle exchange.", "Fund the needle exchange, and close the prison."),
        ("Abolish the fuel tax.", "Keep the library open."),
        ("Needle exchange saves lives.", "Close the needle exchange!"),
        ("Protect our workers.", "Protect the river."),
    ],
)
def test_what_is_about_something_else_is_not_opposed(one: str, other: str) -> None:
    assert not are_opposed(read_position(one), read_position(other))


def test_one_who_opposes_leaves_a_group_which_stays_together() -> None:
    many = [f"Fund needle exchange in town {number}." for number in range(20)]
    read = [read_position(text) for text in [*many, "Close the needle exchange."]]
    assert split_opposed(read, range(21)) == [list(range(20)), [20]]


def test_no_group_holds_opposite_calls_and_arrival_makes_no_difference() -> None:
    texts = [f"{verb} needle exchange in {town}." for verb in ("Fund", "Close") for town in ("Graz", "Linz", "Wels")]
    found = []
    for seed in range(3):
        order = random.Random(seed).sample(texts, len(texts))
        read = [read_position(text) for text in order]
        space = vectors.fit_space(order)
        keys = [vectors.shuffle_key(text) for text in order]
        limits = clusters.likeness_limits(len(order))
        made = clusters.group_statements(space.sided(order, read), keys, limits, read)
        found.append([sorted(order[number] for number in members) for members in made])
    assert found[0] == found[1] == found[2]
    assert {frozenset(group) for group in found[0]} == {frozenset(texts[:3]), frozenset(texts[3:])}


def test_groups_that_ask_for_opposite_things_are_not_suggested_as_one() -> None:
    texts = ["Fund needle exchange in town.", "Fund needle exchange.", "Close needle exchange in town."]
    space = vectors.fit_space(texts)
    rows = space.sided(texts)
    assert set(clusters.suggest_merges(rows, -1)) == {(0, 1)}
