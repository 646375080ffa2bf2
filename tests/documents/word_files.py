"""Word files for tests, written from a few lines each, with what a person counted in them.

A line is `look~expected~text`. Look: letters b (bold), i (italic), c (centred), T (the style Title), h1 to h9 (heading
styles), t (a table: rows by //, cells by ‖), a name and a level such as a0 (automatic numbers), > (indented), or - (not
in the file). Expected: T (title), + (goes on with the line before), or the depth, kind and label of a provision. `@a=`
defines or restarts a list by the formats of its levels. `^[words]` is a footnote.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from consult.documents.outline.reader import Outline

REAL = Path(__file__).parent / "real"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_NOTE = re.compile(r"\^\[([^\]]*)\]")
_FORMAT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TYPES = {"document": "document.main"}
_TOKEN = re.compile(r"[^\W_]+")


@dataclass
class WordFile:
    """What goes into a file, and what a person expects to be read: depth and label, title, words."""

    body: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lists: list[tuple[str, list[str]]] = field(default_factory=list)
    expected: list[tuple[int, str]] = field(default_factory=list)
    title: str = ""
    words: Counter[str] = field(default_factory=Counter)

    def save(self) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as packed:
            for name, text in self._parts().items():
                packed.writestr(name, f"{_HEAD}{text}")
        return stream.getvalue()

    def _parts(self) -> dict[str, str]:
        names = ("document", "styles", "numbering", "footnotes")
        types = "".join(
            f'<Override PartName="/word/{name}.xml" ContentType="{_FORMAT}.{_TYPES.get(name, name)}+xml"/>'
            for name in names
        )
        link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006"
        related = "".join(
            f'<Relationship Id="r{n}" Type="{link}/{name}" Target="{name}.xml"/>' for n, name in enumerate(names[1:])
        )
        notes = "".join(
            f'<w:footnote w:id="{n}"><w:p><w:r><w:footnoteRef/></w:r><w:r>'
            f'<w:t xml:space="preserve"> {escape(words)}</w:t></w:r></w:p></w:footnote>'
            for n, words in enumerate(self.notes, 1)
        )
        return {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{link}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">{related}</Relationships>',
            "word/document.xml": f"<w:document {_W}><w:body>{''.join(self.body)}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {_W}>{_styles()}</w:styles>",
            "word/numbering.xml": f"<w:numbering {_W}>{self._numbering()}</w:numbering>",
            "word/footnotes.xml": f"<w:footnotes {_W}>{notes}</w:footnotes>",
        }

    def _numbering(self) -> str:
        made = ""
        for number, (_name, formats) in enumerate(self.lists, 1):
            levels = "".join(
                f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>'
                f'<w:lvlText w:val="{escape(text)}"/>'
                f'<w:pPr><w:ind w:left="{720 * (at + 1)}"/></w:pPr></w:lvl>'
                for at, (style, _colon, text) in enumerate(one.partition(":") for one in formats)
            )
            made += f'<w:abstractNum w:abstractNumId="{number}">{levels}</w:abstractNum>'
        return made + "".join(
            f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(1, len(self.lists) + 1)
        )

    def add(self, look: str, text: str) -> None:
        """Adds a paragraph or a table."""
        self.words.update(_TOKEN.findall(text))
        if look == "t":
            rows = [[cell.strip() for cell in row.split("‖")] for row in text.split("//")]
            cells = ("".join(f"<w:tc><w:p>{self._run(cell, '')}</w:p></w:tc>" for cell in row) for row in rows)
            self.body.append(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>")
            return
        listed = re.match(r"([a-z])(\d)$", look)
        style = "Title" if "T" in look else f"Heading{look[1:]}" if re.match(r"h\d$", look) else ""
        properties = f'<w:pStyle w:val="{style}"/>' if style else ""
        if listed and not style:
            number = max(n for n, (name, _formats) in enumerate(self.lists, 1) if name == listed[1])
            properties += f'<w:numPr><w:ilvl w:val="{listed[2]}"/><w:numId w:val="{number}"/></w:numPr>'
        properties += '<w:ind w:left="720"/>' if ">" in look else ""
        plain = style or listed
        properties += '<w:jc w:val="center"/>' if "c" in look and not plain else ""
        marks = "" if plain else "".join(f"<w:{one}/>" for one in "bi" if one in look)
        self.body.append(f"<w:p><w:pPr>{properties}</w:pPr>{self._run(text, marks)}</w:p>")

    def _run(self, text: str, marks: str) -> str:
        made, at = "", 0
        for found in (*_NOTE.finditer(text), None):
            words = text[at : found.start() if found else len(text)]
            made += f'<w:r><w:rPr>{marks}</w:rPr><w:t xml:space="preserve">{escape(words)}</w:t></w:r>' if words else ""
            if found:
                self.notes.append(found[1])
                made += f'<w:r><w:footnoteReference w:id="{len(self.notes)}"/></w:r>'
                at = found.end()
        return made


def _styles() -> str:
    made = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    made += '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/></w:style>'
    return made + "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/><w:basedOn w:val="Normal"/>'
        f'<w:pPr><w:outlineLvl w:val="{n - 1}"/></w:pPr></w:style>'
        for n in range(1, 10)
    )


def read_spec(text: str) -> WordFile:
    """The file of a specification."""
    made = WordFile()
    for line in text.strip().split("\n"):
        if line.startswith("@"):
            made.lists.append((line[1], line[3:].split(";")))
            continue
        look, expected, words = line.split("~", 2)
        if look != "-":
            made.add(look, words)
        if expected == "T":
            made.title = f"{made.title} {words}".strip()
        elif expected != "+":
            depth, _kind, label = (*expected.split(" ", 2), "")[:3]
            made.expected.append((int(depth), label.strip()))
    return made


def list_lost_words(file: WordFile, outline: Outline) -> list[str]:
    """The words of a file that an outline has not, as often as they are missing."""
    kept: Counter[str] = Counter(_TOKEN.findall(outline.title))
    for piece in outline.pieces:
        kept.update(_TOKEN.findall(" ".join((piece.number, piece.heading, piece.text, *piece.notes.values()))))
    return sorted((file.words - kept).elements())


def count_right(file: WordFile, outline: Outline) -> tuple[int, int]:
    """How many provisions have the expected label and depth, in order, and how many there should be."""
    found = [(piece.depth, piece.number) for piece in outline.pieces]
    lengths = [0] * (len(found) + 1)
    for expected in file.expected:  # the longest common subsequence
        before = list(lengths)
        for place, row in enumerate(found):
            lengths[place + 1] = before[place] + 1 if row == expected else max(before[place + 1], lengths[place])
    return lengths[-1], max(len(file.expected), len(found))
