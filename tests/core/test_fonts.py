"""The fonts of papers: shipped, complete, and enough for the scripts that people write."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import typst

from consult.core.scripts import fonts

ROOT = Path(__file__).resolve().parents[2]
_SOURCE = b"""
#set document(title: "x")
#set text(font: ("Noto Serif", "Noto Naskh Arabic", "Noto Sans CJK SC", "Noto Emoji"))
#for words in json(bytes(sys.inputs.words)) { par(words) }
"""


def characters() -> list[str]:
    pairs = (line.split("-") for line in (fonts.FOLDER / "coverage.txt").read_text().split())
    return [chr(code) for first, last in pairs for code in range(int(first, 16), int(last, 16) + 1)]


def test_every_character_that_is_said_to_be_covered_can_be_printed() -> None:
    letters = [one for one in characters() if unicodedata.category(one)[0] != "C"]
    assert len(letters) > 50_000
    lines = [" ".join(letters[at : at + 400]) for at in range(0, len(letters), 400)]
    compiler = typst.Compiler(_SOURCE, font_paths=fonts.load_fonts(), sys_inputs={"words": json.dumps(lines)})
    assert compiler.compile(format="pdf", pdf_standards=["ua-1"])


def test_all_fonts_are_there_under_an_open_licence_and_stay_small() -> None:
    assert fonts.list_missing() == []
    found = {path.name for path in fonts.FOLDER.iterdir() if path.suffix in (".ttf", ".otf")}
    assert found == set(fonts.list_fonts())
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts.FOLDER / "OFL.txt").read_text()
    assert sum(path.stat().st_size for path in fonts.FOLDER.iterdir()) < 25 * 2**20


def test_no_font_of_the_machine_is_used() -> None:
    assert set(fonts.load_fonts().families()) == set(fonts.list_families())


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Rosa 🙏 and 王小明：", "Rosa 🙏 and 王小明："),
        ("cuneiform \U00012000\U00012001", "cuneiform ��"),
        ("private \ue000, mark of the byte order \ufeff.", "private �, mark of the byte order ."),
        ("joined 👩‍👩‍👧, \u2068isolated\u2069, tagged 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "joined 👩‍👩‍👧, \u2068isolated\u2069, tagged 🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
    ],
)
def test_a_character_that_no_font_has_is_replaced_and_others_stay(text: str, printed: str) -> None:
    assert fonts.replace_unprintable(text) == printed


def test_a_font_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "FOLDER", tmp_path / "fonts")
    assert fonts.list_missing() == ["fonts"]
    fonts.FOLDER.mkdir()
    (fonts.FOLDER / "list.txt").write_text("NotoSans-Regular.ttf\tNoto Sans\n")
    (fonts.FOLDER / "coverage.txt").write_text("20-7E\n")
    assert fonts.list_missing() == ["NotoSans-Regular.ttf"]


def test_an_installed_package_brings_the_fonts(tmp_path: Path) -> None:
    (tmp_path / "setuptools" / "command").mkdir(parents=True)  # the wire: only what setup.py adds to it is tried
    (tmp_path / "setuptools" / "__init__.py").write_text("def setup(cmdclass):\n    cmdclass['build_py']().run()\n")
    (tmp_path / "setuptools" / "command" / "__init__.py").touch()
    packer = "class build_py:\n    editable_mode = False\n    build_lib = {!r}\n    def run(self): pass\n"
    (tmp_path / "setuptools" / "command" / "build_py.py").write_text(packer.format(str(tmp_path)))
    subprocess.run([sys.executable, "setup.py"], cwd=ROOT, env={"PYTHONPATH": str(tmp_path)}, check=True)
    shutil.copytree(ROOT / "consult" / "core", tmp_path / "consult" / "core")
    (tmp_path / "consult" / "__init__.py").touch()
    code = "from consult.core.scripts import fonts; print(fonts.FOLDER, fonts.list_missing(), len(fonts.list_fonts()))"
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin"}
    made = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert made.stdout.split() == [str(tmp_path / "consult" / "fonts"), "[]", str(len(fonts.list_fonts()))], made.stderr
    assert (tmp_path / "consult" / "fonts" / "OFL.txt").is_file()
    assert not (tmp_path / "consult" / "fonts" / "make.sh").exists()
