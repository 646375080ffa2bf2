"""`make reword` changes English in sources and catalogues, and keeps translations whose meaning is the same."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog

from consult import ROOT

REWORD = runpy.run_path(str(ROOT / "consult" / "translations" / "reword.py"))
HEAD = "old,new,meaning,fr\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "consult/labels.py": 'LABEL = _("Send a test e-mail")\nNAME = "Send a test e-mail"\n'
        'MANY = ngettext("%(n)s letter", "%(n)s letters", n, n=n)\n'
        'SIGNAL, NOTE = NP_("Open", "Open"), _("Open")\n',
        "templates/page.html": '<a title=\'{{ _("Send a test e-mail") }}\'>{{ _("It is %(day)s", day=day) }}</a>\n'
        '{{ pgettext("Open", "Open") }} {{ _("Open") }}\n'
        "{% trans day=day %}\n  Sent on\n  {{ day }}\n{% endtrans %}\n",
        "tests/test_page.py": 'assert "Send a test e-mail" in page.text\n',
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def catalogue() -> Catalog:
    french = Catalog(locale="fr")
    for english, translation in {
        "Send a test e-mail": "Y écrire une fois",
        ("%(n)s letter", "%(n)s letters"): ("%(n)s lettre", "%(n)s lettres"),
        "It is %(day)s": "C’est %(day)s",
        "Sent on %(day)s": "Envoyé le %(day)s",
    }.items():
        french.add(english, translation)
    return french


def apply(tree: Path, rows: str) -> tuple[dict[str, str], Catalog]:
    (tree / "changes.csv").write_text(HEAD + rows)
    french = catalogue()
    changes = REWORD["read_changes"](tree / "changes.csv", ["fr"])
    written: dict[Path, str] = REWORD["apply_changes"](tree, changes, {"fr": french})
    return {str(path.relative_to(tree)): text for path, text in written.items()}, french


def test_a_string_is_changed_where_it_is_translated_and_where_a_test_quotes_it(tree: Path) -> None:
    written, _french = apply(tree, "Send a test e-mail,Send one test e-mail,same,\n")
    assert written["consult/labels.py"].startswith('LABEL = _("Send one test e-mail")\nNAME = "Send a test e-mail"\n')
    assert '{{ _("Send one test e-mail") }}' in written["templates/page.html"]
    assert written["tests/test_page.py"] == 'assert "Send one test e-mail" in page.text\n'


@pytest.mark.parametrize(
    ("row", "string", "fuzzy"),
    [
        ("Send a test e-mail,Send one test e-mail,same,\n", "Y écrire une fois", False),
        ("Send a test e-mail,Send one test e-mail,changed,\n", "Y écrire une fois", True),
        ("Send a test e-mail,Send one test e-mail,changed,Envoyer un essai\n", "Envoyer un essai", False),
    ],
)
def test_a_translation_is_kept_marked_or_replaced(tree: Path, row: str, string: str, fuzzy: bool) -> None:
    _written, french = apply(tree, row)
    message: Any = french.get("Send one test e-mail")
    assert (message.string, message.fuzzy) == (string, fuzzy)
    assert french.get("Send a test e-mail") is None


def test_plurals_and_blocks_are_changed_with_their_placeholders(tree: Path) -> None:
    written, french = apply(
        tree,
        "%(n)s letter || %(n)s letters,%(n)s e-mail || %(n)s e-mails,changed,%(n)s courriel || %(n)s courriels\n"
        "Sent on %(day)s,E-mailed on %(day)s,same,\n",
    )
    assert 'ngettext("%(n)s e-mail", "%(n)s e-mails", n, n=n)' in written["consult/labels.py"]
    assert "{% trans day=day %}E-mailed on {{ day }}{% endtrans %}" in written["templates/page.html"]
    message: Any = french.get("%(n)s e-mail")
    assert message.string == ("%(n)s courriel", "%(n)s courriels")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Nobody says this,Nor this,same,\n", "row 2: in no source"),
        ("It is %(day)s,It is %(date)s,same,\n", "row 2: placeholders differ"),
        ("Send a test e-mail,Send,perhaps,\n", "row 2: meaning must be"),
        ("Send a test e-mail,,same,\n", "row 2: old and new must not be empty"),
    ],
)
def test_a_row_that_cannot_be_applied_is_named(tree: Path, row: str, fault: str) -> None:
    with pytest.raises(Exception, match=fault) as raised:
        apply(tree, row)
    assert type(raised.value).__name__ == "RewordError"


def test_a_long_string_is_split_so_that_its_lines_are_short_enough() -> None:
    literal = REWORD["format_literal"]("word " * 60, 20, 4)
    assert all(len(line) <= REWORD["WIDTH"] for line in literal.split("\n"))
    assert "".join(eval(line) for line in literal.split("\n") if line.strip()) == "word " * 60


def test_a_row_with_a_context_changes_that_sense_only(tree: Path) -> None:
    (tree / "changes.csv").write_text("context,old,new,meaning,fr\nOpen,Open,Still open,same,\n")
    french = catalogue()
    french.add("Open", "Ouvrir")
    french.add("Open", "Ouvert", context="Open")
    written = REWORD["apply_changes"](tree, REWORD["read_changes"](tree / "changes.csv", ["fr"]), {"fr": french})
    sources = {path.name: text for path, text in written.items()}
    assert 'NP_("Open", "Still open"), _("Open")' in sources["labels.py"]
    assert '{{ pgettext("Open", "Still open") }} {{ _("Open") }}' in sources["page.html"]
    kept: Any = [french.get("Still open", "Open"), french.get("Open")]
    assert [message.string for message in kept] == ["Ouvert", "Ouvrir"]
