"""Section on participants by category, kind, language and country, and on expected groups that did not take part."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.lists.names import REST
from consult.digests.render import contributors
from consult.digests.render.blocks import Block
from consult.responses.synopsis import cells
from consult.responses.synopsis.block_kinds import (
    cell,
    hidden_note,
    line,
    list_url,
    listed,
    note,
    number,
    number_or_dash,
    subheading,
    table,
)
from consult.responses.synopsis.queries import Synopsis

CATEGORY_NAMES = {
    cells.ORGANISATION: N_("Organisations"),
    cells.PERSON: N_("People who gave a name"),
    cells.UNNAMED: N_("People who gave no name"),
    cells.LETTER: N_("People who sent a campaign letter"),
}


def category_name(category: str) -> str:
    return str(CATEGORY_NAMES[category])


def blocks(made: Synopsis) -> Iterator[Block]:
    slug, counts = made.consultation.slug, cells.merge_kinds(made.kinds)
    published = sum(counts.values())
    yield line(
        ngettext(
            "%(n)s submission is published. It is counted here once.",
            "%(n)s submissions are published. Each is counted here once.",
            published,
            n=format_number(published),
        )
    )
    told = cells.hide_small(0, counts, cells.CATEGORIES, made.k).cells
    rows = [[cell(category_name(name)), number_or_dash(told[name])] for name in cells.CATEGORIES]
    total = [cell(_("Total published")), number(published, list_url(slug, "all-published") if published else "")]
    yield table([_("Category"), _("Submissions")], [*rows, total])
    yield note(
        _("People who sent a campaign letter are counted under the campaign only, whether or not they added words.")
    )
    if None in told.values():
        yield hidden_note(made.k)
    for title, _name, groups in contributors.breakdowns(made.data.who):
        if len(groups) == 1 and groups[0][2].endswith(f":{REST}"):
            yield note(f"{title}{_(': ')}{groups[0][0]}")
        elif groups:
            yield subheading(title)
            most = max(n for _label, n, _what in groups)
            found = [[cell(label), number(n, list_url(slug, what))] for label, n, what in groups]
            yield table([title, _("Submissions")], found, [n / most for _label, n, _what in groups])
    yield note(
        _(
            "These tables include people who sent campaign letters. We never show a group of fewer than %(k)s "
            "by itself.",
            k=format_number(made.data.k),
        )
    )
    yield from _missing(made)


def _missing(made: Synopsis) -> Iterator[Block]:
    found = contributors.heard_less(made.data)
    yield subheading(_("Target groups we heard little from"))
    if found:
        yield listed(cell(one.text, list_url(made.consultation.slug, one.what)) for one in found)
    elif made.data.numbers.published:
        yield line(_("We heard from every type of organisation."))
    else:
        yield line(_("No published submissions."))
