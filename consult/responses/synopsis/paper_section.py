"""Section on position papers: who sent them, their pages and the checked requests in them."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.render import paper_phrases
from consult.digests.render.blocks import Block
from consult.responses.synopsis.block_kinds import cell, line, listed, note
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    n, slug = paper_phrases.count_papers(made.data), made.consultation.slug
    if not n:
        yield line(_("No position paper is published."))
        return
    yield line(ngettext("%(n)s position paper", "%(n)s position papers", n, n=format_number(n)))
    yield listed(cell(row.text, row.link(slug, None)) for row in paper_phrases.papers(made.data))
    if more := made.data.papers.left_out if made.data.papers else 0:
        yield note(ngettext("%(num)s more position paper", "%(num)s more position papers", more))
