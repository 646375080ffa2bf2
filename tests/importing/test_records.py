"""A file is read record by record; what is broken is told by its line, and the rest goes on."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consult.files import records
from consult.files.records import BrokenRecord, FileRecord, RecordFile, UnreadableFile


def read(path: Path, data: str | bytes, columns: tuple[str, ...] = ("id", "text")) -> list[FileRecord | BrokenRecord]:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return list(RecordFile(path, columns))


def good(found: list[FileRecord | BrokenRecord]) -> list[tuple[int, tuple[str, ...]]]:
    return [(record.line, record.cells) for record in found if isinstance(record, FileRecord)]


def bad(found: list[FileRecord | BrokenRecord]) -> list[tuple[int, str]]:
    return [(record.line, record.reason) for record in found if isinstance(record, BrokenRecord)]


ROWS = [(str(n), f"Comment {n}, with “quotes”\nand two lines") for n in range(1, 6)]


def as_csv(delimiter: str = ",") -> str:
    out = io.StringIO()
    rows = csv.writer(out, delimiter=delimiter)
    rows.writerow(("text", "other", "id"))
    rows.writerows((text, "x", name) for name, text in ROWS)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.csv", "a.CSV.gz", "a.txt", "a.jsonl", "a.jsonl.gz", "a.ndjson"])
def test_each_kind_of_file_gives_the_same_records(tmp_path: Path, name: str) -> None:
    lines = [json.dumps({"id": int(name), "text": text}) for name, text in ROWS]
    data = "\n".join(lines) if "json" in name else as_csv()
    packed = gzip.compress(data.encode()) if name.endswith(".gz") else data.encode()
    assert [cells for _line, cells in good(read(tmp_path / name, packed))] == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_mark_between_cells_is_found_out(tmp_path: Path, delimiter: str) -> None:
    assert [cells for _line, cells in good(read(tmp_path / "a.csv", as_csv(delimiter)))] == ROWS


def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path: Path) -> None:
    assert good(read(tmp_path / "a.csv", b"\xef\xbb\xbfid,text\r\n1,one\r\n")) == [(2, ("1", "one"))]
    assert good(read(tmp_path / "a.jsonl", b'\xef\xbb\xbf{"id": 1, "text": "one"}')) == [(1, ("1", "one"))]


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", 'id,text\n1,one\n2,"two\n3,three\n4,"four, ""quoted"""\n5,five\n')
    assert good(found) == [(2, ("1", "one")), (4, ("3", "three")), (5, ("4", 'four, "quoted"')), (6, ("5", "five"))]
    [(line, reason)] = bad(found)
    assert line == 3
    assert "not closed" in reason


def test_a_quote_that_is_open_at_the_end_of_the_file_costs_one_row(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", 'id,text\n1,"one\n2,two\n3,three')
    assert [cells[0] for _line, cells in good(found)] == ["2", "3"]
    assert bad(found) == [(2, "a quotation mark is never closed")]


def test_a_quote_in_the_middle_of_a_quoted_cell_costs_one_row(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", 'id,text\n1,"he said "no" to it"\n2,he said "no"\n')
    assert good(found) == [(3, ("2", 'he said "no"'))]
    assert bad(found)[0][0] == 2


def test_a_quote_that_swallows_a_large_file_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST", 1000)
    found = read(tmp_path / "a.csv", 'id,text\n1,"one\n' + "".join(f"{n},two\n" for n in range(2, 1000)))
    assert len(good(found)) == 998
    assert bad(found) == [(2, "a quotation mark is never closed")]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_line_without_end_is_told_and_not_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(records, "LONGEST", 1000)
    row = '{"id": "%s", "text": "%s"}' if "json" in name else "%s,%s"
    head = "" if "json" in name else "id,text\n"
    found = read(tmp_path / name, head + "\n".join([row % (1, "one"), row % (2, "x" * 5000), row % (3, "three")]))
    assert [cells[0] for _line, cells in good(found)] == ["1", "3"]
    assert "longer than 1,000 bytes" in bad(found)[0][1]


def test_bytes_that_are_not_utf_8_cost_the_record_they_stand_in(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", 'id,text\n1,café\n2,"a\nb"\n'.encode("latin-1") + b'3,"x\ncaf\xe9\ny"\n4,fine\n')
    assert [cells[0] for _line, cells in good(found)] == ["2", "4"]
    assert [line for line, _reason in bad(found)] == [2, 5]
    assert all("not UTF-8" in reason for _line, reason in bad(found))


def test_a_row_with_too_few_or_too_many_cells_is_told(tmp_path: Path) -> None:
    found = read(tmp_path / "a.csv", "id,text\n1\n2,two\n3,three,more\n\n4,four,,\n")
    assert [line for line, _cells in good(found)] == [3, 6]
    assert bad(found) == [
        (2, "it has 1 cells, but the first line has 2"), (4, "it has 3 cells, but the first line has 2"),
    ]  # fmt: skip


def test_broken_json_costs_one_line(tmp_path: Path) -> None:
    lines = ['{"id": 1, "text": "one"}', "{", "[1]", '{"id": 2}', "", '{"id": 3, "text": null}', "[" * 100_000]
    found = read(tmp_path / "a.jsonl", "\n".join(lines))
    assert good(found) == [(1, ("1", "one")), (6, ("3", ""))]
    assert [line for line, _reason in bad(found)] == [2, 3, 4, 7]
    assert "no key 'text'" in bad(found)[2][1]


def test_half_a_surrogate_pair_becomes_a_character_that_can_be_stored(tmp_path: Path) -> None:
    [(_line, cells)] = good(read(tmp_path / "a.jsonl", '{"id": 1, "text": "\\ud83d and \\ud83d\\ude00"}'))
    assert cells[1] == "\ufffd and 😀"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"name,words\n1,one\n", "no column 'id'. Its columns: name, words"),
        ("id,text\n1,one\n".encode("utf-16"), "UTF-16"),
        ("id,text,é\n1,one,x\n".encode("latin-1"), "first line is not UTF-8"),
        (gzip.compress(b"id,text\n" + b"1,one\n" * 9999, mtime=0)[:60], "cut off or damaged"),
    ],
    ids=["nothing", "blank lines", "no id column", "UTF-16", "Latin-1", "cut"],
)
def test_a_file_that_cannot_be_read_at_all_says_why(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read(tmp_path / "a.csv", data)


def test_it_is_known_how_much_of_the_file_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,text\n" + "1,one\n" * 100_000)
    file = RecordFile(path, ["id"])
    seen = [file.read for number, _record in enumerate(file) if number % 10_000 == 0]
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1] <= file.size == file.read


CELL = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00\r"), max_size=30)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELL, CELL), max_size=20))
def test_whatever_was_written_as_csv_is_read_as_it_was(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("id", "text"), *rows])
    found = read(tmp_path / "a.csv", out.getvalue())
    assert bad(found) == []
    assert [cells for _line, cells in good(found)] == rows


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.lists(st.sampled_from([b'"', b",", b"\n", b"\r", b"a", b"\xe9", b"\xd9\x85", b"\x00", b";"]), max_size=60)
)
def test_no_bytes_at_all_stop_the_reading(tmp_path: Path, data: list[bytes]) -> None:
    lines = [record.line for record in read(tmp_path / "a.csv", b"id,text\n" + b"".join(data))]
    assert lines == sorted(set(lines))
