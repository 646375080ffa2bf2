"""Why it was asked: what the owner wrote of it, in the owner's words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from consult.core.i18n import _, ngettext
from consult.core.text import one_line, render_markdown
from consult.core.web.template_filters import format_day, format_number
from consult.digests.render.blocks import Block, BlockItem
from consult.digests.render.phrases import bidi_isolate
from consult.responses.synopsis.block_kinds import cell, line, listed, said
from consult.responses.synopsis.queries import Synopsis

_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+", re.MULTILINE)


def blocks(made: Synopsis) -> Iterator[Block]:
    row = made.consultation
    yield line(_("%(body)s wrote of this consultation:", body=bidi_isolate(row.body)))
    for part in (row.summary, *re.split(r"\n\s*\n", row.purpose)):
        yield from _paragraph(part, row.language)
    if row.eligible:
        yield line(_("Who was asked:"))
        yield said(row.eligible, row.language)
    if row.groups:
        n = len(row.groups)
        yield line(ngettext("It set out to hear this group:", "It set out to hear these groups:", n))
        yield listed(_wanted(group["name"], group["target"]) for group in row.groups)
    if row.answer_by:
        yield line(_("An answer was promised by %(day)s.", day=format_day(row.answer_by)))


def _wanted(name: str, target: int) -> BlockItem:
    return cell(_("%(group)s: %(n)s hoped for", group=bidi_isolate(name), n=format_number(target)))


def _paragraph(part: str, language: str) -> Iterator[Block]:
    """A paragraph of Markdown as plain words; a list as a list."""
    lines = part.strip().splitlines()
    if len(lines) > 1 and all(_ITEM.match(one) for one in lines):
        yield listed(cell(bidi_isolate(_plain(_ITEM.sub("", one)))) for one in lines)
    elif words := _plain(part):
        yield said(words, language)


def _plain(markdown: str) -> str:
    return one_line(render_markdown(markdown).striptags())
