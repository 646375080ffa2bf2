"""The words: every string of the source is in the catalogues, and they are complete wherever people go."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from consult.core.i18n import LANGUAGES, compile_catalogue

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "consult" / "translations"
OPERATORS = re.compile(r"(templates|consult)/(cli|embedded|site/(kit|kit_sample|outbox|letter))")
"""What only operators see, and who builds pages."""
SPOKEN = [code for code in LANGUAGES if code != "en"]
PLACES = re.compile(r"%\(\w+\)s|%s|\{\w+\}")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every string marked for translation, as `make catalogue` extracts it, with the files it stands in."""
    pot = tmp_path_factory.mktemp("words") / "messages.pot"
    babel = [sys.executable, "-m", "babel.messages.frontend", "extract"]
    command = ["-F", "pyproject.toml", "-k", "N_", "-k", "NP_:1c,2", "--add-location=file", "-o", str(pot), "."]
    subprocess.run([*babel, *command], cwd=ROOT, check=True, capture_output=True)
    with pot.open("rb") as file:
        return read_po(file)


def catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def words(catalog: Catalog) -> dict[object, Message]:
    return {_key(message): message for message in catalog if message.id}


def _key(message: Message) -> object:
    """Return the context and the English forms; two senses of a word are two messages."""
    context: object = message.context  # Babel leaves it in bytes when it reads a compiled catalogue
    return context.decode() if isinstance(context, bytes) else context, message.id if isinstance(
        message.id, str
    ) else tuple(message.id)


@pytest.mark.parametrize("language", SPOKEN)
def test_a_catalogue_holds_exactly_the_strings_of_the_source(source: Catalog, language: str) -> None:
    assert set(words(catalogue(language))) == set(words(source)), "run `make catalogue`"


@pytest.mark.parametrize("language", SPOKEN)
def test_a_catalogue_is_complete_on_the_pages_of_people(source: Catalog, language: str) -> None:
    pages = {
        key for key, message in words(source).items() if any(not OPERATORS.match(file) for file in _files(message))
    }
    assert len(pages) > 1_500
    assert missing(pages, catalogue(language)) == []


def missing(wanted: set[object], catalog: Catalog) -> list[object]:
    """The strings that a catalogue does not translate."""
    known = words(catalog)
    return [key for key in wanted if key not in known or known[key].fuzzy or not _filled(known[key])]


def _files(message: Message) -> list[str]:
    return [file for file, _line in message.locations]


def _filled(message: Message) -> bool:
    return bool(message.string) and all(message.string if isinstance(message.string, tuple) else [message.string])


def test_every_string_that_the_code_says_is_extracted(source: Catalog) -> None:
    """Babel does not look into the braces of an f-string: what is said only there would stay English."""
    extracted = {(message.context, message.id if isinstance(message.id, str) else message.id[0]) for message in source}
    for path in (ROOT / "consult").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id="_" | "N_" | "ngettext"), args=[ast.Constant(value=said), *_rest]):
                    assert (None, said) in extracted, f"{path.relative_to(ROOT)}:{node.lineno}: {said}"
                case ast.Call(
                    func=ast.Name(id="pgettext" | "NP_" | "npgettext"),
                    args=[ast.Constant(value=context), ast.Constant(value=said), *_rest],
                ):
                    assert (context, said) in extracted, f"{path.relative_to(ROOT)}:{node.lineno}: {said}"


