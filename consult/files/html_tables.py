"""Reader of tables in HTML pages. It runs in a child process and imports nothing else of Consult.

Source: HTML Living Standard, section 4.9. Pages of treaty depositaries mark footnotes of a cell with `sup`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from lxml import etree, html

MAX_ROWS = 20_000


def read_tables(data: bytes) -> bytes:
    """Return the tables of a page as JSON: a list of tables, each a list of rows of texts. Footnotes are left out.

    In place of tables it returns a code: `large` or `broken`.
    """
    try:
        page = html.fromstring(data, parser=html.HTMLParser(encoding=_find_encoding(data), no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, LookupError, ValueError):
        return b"broken"
    for note in page.xpath("//sup | //script | //style"):
        note.drop_tree()
    tables = [list(_read_rows(table)) for table in page.iter("table")]
    if sum(map(len, tables)) > MAX_ROWS:
        return b"large"
    return json.dumps(tables, ensure_ascii=False).encode()


def _find_encoding(data: bytes) -> str | None:
    """Return UTF-8 if the page is valid UTF-8, else None, which leaves the choice to the parser."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _read_rows(table: html.HtmlElement) -> Iterator[list[str]]:
    """Yield the rows of a table without those of tables inside it."""
    for row in table.iter("tr"):
        if next(row.iterancestors("table")) is table:
            yield [_read_cell(cell) for cell in row if cell.tag in ("td", "th")]


def _read_cell(cell: html.HtmlElement) -> str:
    for line_break in cell.iter("br", "p", "div", "li"):
        line_break.tail = "\n" + (line_break.tail or "")
    lines = (" ".join(line.split()) for line in cell.text_content().split("\n"))
    return "\n".join(line for line in lines if line)
