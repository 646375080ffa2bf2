"""Blocks of the report: lines, tables and quotations, as described in `digests/render/blocks.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from consult.core.i18n import _
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_number
from consult.digests.content.rows import Quote
from consult.digests.render import phrases, template_helpers
from consult.digests.render.blocks import Block, BlockItem

HIDDEN = "–"
_MANY = 4
"""Number of columns from which column names wrap."""


def line(text: str) -> Block:
    return {"is": "text", "text": text}


def note(text: str, url: str = "") -> Block:
    return {"is": "quiet", "text": text, "url": url}


def subheading(text: str, url: str = "") -> Block:
    return {"is": "place", "text": text, "words": "", "url": url}


def cell(text: str, url: str = "") -> BlockItem:
    return {"text": text, "url": url}


def number(n: int, url: str = "") -> BlockItem:
    return cell(format_number(n), url)


def number_or_dash(n: int | None) -> BlockItem:
    """Return a number, or the sign for a hidden one."""
    return cell(HIDDEN) if n is None else number(n)


def hidden_note(k: int) -> Block:
    """Return a note that explains the sign shown in place of a hidden number."""
    return note(
        _(
            "“%(sign)s” means not shown, because the number is below %(k)s or could be found by subtraction.",
            sign=HIDDEN,
            k=format_number(k),
        )
    )


def listed(lines: Iterable[BlockItem]) -> Block:
    return {"is": "list", "items": list(lines)}


def said(words: str, language: str) -> Block:
    """Return text of the consulting body, in its language."""
    return {"is": "words", "text": "", "words": words, "lang": language}


def table(head: Sequence[str], rows: Sequence[Sequence[BlockItem]], shares: Sequence[float] = ()) -> Block:
    """Return a table. `shares` are bars under the names of its rows, from 0 to 1."""
    return {"is": "table", "head": list(head), "rows": rows, "bars": list(shares), "wide": int(len(head) > _MANY)}


def quote(one: Quote, slug: str, *, anonymous: bool = False) -> Block:
    """Return a quotation of a comment as published, or a note why it is gone."""
    if one.gone:
        return note(f"{one.reference}: {template_helpers.gone(one)}")
    source = one.reference if anonymous else f"{phrases.attribution(one)} · {one.reference}"
    way = public_url("submissions.one", slug=slug, reference=one.reference, _anchor=f"c{one.comment}")
    changes: Block = {"changes": [(run.mark, run.text) for run in one.difference]} if one.difference else {}
    return {
        "is": "quote",
        "text": phrases.quoted(one),
        **changes,
        "source": source,
        "lang": one.language,
        "url": way,
    }


def list_url(slug: str, what: str) -> str:
    """Return the URL of the list behind a number on “What we heard”, or ""."""
    return public_url("digests.heard_list", slug=slug, what=what) if what else ""