@pytest.mark.parametrize("language", SPOKEN)
def test_a_translation_fills_the_same_places_as_its_source(language: str) -> None:
    wrong = [
        message.id
        for message in catalogue(language)
        if isinstance(message.id, str) and message.string
        if sorted(PLACES.findall(message.id)) != sorted(PLACES.findall(str(message.string)))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", SPOKEN)
def test_no_string_has_a_sign_that_a_page_would_take_for_markup(language: str) -> None:
    """A page shows the text of a catalogue as it is, and escapes what fills its places."""
    unescaped = re.compile(r"<(?!/?[a-z])|(?<![a-z0-9\"/])>|&(?!#?\w+;)")
    told = words(catalogue(language)).values()
    forms = [form for message in told for each in (message.id, message.string) for form in _forms(each)]
    assert [form for form in forms if unescaped.search(form)] == []


def test_french_has_no_ordinary_space_before_a_double_sign() -> None:
    """A line could otherwise begin with a colon. Source: Imprimerie nationale, rules of typography."""
    breaking = re.compile(r" [:;?!»]|« ")
    forms = [form for message in words(catalogue("fr")).values() for form in _forms(message.string or ())]
    assert [form for form in forms if breaking.search(form)] == []


def _forms(said: str | Sequence[str]) -> Sequence[str]:
    return [said] if isinstance(said, str) else said


@pytest.mark.parametrize("language", SPOKEN)
def test_the_compiled_catalogue_says_what_the_source_of_the_translation_says(language: str) -> None:
    source = TRANSLATIONS / language / "LC_MESSAGES/messages.po"
    compiled = words(read_mo(BytesIO(compile_catalogue(source, language))))
    translated = {
        key: message for key, message in words(catalogue(language)).items() if _filled(message) and not message.fuzzy
    }
    # Babel compiles a plural that is not translated as its source
    said = {
        key: _said(message) for key, message in compiled.items() if key in translated or isinstance(message.id, str)
    }
    assert said == {key: _said(message) for key, message in translated.items()}


def _said(message: Message) -> list[str]:
    """The forms of a translation; Babel gives them as a tuple from one kind of file and as a list from the other."""
    return list(_forms(message.string or ()))


def test_in_arabic_eleven_things_take_another_ending_than_a_hundred() -> None:
    """The forms of CLDR's "other" (100) and "many" (11 to 99) stand in this order; "many" has the accusative."""
    counted = [row for row in catalogue("ar") if isinstance(row.id, tuple) and len(row.string) == 6]
    assert len(counted) > 100
    assert [row.id[0] for row in counted if row.string[4].count("ًا") > row.string[5].count("ًا")] == []


def test_in_arabic_a_label_beside_its_number_does_not_say_the_number_again() -> None:
    """So "0 comments", not "0 no comments", and "1 comment", not "1 one comment"."""
    labels = [row for row in catalogue("ar") if isinstance(row.id, tuple) and not PLACES.search(row.id[1])]
    assert len(labels) > 15
    assert [row.id[0] for row in labels if re.search(r"^(لا|ليس|لم) ", row.string[0]) or "واحد" in row.string[1]] == []


CLAIMING = re.compile(
    r"\b(most|all|none|half|majority|per ?cent|everybody|every|each|nobody|no one|both|always|never|largest)\b|%%",
    re.IGNORECASE,
)
"""Words by which a sentence of a digest may say more than was counted."""
CLAIMS = re.compile(r"consult/digests/render/claims\.py")


def test_a_sentence_of_a_digest_that_claims_something_has_a_condition_or_nothing_that_can_be_wrong(
    source: Catalog,
) -> None:
    """A new one goes to `consult/digests/render/claims.py`, or into no_claims.txt if no counts could make it false."""
    known = set((ROOT / "tests/rules/no_claims.txt").read_text(encoding="utf-8").splitlines())
    found = set()
    for message in source:
        words = message.id if isinstance(message.id, str) else str(message.id[0])
        files = [file for file in _files(message) if re.match("(consult|templates)/digests/", file)]
        if CLAIMING.search(words) and not all(map(CLAIMS.match, files)):
            found.add(words.replace("\n", " "))
    assert sorted(found - known) == [], "neither a claim with its condition nor known to claim nothing"
    assert sorted(known - found) == [], "is said nowhere any more"


def test_words_that_are_only_marked_are_not_filled_in_before_they_are_translated() -> None:
    """`N_("… %(n)s …") % {…}` is filled in when the program starts, and no catalogue knows the result."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "consult").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mod)
        and isinstance(node.left, ast.Call)
        and isinstance(node.left.func, ast.Name)
        and node.left.func.id == "N_"
    ]
    assert found == []
