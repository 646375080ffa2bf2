"""Section on checked arguments by category of authors. The first `SHOWN` have a quote each if there is one."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_number
from consult.digests.render import template_helpers
from consult.digests.render.blocks import Block, BlockItem
from consult.digests.render.marks import in_quotation_marks
from consult.responses.labels import argument_label, place_label
from consult.responses.synopsis import cells
from consult.responses.synopsis.block_kinds import (
    cell,
    hidden_note,
    line,
    note,
    number,
    number_or_dash,
    subheading,
    table,
)
from consult.responses.synopsis.participant_section import category_name
from consult.responses.synopsis.queries import SHOWN, Synopsis, SynopsisArgument


def argument_name(one: SynopsisArgument) -> str:
    return argument_label(one.argument, one.quote)


def place_name(one: SynopsisArgument) -> str:
    return place_label(one.spot, one.argument)


def argument_url(made: Synopsis, one: SynopsisArgument) -> str:
    return public_url("arguments.one", slug=made.consultation.slug, number=one.argument.id)


def blocks(made: Synopsis) -> Iterator[Block]:
    checked = made.checked
    if not checked:
        yield line(_("Nobody has checked any argument yet."))
        return
    n = len(checked)
    yield line(
        ngettext("%(n)s argument checked by a person", "%(n)s arguments checked by a person", n, n=format_number(n))
    )
    if coverage := template_helpers.say_requests(made.data):
        yield note(coverage)
    for argument in checked[:SHOWN]:
        yield from _with_quote(made, argument)
    if n > SHOWN:
        yield note(
            ngettext(
                "%(num)s more argument is in the CSV file.", "%(num)s more arguments are in the CSV file.", n - SHOWN
            )
        )
    yield subheading(_("By category of participants"))
    yield note(
        _(
            "The numbers are published submissions. One submission can make several arguments, so a column can "
            "add up to more than the number of submissions."
        )
    )
    yield from _table(made)


def _with_quote(made: Synopsis, argument: SynopsisArgument) -> Iterator[Block]:
    yield subheading(argument_name(argument), argument_url(made, argument))
    n = sum(argument.counts.values())
    submissions = ngettext("%(n)s submission", "%(n)s submissions", n, n=format_number(n))
    yield note(" · ".join(filter(None, (place_name(argument), submissions))))
    if argument.quote:
        way = public_url("submissions.one", slug=made.consultation.slug, reference=argument.quote.reference)
        yield {
            "is": "quote",
            "text": in_quotation_marks(argument.quote.text),
            "source": argument.quote.reference,
            "lang": argument.quote.language or "und",
            "url": way,
        }


def _table(made: Synopsis) -> Iterator[Block]:
    shown = list(zip(made.checked, made.table, strict=True))[:SHOWN]
    head = [_("Argument"), *(category_name(name) for name in cells.CATEGORIES), _("Submissions")]
    yield table(head, [[_name_cell(made, one), *_numbers(told)] for one, told in shown])
    if any(None in told.cells.values() for _one, told in shown):
        yield hidden_note(made.k)
    slug = made.consultation.slug
    url = public_url("synopsis.arguments_csv", slug=slug)
    yield note(_("Checked arguments, with organisations by type, as CSV"), url)
    yield note(_("Submissions by argument, as CSV"), public_url("synopsis.submissions_csv", slug=slug))


def _name_cell(made: Synopsis, one: SynopsisArgument) -> BlockItem:
    return cell(argument_name(one), argument_url(made, one))


def _numbers(told: cells.ArgumentCells) -> list[BlockItem]:
    numbers = [told.cells[name] for name in cells.CATEGORIES]
    return [*map(number_or_dash, numbers), number(told.total)]
