from __future__ import annotations

import csv
import gc
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from consult.analysis.campaigns.groups import GroupedTexts, group_texts
from consult.cli.analyse import analyse
from consult.files.records import UnreadableFile
from tests.analysis.writing import LETTERS, OWN

FARM, CLINIC, *_ = LETTERS
COMMENTS = [FARM] * 6 + [
    f"{OWN[0]} {FARM}",
    FARM.replace("Please", "Please do not"),
    OWN[1],
    "See attached",
    'a "b", c\nd',
]
ROWS = [(f"x{number}", text) for number, text in enumerate(COMMENTS)]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(analyse, [str(argument) for argument in arguments])


def written(path: Path, rows: list[tuple[str, str]] = ROWS) -> Path:
    if ".jsonl" in path.name:
        data = "".join(json.dumps({"id": key, "text": text}, ensure_ascii=False) + "\n" for key, text in rows).encode()
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("id", "text"), *rows])
        data = path.read_bytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def campaigns(file: Path, folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]], Result]:
    groups, statements = folder / "groups.csv", folder / "statements.csv"
    result = run("campaigns", file, "--out", groups, "--statements", statements)
    assert result.exit_code == 0, result.output
    return read(groups), read(statements), result


def test_a_column_that_is_missing_is_told_before_anything_is_counted(tmp_path: Path) -> None:
    result = run("campaigns", written(tmp_path / "in.csv"), "--id-column", "key")
    assert result.exit_code == 1
    assert result.output == "Error: The file has no column 'key'. Its columns: id, text.\n"


def test_campaigns_are_written_one_row_a_comment_in_its_order(tmp_path: Path) -> None:
    groups, statements, result = campaigns(written(tmp_path / "in.csv"), tmp_path)
    assert [row["id"] for row in groups] == [key for key, _ in ROWS]
    assert [row["class"] for row in groups] == ["exact"] * 6 + ["letter"] * 2 + [
        "individual",
        "attachment",
        "individual",
    ]
    assert len({row["campaign"] for row in groups[:8]}) == 1
    assert {row["campaign"] for row in groups[8:]} == {""}
    assert [(row["id"], row["kind"]) for row in statements] == [("x6", "added"), ("x7", "swapped")]
    assert [row["confidence"] for row in statements] == ["", "0.9"]
    texts = dict(ROWS)
    for row in statements:
        assert texts[row["id"]][int(row["start"]) : int(row["end"])] == row["text"]
    assert "Comments read: 11" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("name", ["in.csv.gz", "in.jsonl", "in.jsonl.gz"])
def test_gzip_and_json_lines_say_the_same_as_csv(tmp_path: Path, name: str) -> None:
    expected = campaigns(written(tmp_path / "in.csv"), tmp_path)[:2]
    assert campaigns(written(tmp_path / name), tmp_path)[:2] == expected


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    file, out = written(tmp_path / "in.csv"), tmp_path / "groups.csv"
    assert run("campaigns", file, "--out", out).exit_code == 0
    first = out.read_bytes()
    assert campaigns(file, tmp_path)[2].exit_code == 0
    assert out.read_bytes() == first


