"""A draft's text becomes provisions that can be spoken of and pointed at."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.documents.model import ProvisionKind
from consult.documents.outline.doubts import OutlineDoubtKind
from consult.documents.outline.reader import (
    MAX_BLOCKS,
    MAX_DRAFT_LENGTH,
    MAX_PROVISION_LENGTH,
    MAX_PROVISIONS,
    Outline,
    parse_outline,
)
from tests.counting import steps

PLAN = """# Draft Plan

## 1 Aims

1.1 The Plan has aims.

## 2 Harm reduction

2.1 Each State shall:

(a) test;

(b) treat:

    (i) at once;

    (ii) without conditions.

2.2 Second.
"""


def numbers(split: Outline) -> list[str]:
    return [piece.number for piece in split.pieces]


def messages(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in parse_outline(text).problems]


def test_a_draft_is_split_into_chapters_paragraphs_and_points_as_it_is_numbered() -> None:
    split = parse_outline(PLAN)
    assert split.title == "Draft Plan"
    assert split.problems == []
    assert numbers(split) == ["1", "1.1", "2", "2.1", "(a)", "(b)", "(i)", "(ii)", "2.2"]
    assert [piece.depth for piece in split.pieces] == [0, 1, 0, 1, 2, 2, 3, 3, 1]
    assert (split.chapters, split.paragraphs, split.words) == (2, 3, 17)


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_an_indented_ordered_list_is_read_as_points(gap: str) -> None:
    lines = [
        "1. First.",
        "2. Parks shall have:",
        "   a. benches, at",
        "   b. trees:",
        "      i. old;",
        "      ii. new.",
    ]
    split = parse_outline(gap.join(["# Plan", "## 1 Parks", *lines, "3. Last."]))
    assert split.problems == []
    assert numbers(split) == ["1", "1", "2", "(a)", "(b)", "(i)", "(ii)", "3"]
    assert [piece.text for piece in split.pieces[2:5]] == ["Parks shall have:", "benches, at", "trees:"]
    assert [piece.depth for piece in split.pieces] == [0, 1, 1, 2, 2, 3, 3, 1]


def test_a_nested_list_may_count_in_figures_and_leaves_the_outer_count_alone() -> None:
    split = parse_outline("# Plan\n\n## 1 Parks\n\n1. First:\n   1. benches;\n   2. trees.\n2. Second.")
    assert numbers(split) == ["1", "1", "(1)", "(2)", "2"]


def test_an_indented_line_that_goes_on_with_a_sentence_begins_no_point() -> None:
    split = parse_outline("# Plan\n\n## 1 Parks\n\n1. In the class\n   b. of the list, and by\n   3. May.")
    assert numbers(split) == ["1", "1"]


def test_every_provision_has_an_akoma_ntoso_id_and_knows_its_chapter() -> None:
    found = {piece.eid: piece.chapter for piece in parse_outline(PLAN).pieces}
    assert list(found) == [
        "chp_1", "chp_1__para_1", "chp_2", "chp_2__para_1", "chp_2__para_1__point_a", "chp_2__para_1__point_b",
        "chp_2__para_1__point_b__point_i", "chp_2__para_1__point_b__point_ii", "chp_2__para_2",
    ]  # fmt: skip
    assert found["chp_2__para_1__point_b__point_ii"] == "chp_2"


def test_what_has_no_number_gets_none() -> None:
    split = parse_outline("# Plan\n\n## Aims\n\nOne.\n\nTwo.\n\n## Means\n\nThree.")
    assert numbers(split) == ["", "", "", "", ""]
    assert [piece.eid for piece in split.pieces] == [
        "chp_1",
        "chp_1__para_1",
        "chp_1__para_2",
        "chp_2",
        "chp_2__para_1",
    ]


def test_what_has_no_number_among_numbered_paragraphs_goes_on_with_the_one_before() -> None:
    split = parse_outline(
        "## 1 Aims\n\nIn this chapter:\n\n1.1 One.\n\nMore of one.\n\n(a) point;\n\nand so on.\n\n1.2 Two."
    )
    assert [(piece.number, piece.text) for piece in split.pieces] == [
        ("1", ""), ("", "In this chapter:"), ("1.1", "One.\n\nMore of one."), ("(a)", "point;"), ("", "and so on."),
        ("1.2", "Two."),
    ]  # fmt: skip


def test_bullets_are_points_and_bullets_alone_are_paragraphs() -> None:
    split = parse_outline(
        "## 1 Aims\n\nStates shall:\n\n- test;\n  - soon;\n- treat.\n\n## 2 Means\n\n- Money.\n- People."
    )
    assert numbers(split) == ["1", "", "•", "•", "•", "2", "•", "•"]


def test_a_list_that_begins_again_in_each_chapter_is_told_apart_by_its_place() -> None:
    split = parse_outline("## 1 Aims\n\n1. One.\n2. Two.\n\n## 2 Means\n\n1. Three.")
    assert numbers(split) == ["1", "1", "2", "2", "1"]
    assert [piece.eid for piece in split.pieces][-1] == "chp_2__para_1"
    assert split.doubts == []


def test_a_resolution_counts_its_paragraphs_through_all_its_parts() -> None:
    split = parse_outline("# Resolution\n\n## I. Aims\n\n1. One.\n\n2. Two.\n\n## II. Means\n\n3. Three.")
    assert numbers(split) == ["I", "1", "2", "II", "3"]
    assert split.pieces[-1].eid == "chp_ii__para_3"


def test_a_bill_has_articles_in_its_chapters() -> None:
    split = parse_outline("# Ley\n\n## Capítulo 1: Objeto\n\n### Artículo 1. Fines\n\nUno.\n\n### Artículo 2\n\nDos.")
    assert split.problems == []
    assert [(piece.number, piece.eid) for piece in split.pieces] == [
        ("Capítulo 1", "chp_1"), ("Artículo 1", "art_1"), ("", "art_1__para_1"),
        ("Artículo 2", "art_2"), ("", "art_2__para_1"),
    ]  # fmt: skip


def test_parts_hold_chapters() -> None:
    split = parse_outline("# Part I: General\n\n## 1 Aims\n\nOne.\n\n# Part II\n\n## 2 Means\n\nTwo.")
    assert [(piece.kind, piece.number, piece.depth) for piece in split.pieces][:2] == [
        (ProvisionKind.PART, "Part I", 0), (ProvisionKind.CHAPTER, "1", 1),
    ]  # fmt: skip


def test_text_before_the_first_heading_is_a_preamble_in_the_drafts_language() -> None:
    split = parse_outline("# Plan\n\nRecordando los convenios.\n\n## 1 Fines\n\nUno.", language="es")
    assert [(piece.number, piece.heading, piece.eid) for piece in split.pieces][:2] == [
        ("", "Preámbulo", "preamble"), ("", "", "preamble__para_1"),
    ]  # fmt: skip


def test_a_draft_without_headings_is_one_chapter() -> None:
    assert numbers(parse_outline("One.\n\nTwo.")) == ["", "", ""]
    assert numbers(parse_outline("7.1 One.\n\n7.2 Two.")) == ["", "7.1", "7.2"]


def test_arabic_numbers_and_words_are_read_and_references_are_in_western_digits() -> None:
    split = parse_outline("# خطة\n\n## ٢ الحد من الضرر\n\n٢.١ على كل دولة:\n\n(أ) أولا؛\n\n(ب) ثانيا.", language="ar")
    assert split.problems == []
    assert numbers(split) == ["2", "2.1", "(أ)", "(ب)"]
    assert split.pieces[1].text == "على كل دولة:"


def test_markdown_marks_are_not_words_of_the_draft() -> None:
    split = parse_outline(
        "## 1 **Aims**\n\n1.1 Each State *shall* [act](https://example.org) \\*now\\*,\nand ~~so~~ `on`."
    )
    assert split.pieces[0].heading == "Aims"
    assert split.pieces[1].text == "Each State shall act (https://example.org) *now*, and ~~so~~ on."


def test_a_number_that_begins_a_sentence_can_be_told_from_a_paragraphs_number() -> None:
    assert numbers(parse_outline("## 3 Health\n\nMany.\n\n2.5 million people.")) == ["3", "", "2.5"]
    assert numbers(parse_outline("## 3 Health\n\nMany.\n\n\\2.5 million people.")) == ["3", "", ""]


def test_a_line_that_happens_to_begin_with_a_number_is_not_a_paragraph() -> None:
    assert numbers(parse_outline("## 1 Aims\n\n1.1 Help all of the\n2.5 million people in need.")) == ["1", "1.1"]
    assert numbers(parse_outline("## 1 Aims\n\n1.1 One.\n1.2 Two.\n1.2.1 Inner.\n1.3 Three.")) == [
        "1", "1.1", "1.2", "1.2.1", "1.3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "empty"),
        (" \n\n\x00\n", 1, "empty"),
        (f"## 1 Aims\n\n{'word ' * (MAX_PROVISION_LENGTH // 5 + 1)}", 3, "too long"),
        (f"## {'word ' * 300}\n\nOne.", 1, "heading is too long"),
    ],
)
def test_what_must_be_mended_is_told_by_line_with_what_to_do(text: str, line: int, says: str) -> None:
    assert any(found == line and says in message for found, message in messages(text)), messages(text)


@pytest.mark.parametrize(
    ("text", "place", "kind"),
    [
        ("## 1 Aims\n\n1.1 One.\n\n1.1 Two.", 2, OutlineDoubtKind.TWICE),
        ("## 1 Aims\n\nOne.\n\n## 1 Means\n\nTwo.", 2, OutlineDoubtKind.TWICE),
        ("## 1 Aims\n\n1.1 States:\n\n(a) one;\n\n(a) two.", 3, OutlineDoubtKind.TWICE),
        ("## 1 Aims\n\n## 2 Means\n\nTwo.", 0, OutlineDoubtKind.EMPTY),
        ("## 1 Aims\n\n1.1\n\n1.2 Two.", 1, OutlineDoubtKind.EMPTY),
        ("## 1 Aims\n\nOne:\n\n(a)\n\n(b) two.", 2, OutlineDoubtKind.EMPTY),
        ("## 1 Aims\n\n1.1 One.\n\n1.3 Three.", 2, OutlineDoubtKind.LEVEL),
        ("## 1 Aims\n\nOne:\n\n(b) two.", 2, OutlineDoubtKind.LEVEL),
        ("Article 1\n\nOne.\n\nArticle 3\n\nThree.", 2, OutlineDoubtKind.LEVEL),
    ],
)
def test_what_may_be_misread_is_a_doubt_and_no_error(text: str, place: int, kind: OutlineDoubtKind) -> None:
    split = parse_outline(text)
    assert split.problems == []
    assert [(doubt.position, doubt.kind) for doubt in split.doubts] == [(place, kind)]


def test_points_nest_only_so_deep() -> None:
    split = parse_outline("## 1 Aims\n\nOne:\n\n" + "".join("  " * deep + "- point\n" for deep in range(60)))
    assert max(piece.depth for piece in split.pieces) < 12


def test_a_text_that_is_too_large_is_refused_before_it_is_read() -> None:
    [problem] = parse_outline("a" * (MAX_DRAFT_LENGTH + 1)).problems
    assert "The limit is 1000000." in problem.message


def test_a_draft_with_too_many_provisions_says_where_to_divide_it() -> None:
    split = parse_outline("## 1 Aims\n\n" + "- word\n" * (MAX_PROVISIONS + 10))
    assert len(split.pieces) == MAX_PROVISIONS
    assert [problem.line for problem in split.problems] == [MAX_PROVISIONS + 2]


def test_thirty_thousand_words_are_split_at_the_cost_of_their_number() -> None:
    words = "Each State shall do *as* it says here. " * 9
    chapter = "".join(f"{{0}}.{n} {words}\n\n(a) one;\n\n(b) two.\n\n" for n in range(1, 11))
    few, many = ("".join(f"## {c} Chapter\n\n" + chapter.format(c) for c in range(1, n + 1)) for n in (4, 40))
    assert len(many.split()) > 30_000
    assert steps(lambda: parse_outline(many)) < 12 * steps(lambda: parse_outline(few))
    split = parse_outline(many)
    assert split.problems == []
    assert split.paragraphs == 400


MARKS = st.sampled_from(
    ["# ", "## ", "## 1 ", "### ", "#### ", "1. ", "2. ", "1.1 ", "1.2 ", "2.1 ", "II.1 ", "(a) ", "(b) ", "(i) ", "- ",
     "  - ", "    - ", "\n", "\n\n", "> ", "**", "_", "`", "|", "\\", "===", "---", "Article 3 ", "Part I ", "§ 2.1 ",
     "\t", "\u202e", "\x00", "٢.١ ", "(أ) ", "word", "كلمة", "[a](b)", "<br>"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(MARKS | st.text(max_size=4), max_size=60).map("".join)))
def test_any_text_at_all_becomes_a_tree_with_one_id_each_and_never_fails(text: str) -> None:
    split = parse_outline(text)
    eids = [piece.eid for piece in split.pieces]
    assert len(set(eids)) == len(eids)
    assert split.pieces or split.problems
    for place, piece in enumerate(split.pieces):
        assert piece.position == place
        assert piece.parent is None or piece.parent < place
        assert piece.depth == (0 if piece.parent is None else split.pieces[piece.parent].depth + 1)
        assert piece.chapter in eids
        assert "\x00" not in piece.text
        assert "\u202e" not in piece.text
    assert all(0 <= doubt.position < len(split.pieces) for doubt in split.doubts)


@settings(max_examples=200, deadline=None)
@given(st.lists(MARKS | st.text(alphabet="abc def", max_size=12), max_size=60).map("".join))
def test_no_word_of_a_draft_is_lost(text: str) -> None:
    split = parse_outline(text)
    kept = " ".join([split.title, *(f"{piece.heading} {piece.text}" for piece in split.pieces)])
    again = split.title.count("كلمة")  # where there is no other heading, the title heads the only chapter as well
    assert kept.count("كلمة") - text.count("كلمة") in (0, again)


def test_of_a_text_in_countless_pieces_only_the_first_are_read() -> None:
    split = parse_outline("## 1 Notes\n\n" + "[^1]: a note\n\n" * (MAX_BLOCKS + 5))
    assert any("more than 40000 paragraphs and headings" in problem.message for problem in split.problems)
    fewer = parse_outline("## 1 Notes\n\n" + "[^1]: a note\n\n" * (MAX_BLOCKS - 1))
    assert not any("paragraphs and headings" in problem.message for problem in fewer.problems)


def test_marks_in_a_text_that_is_far_too_long_are_not_looked_for() -> None:
    long = "*a " * 40_000
    assert parse_outline(long + "**b**").pieces[-1].text.endswith("**b**")
    assert parse_outline("**b**").pieces[-1].text == "b"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*one* **two** ***three*** _four_ __five__", "one two three four five"),
        ("a*b*c snake_case_name 2 * 3 * 4", "a*b*c snake_case_name 2 * 3 * 4"),
        ("**one _two_ three**", "one two three"),
        ("*one **two* three**", "one **two three**"),
        ("*one \\* two* three", "one * two three"),
        ("*no end *at all", "*no end *at all"),
        ("**other *end**", "other *end"),
        (f"*{'a' * 500}* *{'b' * 501}*", f"{'a' * 500} *{'b' * 501}*"),
    ],
)
def test_marks_of_emphasis_go_where_they_are_a_pair(written: str, read: str) -> None:
    assert parse_outline(written).pieces[-1].text == read
