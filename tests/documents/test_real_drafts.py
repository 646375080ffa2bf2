"""Word files in the layouts that offices use are read as a person reads them; what was counted stands in the files."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.documents.formats import word
from consult.documents.formats.source import read_draft, read_outline
from consult.documents.outline.reader import Outline, parse_outline, read_lines, to_lines
from tests.documents.word_files import REAL, WordFile, count_right, list_lost_words, read_spec

LAYOUTS = sorted((Path(__file__).parent / "layouts").glob("*.txt"))
DRAFTS = sorted(REAL.glob("*.txt"))
LATER = sorted((REAL.parent / "later").glob("*.txt"))
"""Written when the reader was finished, and read once before it was changed again."""
GOAL = 0.95


def language_of(path: Path) -> str:
    return next((code for code in ("fr", "es", "ar", "pt") if f"_{code}" in path.stem), "en")


def is_held_out(path: Path) -> bool:
    """Whether a draft was not looked at while the reader was written: half of them, by their names."""
    return hashlib.sha256(path.stem.encode()).digest()[0] % 2 == 1


def read(path: Path) -> tuple[WordFile, Outline]:
    file = read_spec(path.read_text())
    return file, read_outline(file.save(), language=language_of(path))


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_each_usual_layout_is_read_as_it_is(path: Path) -> None:
    file, split = read(path)
    assert split.problems == []
    assert split.title == file.title
    assert [(piece.depth, piece.number) for piece in split.pieces] == file.expected
    assert list_lost_words(file, split) == []
    assert split.doubts == []


@pytest.mark.parametrize(
    "paths",
    [[path for path in DRAFTS if not is_held_out(path)], [path for path in DRAFTS if is_held_out(path)], LATER],
    ids=["known", "held out", "later"],
)
def test_real_drafts_are_read_with_their_labels_and_levels(paths: list[Path]) -> None:
    assert len(paths) == 10
    counted = []
    for path in paths:
        file, split = read(path)
        assert split.problems == [], path.stem
        assert list_lost_words(file, split) == [], path.stem
        counted.append(count_right(file, split))
    right, wanted = (sum(numbers) for numbers in zip(*counted, strict=True))
    assert wanted > 150
    assert right >= GOAL * wanted


@pytest.mark.parametrize("path", [*LAYOUTS, *DRAFTS, *LATER], ids=lambda path: path.stem)
def test_what_was_read_is_the_same_once_it_is_markdown(path: Path) -> None:
    file = read_spec(path.read_text())
    split = read_outline(file.save(), language=language_of(path))
    again = parse_outline(read_draft(file.save(), language=language_of(path)), language=language_of(path))
    rows = [
        [(piece.kind, piece.number, piece.heading, piece.text, piece.depth, piece.notes) for piece in one.pieces]
        for one in (split, again)
    ]
    assert (again.title, rows[1]) == (split.title, rows[0])


def test_footnotes_are_notes_of_their_provision_and_never_part_of_a_word() -> None:
    file = read_spec("~0 sec Article 1~Article 1. Aims\n~1 par 1~1. It was passed.^[In 2026.] Later too.")
    piece = read_outline(file.save()).pieces[-1]
    assert (piece.text, piece.notes) == ("It was passed.[1] Later too.", {"1": "In 2026."})


def test_lists_that_start_again_are_counted_as_word_counts_them() -> None:
    file = read_spec(
        "@a=decimal:%1.;lowerLetter:(%2)\nT~T~Plan\na0~~One.\na1~~x\na1~~y\na0~~Two.\na1~~z\n".replace("~~", "~+~")
    )
    assert [piece.number for piece in read_outline(file.save()).pieces] == ["", "1", "(a)", "(b)", "2", "(a)"]


KINDS = ("", "b", "bc", "h1", "h2", "h3", "T", "a0", "a1", ">", "i")
LABELS = (
    "",
    "1. ",
    "(a) ",
    "(i) ",
    "2.1 ",
    "Article 3 ",
    "Article 3. ",
    "Annex I",
    "PART II",
    "§ 4 ",
    "a) b) ",
    "المادة 5 ",
    "- ",
)
WORDS = st.lists(st.sampled_from(("shall", "Party", "كلمة", "drugs.", "II", "5", "word:", "AIMS")), max_size=8).map(
    " ".join
)
LINES = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(LABELS), WORDS), min_size=1, max_size=25)


@settings(max_examples=150, deadline=None)
@given(LINES)
def test_no_word_of_a_word_file_is_lost_and_no_id_is_given_twice(lines: list[tuple[str, str, str]]) -> None:
    file = WordFile(lists=[("a", ["decimal:%1.", "lowerLetter:(%2)"])])
    for look, label, words in lines:
        file.add(look, f"{label}{words}")
    split = read_lines(to_lines(json.loads(word.read(file.save()))["rows"]))
    assert list_lost_words(file, split) == []
    eids = [piece.eid for piece in split.pieces]
    assert len(set(eids)) == len(eids)
    assert all(piece.parent is None or piece.parent < piece.position for piece in split.pieces)


def test_a_file_of_word_itself_is_read_with_its_styles() -> None:
    made = docx.Document()
    made.add_heading("Plan", 0)
    made.add_heading("Article 1. Aims", 1)
    made.add_paragraph("States shall:")
    made.add_paragraph("test;", style="List Number")
    made.add_paragraph("treat.", style="List Number")
    stream = io.BytesIO()
    made.save(stream)
    split = read_outline(stream.getvalue())
    assert split.title == "Plan"
    assert [(piece.number, piece.heading or piece.text, piece.depth) for piece in split.pieces] == [
        ("Article 1", "Aims", 0), ("", "States shall:", 1), ("1", "test;", 2), ("2", "treat.", 2),
    ]  # fmt: skip


def test_a_file_with_broken_numbers_is_read_without_them() -> None:
    file = read_spec("@a=decimal:%1.\nT~T~Plan\na0~1 par 1~One.")
    with zipfile.ZipFile(io.BytesIO(file.save())) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as changed:
        for name, data in parts.items():
            changed.writestr(name, data.replace(b'w:numId w:val="1"', b'w:numId w:val="7"'))
    assert [piece.text for piece in read_outline(stream.getvalue()).pieces][-1] == "One."
