"""Places that a comment can point to, and their names; examples are in docstrings."""

from __future__ import annotations

import pytest

from consult.documents.outline.reader import parse_outline
from consult.submissions.anchors import provisions
from consult.submissions.anchors.provisions import ProvisionRow, ProvisionTree, build_provision_tree

PLAN = """# Plan

Words before any chapter.

## Part I General

### 1 Aims

1.1 States shall:

(a) test;

(b) treat:

   (i) at once;

and report.

### 2 Scope

2.1 This applies everywhere.

## Part II Other

### 3 Last

3.1 The end.
"""


@pytest.fixture(scope="module")
def plan() -> ProvisionTree:
    pieces = parse_outline(PLAN).pieces
    ids = {piece.position: piece.position + 1 for piece in pieces}
    return build_provision_tree(
        ProvisionRow(
            ids[piece.position], piece.eid, ids.get(piece.parent) if piece.parent is not None else None,
            piece.chapter, piece.kind, piece.number, piece.heading, piece.text, piece.depth,
        )
        for piece in pieces
    )  # fmt: skip


def test_a_part_is_a_heading_over_its_first_chapter(plan: ProvisionTree) -> None:
    assert [(chapter.head.name, chapter.part and chapter.part.heading) for chapter in plan.chapters] == [
        ("Preamble", None), ("1", "General"), ("2", None), ("3", "Other"),
    ]  # fmt: skip


def test_points_hang_from_their_paragraph_and_are_called_by_it(plan: ProvisionTree) -> None:
    paragraph = plan.find("1.1")
    assert paragraph is not None
    labels = [part.label for part in paragraph.parts]
    assert labels[:4] == ["1.1", "1.1(a)", "1.1(b)", "1.1(b)(i)"]
    assert plan.find("1.1(b)(i)") is paragraph.parts[3]


def test_words_are_shown_as_text_with_points_as_a_list_and_the_rest_after_it(plan: ProvisionTree) -> None:
    paragraph = plan.find("1.1")
    assert paragraph is not None
    html = " ".join(str(paragraph.html).split())
    assert html.startswith("<p>States shall:</p>")
    assert '<span class="nr">(i)</span><div><p>at once;</p>' in html
    assert html.index("</ul>") < html.index("<p>and report.</p>")
    assert html.count("<ul") == html.count("</ul>") == 2


def test_a_draft_cannot_bring_tags_of_its_own() -> None:
    row = ProvisionRow(1, "chp_1", None, "chp_1", provisions.ProvisionKind.CHAPTER, "1", "One", "<b>&\nsecond line", 0)
    assert str(build_provision_tree([row]).by_id[1].html) == "<p>&lt;b&gt;&amp;<br>second line</p>\n"


def test_every_place_is_found_by_its_key_and_by_its_eid(plan: ProvisionTree) -> None:
    for place in plan.by_id.values():
        assert plan.find(place.key) is place
        assert plan.find(place.eid) is place
    assert plan.find("9.9") is None


def test_next_and_previous_walk_over_the_paragraphs(plan: ProvisionTree) -> None:
    here = plan.find("2.1")
    assert here is not None
    before, after = plan.beside(here)
    assert (before and before.key, after and after.key) == ("1.1", "3.1")
    point = plan.find("1.1(a)")
    assert point is not None
    assert plan.beside(point)[1] is here


def test_two_places_never_share_a_key() -> None:
    rows = [
        ProvisionRow(1, "chp_1", None, "chp_1", provisions.ProvisionKind.CHAPTER, "1", "One", "", 0),
        ProvisionRow(2, "chp_1__para_1", 1, "chp_1", provisions.ProvisionKind.PARAGRAPH, "1", "", "Same number", 1),
        ProvisionRow(3, "chp_1__para_2", 1, "chp_1", provisions.ProvisionKind.PARAGRAPH, "1 / 2?", "", "No address", 1),
    ]
    assert [place.key for place in build_provision_tree(rows).by_id.values()] == ["1", "1(1)", "chp_1__para_2"]


def test_tables_and_footnotes_are_shown_with_their_provision() -> None:
    row = ProvisionRow(
        1,
        "chp_1",
        None,
        "chp_1",
        provisions.ProvisionKind.CHAPTER,
        "1",
        "One",
        "Money[1]\n\nYear | <EUR>\n2027 | 5",
        0,
        {"1": "<In> law."},
    )
    html = str(build_provision_tree([row]).by_id[1].html)
    assert '<th scope="col">&lt;EUR&gt;</th></tr></thead><tbody><tr><td>2027</td><td>5</td></tr>' in html
    assert '<span class="nr">[1]</span> &lt;In&gt; law.' in html
