"""First section: participants' positions, how the arguments were answered, and what changed in the draft."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_number
from consult.digests.render.blocks import Block
from consult.digests.sides import phrases as side_phrases
from consult.responses.forms import OUTCOME_LABELS
from consult.responses.model import AnswerOutcome
from consult.responses.synopsis.block_kinds import cell, line, list_url, note, number, subheading, table
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    published = made.data.numbers.published
    if made.data.sides is None:
        yield line(
            ngettext(
                "%(n)s submission is published. Nobody has decided its position on the draft as a whole.",
                "%(n)s submissions are published. Nobody has decided their positions on the draft as a whole.",
                published,
                n=format_number(published),
            )
        )
    else:
        yield line(side_phrases.say_finding(made.data.sides))
        yield from _positions(made)
    yield subheading(_("Answers"))
    yield from _answers(made)
    yield subheading(_("The draft"))
    yield from _versions(made)


def _positions(made: Synopsis) -> Iterator[Block]:
    rows = side_phrases.list_rows(made.data.sides) if made.data.sides else []
    slug, most = made.consultation.slug, max((row.n for row in rows), default=0) or 1
    lines = [[cell(row.label), number(row.n, list_url(slug, row.what))] for row in rows]
    yield table([_("The draft as a whole"), _("Submissions")], lines, [row.n / most for row in rows])
    total = f"{_('Total published')}{_(': ')}{format_number(made.data.numbers.published)}"
    yield note(total, list_url(slug, "all-published"))


def _answers(made: Synopsis) -> Iterator[Block]:
    counts, slug = made.answers, made.consultation.slug
    if not counts.arguments:
        yield line(_("There was no argument to answer."))
        return
    rows = [
        [cell(str(OUTCOME_LABELS[outcome])), number(n)]
        for outcome in AnswerOutcome
        if (n := counts.outcomes.get(outcome))
    ]
    waiting = [[cell(_("Waiting for an answer")), number(counts.waiting)]] if counts.waiting else []
    total = [cell(_("Arguments checked or answered")), number(counts.arguments)]
    yield table([_("Answer"), _("Arguments")], [*rows, *waiting, total])
    yield note(_("All answers"), public_url("responses.answers", slug=slug))


def _versions(made: Synopsis) -> Iterator[Block]:
    slug, versions = made.consultation.slug, made.versions
    if len(versions) < 2:
        yield line(_("No later version of the draft has been published here."))
        return
    first, last = versions[0].number, versions[-1].number
    text = _("All changes between version %(older)s and version %(newer)s", older=first, newer=last)
    yield note(text, public_url("site.changes", slug=slug, **{"from": first, "to": last}))
