"""An exported draft is imported as the same draft."""

from __future__ import annotations

import io
from datetime import date

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.documents.formats.akn_writer import DraftMetadata
from consult.documents.formats.export import export_draft
from consult.documents.formats.markdown_writer import write_markdown
from consult.documents.formats.source import read_outline
from consult.documents.outline.reader import Outline, parse_outline
from consult.documents.outline.tree import Piece
from tests.documents.outline.test_reader import MARKS, PLAN

RICH = """# Draft Plan

Recalling the conventions,[^1]

## Part I. General

### 1 Aims

In this chapter:

1.1 The Plan has aims.

More of the first.

| Year | Money |
| --- | --- |
| 2027 | 10 \\* million |
| 2028 | 20 million |

1.2 States shall:

(a) test;

    (i) at once;

    (ii) without conditions;

(b) treat[^b]

and report on it.

#### Borders

1.3 \\2.5 million people [live](https://example.org) there; the fee is 3 * 4 _now_.

#### Article 12. Purpose

12.1 To \\*help\\*.

## Part II

### 2 Means

2.1 Money.

[^1]: Of 1961, as *amended*.

[^b]: Whoever asks.
"""


def kept(split: Outline) -> tuple[str, list[tuple[object, ...]]]:
    def row(piece: Piece) -> tuple[object, ...]:
        return (piece.kind, piece.number, piece.heading, piece.text, piece.notes, piece.parent, piece.eid)

    return split.title, [row(piece) for piece in split.pieces]


def test_footnotes_and_tables_stay_with_their_provision() -> None:
    split = parse_outline(RICH)
    assert split.problems == []
    found = {piece.number: piece for piece in split.pieces}
    assert split.pieces[1].text == "Recalling the conventions,[1]"
    assert split.pieces[1].notes == {"1": "Of 1961, as amended."}
    assert found["(b)"].notes == {"b": "Whoever asks."}
    assert found["1.1"].text.split("\n\n")[-1] == "Year | Money\n2027 | 10 * million\n2028 | 20 million"


def test_a_note_that_nothing_refers_to_is_not_lost() -> None:
    split = parse_outline("## 1 Aims\n\n1.1 One.\n\n[^x]: Left over.\n\n1.2 Two.")
    assert [piece.notes for piece in split.pieces] == [{}, {"x": "Left over."}, {}]
    assert kept(parse_outline(write_markdown(split, ids=True))) == kept(split)


@pytest.mark.parametrize(
    "text", [PLAN, RICH, "One.\n\nTwo.", "# R\n\n## I. A\n\n1. One.\n\n## II. B\n\n2. Two.", "# # \\#\n\nOne."]
)
def test_a_draft_is_written_as_people_write_and_read_again_as_it_was(text: str) -> None:
    split = parse_outline(text)
    written = write_markdown(split, ids=True)
    assert kept(parse_outline(written)) == kept(split)
    assert "{" not in written


@settings(max_examples=300, deadline=None)
@given(st.lists(MARKS | st.text(alphabet="abc def[]^", max_size=12), max_size=60).map("".join))
def test_any_draft_that_can_be_published_is_read_again_as_it_was_written(text: str) -> None:
    split = parse_outline(text)
    if not split.problems:
        written = write_markdown(split, ids=True)
        again = parse_outline(written)
        assert again.problems == []
        assert kept(again) == kept(split)


ARABIC = """# مشروع الخطة

## 1 الأهداف

1.1 على الدول أن:

(أ) تختبر؛

(ب) تعالج.

1.2 تقرير UNODC

| السنة | المال |
| --- | --- |
| 2027 | 10 |
"""


@pytest.mark.parametrize(("text", "language"), [(RICH, "en"), (ARABIC, "ar")])
def test_a_word_file_is_read_again_as_the_same_draft_and_runs_as_its_language_does(text: str, language: str) -> None:
    split = parse_outline(text, language=language)
    about = DraftMetadata(split.title, "plan", "Office", language, 1, date(2027, 1, 1))
    written = export_draft("docx", about, split.pieces)
    again = read_outline(written, language=language)
    assert [row[:5] for row in kept(again)[1]] == [row[:5] for row in kept(split)[1]]
    paper = docx.Document(io.BytesIO(written))
    turned = {part.text: part._p.pPr is not None and part._p.pPr.find(qn("w:bidi")) is not None
              for part in paper.paragraphs if part.text}  # fmt: skip
    assert turned == dict.fromkeys(turned, language == "ar")
    assert len(turned) > 5
    tables = [table._tbl.tblPr.find(qn("w:bidiVisual")) is not None for table in paper.tables]
    assert tables == [language == "ar"]
    assert round(paper.sections[0].page_width.cm, 2) == 21


def test_a_provision_may_say_itself_what_it_is() -> None:
    split = parse_outline(
        "{part 0 Book One} People\n\n{section 1 #art_5 Article 5} Aims\n\n{paragraph 2 5.1} One.\n\nMore."
    )
    assert split.problems == []
    assert [(piece.kind.value, piece.number, piece.heading, piece.text, piece.depth) for piece in split.pieces] == [
        ("part", "Book One", "People", "", 0), ("section", "Article 5", "Aims", "", 1),
        ("paragraph", "5.1", "", "One.\n\nMore.", 2),
    ]  # fmt: skip
    assert split.pieces[1].eid == "art_5"
    assert [piece.depth for piece in parse_outline("{chapter 0 1} Aims\n\n{point 3 (a)} One.").pieces] == [0, 1]