def test_another_separator_and_a_byte_order_mark_are_understood(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(b"\xef\xbb\xbfid;note;text\n1;a,b;" + CLINIC.replace(";", ",").encode() + b"\n")
    assert [row["id"] for row in campaigns(file, tmp_path)[0]] == ["1"]


def test_a_table_without_rows_gives_tables_without_rows(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("id,text\n")
    assert campaigns(file, tmp_path)[:2] == ([], [])


BAD = {
    "missing column": ("in.csv", b"id,words\n1,a\n", "no column 'text'. Its columns: id, words."),
    "open quote": ("in.csv", b'id,text\n1,a\n2,"b\nc\n', "line 3: a quotation mark is never closed"),
    "stray quote": ("in.csv", b'id,text\n1,a\n2,"b"c"\n', "line 3: a quotation mark is not closed, or one inside"),
    "short row": ("in.csv", b"id,text\n1,a\n2\n", "line 3: it has 1 cells, but the first line has 2"),
    "not UTF-8": ("in.csv", b"id,text\n1,caf\xe9\n", "line 2: not UTF-8"),
    "empty": ("in.csv", b"", "is empty"),
    "empty gzip": ("in.csv.gz", gzip.compress(b""), "is empty"),
    "cut gzip": ("in.csv.gz", gzip.compress(b"id,text\n1,a\n" * 99)[:-20], "cut off or damaged"),
    "not JSON": ("in.jsonl", b'{"id": 1, "text": "a"}\n{"id": 2,\n', "line 2: not JSON"),
    "no object": ("in.jsonl", b"[1, 2]\n", "line 1: not a JSON object"),
    "no key": ("in.jsonl", b'{"id": 1}\n', "line 1: no key 'text'"),
    "long row": ("in.csv", b"id,text\n1,a,b\n", "line 2: it has 3 cells"),
    "UTF-16": ("in.csv", "id,text\n1,a\n".encode("utf-16"), "UTF-16. Save it as UTF-8"),
    "other delimiter": ("in.csv", b"id|text\n1|a\n", "no column 'id'. Its columns: id|text."),
    "empty JSONL": ("in.jsonl", b"", "is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_one_sentence_and_leaves_no_file(tmp_path: Path, case: str) -> None:
    name, data, message = BAD[case]
    (tmp_path / name).write_bytes(data)
    result = run("campaigns", tmp_path / name, "--out", tmp_path / "groups.csv")
    assert result.exit_code == 1
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert "Comments read: 0" not in result.stderr
    assert "Traceback" not in result.output
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_identifier_that_stands_twice_is_told_and_each_row_has_its_line(tmp_path: Path) -> None:
    groups, _, result = campaigns(written(tmp_path / "in.csv", [("a", FARM), ("b", FARM), ("a", CLINIC)]), tmp_path)
    assert [row["id"] for row in groups] == ["a", "b", "a"]
    assert "repeat an identifier: 1." in result.stderr


def test_half_a_character_in_json_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    file.write_text('{"id": "1", "text": "a \\ud800 b"}\n{"id": 2, "text": null}\n')
    assert [row["id"] for row in campaigns(file, tmp_path)[0]] == ["1", "2"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = run("campaigns", written(tmp_path / "in.csv"), "--out", tmp_path / "nowhere" / "groups.csv")
    assert result.exit_code == 1
    assert "Cannot write" in result.stderr
    assert "Comments read" not in result.stderr


@pytest.mark.parametrize(
    "more",
    [
        ["campaigns", "--out", "{file}"],
        ["campaigns", "--out", "{folder}/../{folder.name}/in.csv"],
        ["campaigns", "--statements", "{folder}/link.csv"],
        ["campaigns", "--out", "{folder}/new.csv", "--statements", "{folder}/new.csv"],
        ["language", "--out", "{file}"],
        ["quotes", "--group-column", "id", "--k", "1", "--out", "{file}"],
    ],
)
def test_what_is_read_is_never_written_over(tmp_path: Path, more: list[str]) -> None:
    file = written(tmp_path / "in.csv")
    (tmp_path / "link.csv").symlink_to(file)
    before = file.read_bytes()
    verb, *options = (one.format(file=file, folder=tmp_path) for one in more)
    result = run(verb, file, *options)
    assert result.exit_code == 1
    assert "It is the same file as" in result.output
    assert file.read_bytes() == before
    assert not (tmp_path / "new.csv").exists()


def test_without_a_place_to_write_a_summary_is_printed(tmp_path: Path) -> None:
    result = run("campaigns", written(tmp_path / "in.csv"))
    assert result.exit_code == 0, result.output
    head, campaign, told, last = result.stdout.splitlines()
    name, size, additions, swapped, words = campaign.split(maxsplit=4)
    assert head.split() == ["campaign", "comments", "additions", "swapped", "begins"]
    assert (name[:2], size, additions, swapped) == ("c-", "8", "1", "1")
    assert " ".join(FARM.split()).startswith(words.removesuffix(" …"))
    assert told.endswith("They need not oppose the letter.")
    assert last.startswith("In no campaign: 3.")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_quotes_are_verbatim_with_the_row_they_come_from(tmp_path: Path) -> None:
    rows = [("a", text) for text in OWN] + [("b", "Only one here."), ("b", "")]
    out = tmp_path / "quotes.csv"
    file = written(tmp_path / "in.csv", rows)
    result = run("quotes", file, "--group-column", "id", "--text-column", "text", "--k", 3, "--out", out)
    assert result.exit_code == 0, result.output
    quoted = read(out)
    assert [(row["group"], row["rank"]) for row in quoted] == [("a", "1"), ("a", "2"), ("a", "3"), ("b", "1")]
    assert all(rows[int(row["row"]) - 1] == (row["group"], row["text"]) for row in quoted)


def test_languages_are_told_row_by_row(tmp_path: Path) -> None:
    out = tmp_path / "languages.csv"
    file = written(tmp_path / "in.csv", [("", letter) for letter in LETTERS] + [("", "12")])
    assert run("language", file, "--text-column", "text", "--out", out).exit_code == 0
    assert [(row["row"], row["language"]) for row in read(out)] == [
        ("1", "en"), ("2", "en"), ("3", "fr"), ("4", "ar"), ("5", "und"),
    ]  # fmt: skip
    result = run("language", file, "--text-column", "text", "--out", out, "--languages", "en, xx")
    assert result.exit_code == 2
    assert "xx" in result.stderr


def test_a_killed_run_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "o.csv"
    out.write_text("before")
    script = (
        "import os, signal, sys, pathlib; from consult.cli.tables import table_writer\n"
        "with table_writer(pathlib.Path(sys.argv[1]), ['id']) as table:\n"
        "    table.writerows([['x' * 1000]] * 1000); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(out)], check=False).returncode < 0
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("o.csv", "before")]


@pytest.mark.parametrize("command", ["campaigns", "language"])
def test_what_a_killed_run_has_left_is_removed_by_the_next_and_nothing_else(tmp_path: Path, command: str) -> None:
    out = tmp_path / "o.csv"
    script = (
        "import os, signal, sys, pathlib; from consult.cli.tables import table_writer\n"
        "del os.O_TMPFILE  # as on file systems without nameless files\n"
        "with table_writer(pathlib.Path(sys.argv[1]), ['id']): {}"
    )
    killed = script.format("os.kill(os.getpid(), signal.SIGKILL)")
    subprocess.run([sys.executable, "-c", killed, str(out)], check=False)
    [left] = tmp_path.glob(".o.csv.*")
    others = [
        tmp_path / name for name in (".o.csv.original", ".o.csv.12345678", "o.csv.unfinished", ".p" + left.name[2:])
    ]
    for other in others:
        other.write_text("mine")
    waits = script.format("print('opened', flush=True); sys.stdin.read()")
    with subprocess.Popen(
        [sys.executable, "-c", waits, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writing:
        assert writing.stdout
        assert writing.stdout.readline() == "opened\n"
        [busy] = set(tmp_path.glob(".o.csv.*.unfinished")) - {left}
        result = run(command, written(tmp_path / "in.csv"), "--out", out)
        assert result.exit_code == 0, result.output
        assert not left.exists()
        assert busy.exists()
        assert read(out)
        writing.communicate("")
    assert writing.returncode == 0
    assert not list(tmp_path.glob(".o.csv.*.unfinished"))
    assert [other.read_text() for other in others] == ["mine"] * 4


@pytest.mark.parametrize("broken", [False, True])
def test_cycles_are_looked_for_again_after_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: bool
) -> None:
    seen = []

    def group(*given: object, **more: object) -> GroupedTexts:
        seen.append(gc.isenabled())
        if broken:
            raise UnreadableFile("cut")
        return group_texts(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("consult.cli.analyse.group_texts", group)
    assert (run("campaigns", written(tmp_path / "in.csv")).exit_code != 0) is broken
    assert seen == [False]
    assert gc.isenabled()


def test_each_line_is_labelled_and_cut_where_the_letter_begins(tmp_path: Path) -> None:
    signed = f"Jane Roe, Reno, NV {FARM}\nSincerely,\nJane Roe\nReno, NV 89501"
    file = written(tmp_path / "in.csv", [*ROWS, ("signed", signed)])
    result = run("lines", file, "--out", tmp_path / "lines.csv")
    assert result.exit_code == 0, result.output
    rows = [row for row in read(tmp_path / "lines.csv") if row["id"] == "signed"]
    said = [(signed[int(row["start"]) : int(row["end"])], row["role"]) for row in rows]
    assert said[0] == ("Jane Roe, Reno, NV", "identifying")
    assert said[-3:] == [("Sincerely,", "courtesy"), ("Jane Roe", "identifying"), ("Reno, NV 89501", "identifying")]
    assert [role for _line, role in said[1:-3]] == ["greeting", "words"]
    assert [row["role"] for row in read(tmp_path / "lines.csv") if row["id"] == "x9"] == ["pointer"]
