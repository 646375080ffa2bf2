"""Section on the purpose of the consultation, in the owner's words."""

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

_ITEM = re.compile(r"^[^\S\n]*(?:[-*+]|\d{1,3}[.)])\s+", re.MULTILINE)


def blocks(made: Synopsis) -> Iterator[Block]:
    row = made.consultation
    yield line(_("Purpose of the consultation, in the words of %(body)s", body=bidi_isolate(row.body)))
    for part in (row.summary, *re.split(r"\n\s*\n", row.purpose)):
        yield from _paragraph(part, row.language)
    if row.eligible:
        yield line(_("Invited to take part:"))
        yield said(row.eligible, row.language)
    if row.groups:
        n = len(row.groups)
        yield line(ngettext("Target group:", "Target groups:", n))
        yield listed(_wanted(group["name"], group["target"]) for group in row.groups)
    if row.answer_by:
        yield line(_("An answer was due by %(day)s.", day=format_day(row.answer_by)))


def _wanted(name: str, target: int) -> BlockItem:
    return cell(_("%(group)s: target %(n)s", group=bidi_isolate(name), n=format_number(target)))


def _paragraph(part: str, language: str) -> Iterator[Block]:
    """Yield a Markdown paragraph as plain text, and a list as a list."""
    lines = part.strip().splitlines()
    if len(lines) > 1 and all(_ITEM.match(line) for line in lines):
        yield listed(cell(bidi_isolate(_plain(_ITEM.sub("", line)))) for line in lines)
    elif words := _plain(part):
        yield said(words, language)


def _plain(markdown: str) -> str:
    return one_line(render_markdown(markdown).striptags())
