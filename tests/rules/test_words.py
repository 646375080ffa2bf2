"""Interface and documentation follow the glossary (`glossary.csv`): one term for each concept, in plain sentences.

`forbidden_en` has the wording that a term replaces. It may not come back where `mode` is "block"; "review" rows are for
people who write.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if "mail" not in path.parts]
SUBJECTS = [path for path in sorted((ROOT / "templates").rglob("*.txt")) if "mail" in path.parts]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "consult/site/guides/en").glob("*.md")),
    *(path for path in sorted((ROOT / "docs").rglob("*.md")) if path.name != "map.md"),  # made from docstrings
]
TITLE_WORDS, SENTENCE_WORDS, SUBJECT_CHARACTERS = 6, 25, 60
PLACEHOLDER = re.compile(r"%\(\w+\)s")
CODE = re.compile(r"(?s:```.*?```|<!-- layers -->.*?<!-- end -->)|`[^`]*`|\]\([^)]*\)|^    .*$", re.M)
"""Names in code, addresses and commands keep their words."""
QUOTED = r'_\("((?:[^"\\]|\\.)*)"'
_VERBS = """
    Allow E-mail
    Accept Add Agree Answer Appeal Approve Ask Assign Attach Back Cancel Change Check Choose Close Co-sign Compare
    Confirm Continue Copy Correct Create Decide Declare Decline Delete Discard Do Edit End Enter Erase Extend Find
    Finish Follow Get Give Go Hand Hide Import Invite Keep Label Leave Link Mark Merge Move Name Open Practise
    Prepare Preview Publish Read Refresh Refuse Reject Reload Remove Renew Replace Report Request Restore Resume
    Retire Retract Return Review Save Say Search See Send Set Show Sign Sort Split Start Stay Stop Submit Suggest
    Suspend Test Turn Undo Update Upload Use Withdraw Write
"""
VERBS = frozenset(_VERBS.split())
ANSWERS = {
    "No, I did not send it", "Yes, I sent it", "Not sure", "Not a signal", "Publish this town’s name", "Quick exit",
    "The case study breaks the rules", "The publisher has withdrawn the source",
}  # fmt: skip
"""Buttons that answer the question above them, and the one that leaves the site, which has this name everywhere."""
INFLECTED = {"no longer", "not published", "on time"}
"""Terms that a sentence of another language does not always have in one piece."""
with Path(__file__).with_name("glossary.csv").open(encoding="utf-8", newline="") as _file:
    GLOSSARY = list(csv.DictReader(_file))
BLOCKED = {row["term"]: re.compile(row["forbidden_en"], re.I) for row in GLOSSARY if row["mode"] == "block"}


def load_catalogue(language: str) -> Catalog:
    with (ROOT / "consult" / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def list_strings() -> list[str]:
    """Return every English form of every message, with … for placeholders."""
    messages = [message for message in load_catalogue("fr") if message.id]
    forms = [form for message in messages for form in ([message.id] if isinstance(message.id, str) else message.id)]
    return [PLACEHOLDER.sub("…", form) for form in forms]


STRINGS = list_strings()


@pytest.mark.parametrize("term", BLOCKED)
def test_no_string_has_a_wording_that_the_glossary_replaces(term: str) -> None:
    assert [text for text in STRINGS if BLOCKED[term].search(text)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_has_one_either(path: Path) -> None:
    prose = CODE.sub("`…`", path.read_text(encoding="utf-8"))
    hits = [(match[0], term) for term, pattern in BLOCKED.items() for match in pattern.finditer(prose)]
    assert hits == []


def test_no_sentence_is_longer_than_25_words() -> None:
    sentences = (sentence for text in STRINGS for sentence in re.split(r"(?<=[.!?])\s+", text))
    assert [sentence for sentence in sentences if len(sentence.split()) > SENTENCE_WORDS] == []


def test_no_string_begins_with_a_clause_unless_it_is_a_question() -> None:
    clause = re.compile(r"(Who|Whoever|Whom|Of|That)\b")
    assert [text for text in STRINGS if clause.match(text) and not text.rstrip().endswith("?")] == []


def test_an_apostrophe_is_the_curved_one() -> None:
    assert [text for text in STRINGS if re.search(r"(?<=[^\W\d_])'(?=[^\W\d_])|(?<=s)'(?= )", text)] == []


def _find(paths: list[Path], pattern: str) -> Iterator[tuple[str, str]]:
    for path in paths:
        for match in re.finditer(pattern, path.read_text(encoding="utf-8"), re.S):
            for text in re.findall(QUOTED, match[1]):
                yield path.name, PLACEHOLDER.sub("…", text)


def test_a_page_title_has_at_most_six_words() -> None:
    titles = list(_find(TEMPLATES, r"block title %}(.*?){% endblock"))
    assert len(titles) > 100
    assert [title for title in titles if len(title[1].split()) > TITLE_WORDS] == []


def test_a_button_begins_with_a_verb() -> None:
    buttons = [
        *_find(TEMPLATES, rf"<button\b[^>]*>\s*{{{{\s*({QUOTED})"),
        *_find(TEMPLATES, rf"[^_]button\(({QUOTED})"),
    ]
    assert len(buttons) > 200
    assert [it for it in buttons if it[1].split()[0] not in VERBS and it[1] not in ANSWERS] == []


def test_the_subject_of_an_email_has_at_most_60_characters() -> None:
    subjects = [
        text for path in SUBJECTS for text in re.findall(QUOTED, path.read_text(encoding="utf-8").splitlines()[0])
    ]
    assert len(subjects) > 50
    assert [text for text in subjects if len(PLACEHOLDER.sub("", text)) > SUBJECT_CHARACTERS] == []


def _stems(translation: str, language: str) -> set[str]:
    """Return the beginnings of the long words of a translation: endings and articles differ between sentences."""
    words = re.findall(r"\w+", translation.replace("…", " "))
    if language == "ar":
        return {word.removeprefix("ال")[:3] for word in words if len(word) > 2}
    return {word[:4].lower() for word in words if len(word) > 3}


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_a_translation_has_the_term_of_the_glossary(language: str) -> None:
    """A string with a term of several words has a word of the term's translation."""
    catalogue = load_catalogue(language)
    misses = Counter[str]()
    for row in GLOSSARY:
        if row["mode"] != "block" or " " not in row["term"] or row["term"] in INFLECTED or not row["term"].isascii():
            continue
        term, stems = re.compile(rf"\b{re.escape(row['term'])}s?\b", re.I), _stems(row[language], language)
        for message in catalogue:
            english = message.id if isinstance(message.id, str) else " ".join(message.id or ())
            text = message.string if isinstance(message.string, str) else " ".join(message.string)
            marks = str.maketrans("", "", "ًٌٍَُِّْ") if language == "ar" else {}
            if english and term.search(english) and not any(s in text.lower().translate(marks) for s in stems):
                misses[f"{row['term']}: {english} = {text}"] += 1
    assert misses == Counter()
