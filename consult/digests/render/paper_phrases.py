"""Lines about position papers: who sent them, their pages, and the requests in them."""

from __future__ import annotations

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import PaperRequest, PaperRow
from consult.digests.figures.summary import Summary
from consult.digests.render.phrases import LinkedSentence, bidi_isolate, place_heading


def papers(data: Body | Summary) -> list[LinkedSentence]:
    """Return a line for each listed paper, followed by its requests."""
    lines: list[LinkedSentence] = []
    for row in data.papers.rows if data.papers else ():
        lines += [_say_paper(row), *(_say_request(row, request) for request in row.requests)]
    return lines


def count_papers(data: Body | Summary) -> int:
    """Return the number of published position papers."""
    return len(data.papers.rows) + data.papers.left_out if data.papers else 0


def _name(row: PaperRow) -> str:
    return bidi_isolate(row.organisation) if row.organisation else row.reference


def _say_paper(row: PaperRow) -> LinkedSentence:
    parts = [_name(row)]
    if row.pages is not None:
        parts.append(ngettext("%(n)s page", "%(n)s pages", row.pages, n=format_number(row.pages)))
    n = len(row.requests)
    parts.append(
        ngettext("%(n)s checked request", "%(n)s checked requests", n, n=format_number(n))
        if n
        else _("no checked request")
    )
    return LinkedSentence(" · ".join(parts), paper=row.evidence)


def _say_request(row: PaperRow, request: PaperRequest) -> LinkedSentence:
    page = [_("page %(n)s", n=format_number(request.page))] if request.page else []
    place = [place_heading(request.place)] if request.place else []
    head = _(", ").join([_name(row), *page])
    text = " · ".join([f"{head}{_(': ')}{bidi_isolate(request.name)}", *place])
    return LinkedSentence(text, paper=row.evidence, page=request.page or 0, is_request=True)
