from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.analysis.text.fingerprints import (
    fingerprint_text,
    fingerprint_texts,
    join_rows,
    keep_marks,
    repeated_marks,
    select_rows,
    word_hashes,
)
from tests.analysis.writing import LETTERS, comments

MARKS = st.lists(st.lists(st.integers(0, 6), max_size=5), max_size=8)


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(comments(), max_size=20))
def test_marks_do_not_depend_on_the_company_of_a_text(texts: list[str]) -> None:
    together = fingerprint_texts(texts)
    assert len(together) == len(texts)
    for row, text in enumerate(texts):
        assert np.array_equal(together[row], fingerprint_text(text))


@settings(deadline=None)  # a busy machine is no failure
@given(st.sampled_from(LETTERS), st.text(max_size=200), st.text(max_size=200))
def test_a_letter_is_found_whatever_stands_around_it(letter: str, before: str, after: str) -> None:
    whole = set(fingerprint_text(f"{before}\n{letter}\n{after}").tolist())
    core = fingerprint_text(letter).tolist()
    assert sum(mark in whole for mark in core) >= len(core) - 2


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.lists(st.sampled_from(["a", "bb", "ñ", "條"]), max_size=6), max_size=6))
def test_equal_words_have_equal_hashes_wherever_they_stand(rows: list[list[str]]) -> None:
    hashes = word_hashes([" ".join(row) for row in rows])
    known: dict[str, int] = {}
    assert [len(hashes[row]) for row in range(len(hashes))] == [len(row) for row in rows]
    for number, row in enumerate(rows):
        for word, value in zip(row, hashes[number].tolist(), strict=True):
            assert known.setdefault(word, value) == value
    assert len(set(known.values())) == len(known)


@settings(deadline=None)  # a busy machine is no failure
@given(MARKS, st.data())
def test_rows_can_be_picked_and_thinned(rows: list[list[int]], data: st.DataObject) -> None:
    table = join_rows([np.array(row, dtype=np.uint64) for row in rows])
    picked = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=10)) if rows else []
    some = select_rows(table, np.array(picked, dtype=np.int64))
    assert [some[row].tolist() for row in range(len(some))] == [rows[row] for row in picked]
    often = repeated_marks(table.values)
    flat = [mark for row in rows for mark in row]
    assert often.tolist() == sorted({mark for mark in flat if flat.count(mark) > 1})
    thinned = keep_marks(table, often)
    assert [thinned[row].tolist() for row in range(len(rows))] == [
        [m for m in row if flat.count(m) > 1] for row in rows
    ]
