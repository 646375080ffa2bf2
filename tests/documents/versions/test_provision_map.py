"""Changes to each provision: found by its words, told in lines, each provision in exactly one."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.documents.versions import similarity
from consult.documents.versions.provision_map import (
    TangledLinks,
    build_lines,
    carry_ids,
    chain_links,
    relink,
    trace_provisions,
)
from tests.counting import steps
from tests.documents.drafts import many, markdown, passages, told, write

BEFORE = """# Plan

## 1 Aims

1.1 The Plan protects the health and the human rights of people who use drugs.

1.2 Each State shall report once a year on what it did, and publish the report within three months of its date.

## 2 Health

2.1 Each State shall make treatment available to all who ask for it. Nobody shall wait for more than two weeks.

2.2 Each State shall:

(a) provide clean needles and syringes free of charge;

(b) test drugs;

(c) train the police in giving naloxone.

2.3 Naloxone shall be sold without prescription in every pharmacy.

2.4 Pharmacies shall teach those who buy it how naloxone is given.

## 3 Money

3.1 The fund has two accounts.
"""


def became(*changes: tuple[str, str]) -> list[tuple[str, str, str]]:
    text = BEFORE
    for was, now in changes:
        assert was in text
        text = text.replace(was, now)
    before, after = passages(BEFORE), passages(text, start=1000)
    return told(before, after, trace_provisions(before, after))


def test_new_numbers_move_nothing() -> None:
    articles = ["Each Party shall test drugs with care.", "Each Party shall treat people in need.", "States report."]
    before = passages("\n\n".join(f"Article {n}\n\n{n}. {words}" for n, words in enumerate(articles, 1)))
    changed = ["A new article on the aims of this plan.", *articles]
    after = passages("\n\n".join(f"Article {n}\n\n({n}) {words}" for n, words in enumerate(changed, 1)), start=100)
    lines = trace_provisions(before, after)
    assert told(before, after, lines) == [("new", "", "Article 1"), ("new", "", "(1)")]


def test_nothing_changed() -> None:
    assert became() == []


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("once a year", "every six months", [("edited", "1.2", "1.2")]),
        ("two accounts", "three accounts", [("edited", "3.1", "3.1")]),
        ("(b) test drugs;", "(b) test all drugs;", [("edited", "(b)", "(b)")]),
        ("## 3 Money", "## 3 Resources", [("edited", "3", "3")]),
        ("1.2 Each", "1.2 Civil society is heard on every report.\n\n1.3 Each", [("new", "", "1.2")]),
        ("2.3 Naloxone shall be sold without prescription in every pharmacy.\n\n2.4", "2.3", [("removed", "2.3", "")]),
        (
            "available to all who ask for it. Nobody", "available to all who ask for it.\n\n2.1bis Nobody",
            [("split", "2.1", "2.1 2.1bis")],
        ),
        (
            "in every pharmacy.\n\n2.4 Pharmacies", "in every pharmacy. Pharmacies",
            [("merged", "2.3 2.4", "2.3")],
        ),
        ("(b) test drugs;\n\n(c) train", "(b) train", [("removed", "(b)", "")]),
    ],
)  # fmt: skip
def test_an_edit_is_told_as_what_it_is(was: str, now: str, expected: list[tuple[str, str, str]]) -> None:
    assert became((was, now)) == expected


def test_a_paragraph_that_went_to_another_chapter_is_moved_and_its_neighbours_are_not() -> None:
    moved = "2.3 Naloxone shall be sold without prescription in every pharmacy.\n\n"
    found = became(
        (moved, ""), ("2.4 Pharmacies", "2.3 Pharmacies"), ("two accounts.", f"two accounts.\n\n3.2 {moved[4:]}")
    )
    assert found == [("moved", "2.3", "3.2")]


def test_paragraphs_that_changed_places_are_told_with_one_line() -> None:
    one, two = (
        "Naloxone shall be sold without prescription in every pharmacy.",
        "Pharmacies shall teach those who buy it how naloxone is given.",
    )
    assert became((one, "@"), (two, one), ("@", two)) == [("moved", "2.4", "2.3")]


def test_a_short_point_is_not_looked_for_in_another_paragraph() -> None:
    found = became(("(b) test drugs;\n\n(c)", "(b)"), ("two accounts.", "two accounts:\n\n(a) test drugs;"))
    assert ("removed", "(b)", "") in found
    assert ("new", "", "(a)") in found


def test_a_chapter_renamed_and_renumbered_keeps_its_paragraphs() -> None:
    found = became(
        ("## 3 Money\n\n3.1", "## 4 What it costs and who pays for all of it\n\n4.1"),
        ("## 2 Health", "## 2 Words\n\n2.1 In this Plan “drug” means every controlled substance.\n\n## 3 Health"),
        ("2.1 Each", "3.1 Each"), ("2.2 Each", "3.2 Each"), ("2.3 Nal", "3.3 Nal"), ("2.4 Pha", "3.4 Pha"),
    )  # fmt: skip
    assert found == [("new", "", "2"), ("new", "", "2.1"), ("edited", "3", "4")]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 25))
def test_a_map_accounts_for_every_provision_exactly_once_on_both_sides(seed: int, edits: int) -> None:
    chance = random.Random(seed)
    chapters = write(chance, chance.randint(1, 4), chance.randint(1, 6))
    before = passages(markdown(chapters))
    after = passages(markdown(many(chance, chapters, edits)), start=10_000)
    found = trace_provisions(before, after)
    assert sorted(one for line in found for one in line.before) == [passage.id for passage in before]
    assert sorted(one for line in found for one in line.after) == [passage.id for passage in after]
    assert all(len(line.before) <= 1 or len(line.after) <= 1 for line in found)
    if not edits:
        assert {line.change for line in found} == {"unchanged"}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 12))
def test_permanent_ids_are_one_for_each_provision_and_never_used_again(seed: int, edits: int) -> None:
    chance = random.Random(seed)
    chapters = write(chance, 3, 4)
    texts = [chapters]
    for _version in range(3):
        texts.append(many(chance, texts[-1], edits))
    ever: dict[str, str] = {}
    wids: dict[int, str] = {}
    former = passages(markdown(texts[0]))
    wids = {passage.id: f"p{passage.id}" for passage in former}
    ever = {wid: wid for wid in wids.values()}
    for number, text in enumerate(texts[1:], 2):
        later = passages(markdown(text), start=number * 1000)
        links = similarity.find_links(former, later)
        eids = {passage.id: f"p{passage.id - number * 1000}" for passage in later}
        found = build_lines(former, later, links)
        given_ids = carry_ids(found, links, before=wids, after=eids, taken=set(ever), version=number)
        assert given_ids.keys() == eids.keys()
        assert len(set(given_ids.values())) == len(later)
        fresh = {given_ids[one] for line in found if not line.before for one in line.after}
        assert not fresh & ever.keys()
        ever |= {wid: wid for wid in given_ids.values()}
        wids, former = given_ids, later


def test_a_person_corrects_where_a_provision_comes_from() -> None:
    text = BEFORE.replace("3.1 The fund has two accounts.", "3.1 Money comes from fines only.")
    before, after = passages(BEFORE), passages(text, start=1000)
    links = similarity.find_links(before, after)
    assert told(before, after, build_lines(before, after, links)) == [("removed", "3.1", ""), ("new", "", "3.1")]
    same = relink(links, after=after[-1].id, before=[before[-1].id])
    assert told(before, after, build_lines(before, after, same)) == [("edited", "3.1", "3.1")]
    apart = relink(same, after=after[-1].id, before=[])
    assert told(before, after, build_lines(before, after, apart)) == [("removed", "3.1", ""), ("new", "", "3.1")]


def test_several_cannot_become_several() -> None:
    before, after = passages(BEFORE), passages(BEFORE, start=1000)
    links = relink(similarity.find_links(before, after), after=after[-3].id, before=[])
    links = relink(links, after=after[-1].id, before=[before[-1].id, before[-3].id])
    with pytest.raises(TangledLinks):
        relink(links, after=after[-3].id, before=[before[-1].id])


def test_maps_of_versions_in_a_row_are_one_map() -> None:
    middle = BEFORE.replace("once a year", "twice a year")
    last = middle.replace("## 3 Money\n\n3.1 The fund has two accounts.\n", "")
    texts = [passages(text, start=number * 1000) for number, text in enumerate((BEFORE, middle, last))]
    joined = chain_links([similarity.find_links(*texts[0:2]), similarity.find_links(*texts[1:3])])
    assert told(texts[0], texts[2], build_lines(texts[0], texts[2], joined)) == [
        ("edited", "1.2", "1.2"), ("removed", "3", ""), ("removed", "3.1", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("- word{}", "- other{}"),
        ("Reserved for later use by all.", "Reserved for later use by all."),
        ("Each State shall do number {} of them.", "Each State will do number {} of them all."),
    ],
)
def test_the_largest_draft_is_mapped_at_its_length_however_much_alike_its_provisions_are(was: str, now: str) -> None:
    def cost(provisions: int) -> int:
        before, after = (
            passages(
                "## 1 Aims\n\n1.1 States:\n\n" + "\n\n".join(words.format(n) for n in range(provisions)), start=start
            )
            for words, start in ((was, 0), (now, 10_000))
        )
        return steps(lambda: trace_provisions(before, after))

    assert cost(4900) < 15 * cost(490)
