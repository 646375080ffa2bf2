"""Section on arguments by category of authors."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.digests.render.blocks import Block, BlockItem
from consult.responses.labels import argument_label, place_label
from consult.responses.synopsis import cells
from consult.responses.synopsis.block_kinds import cell, hidden_note, line, note, number, number_or_dash, table
from consult.responses.synopsis.participant_section import category_name
from consult.responses.synopsis.queries import SHOWN, Synopsis, SynopsisArgument


def argument_name(one: SynopsisArgument) -> str:
    return argument_label(one.argument, one.quote)


def place_name(one: SynopsisArgument) -> str:
    return place_label(one.spot, one.argument)


def argument_url(made: Synopsis, one: SynopsisArgument) -> str:
    return public_url("arguments.one", slug=made.consultation.slug, number=one.argument.id)


def blocks(made: Synopsis) -> Iterator[Block]:
    if not made.arguments:
        yield line(_("No arguments were found in the published submissions."))
        return
    yield line(
        _(
            "An argument is a point made by excerpts on one part of the draft with one type of comment. The "
            "numbers are the published submissions that make the point. One submission can make several "
            "points, so columns do not add up to the total."
        )
    )
    shown = list(zip(made.arguments, made.table, strict=True))[:SHOWN]
    head = [_("Argument"), *(category_name(name) for name in cells.CATEGORIES), _("Submissions")]
    rows = [[_name_cell(made, one), *_numbers(told)] for one, told in shown]
    yield table(head, rows)
    if any(None in told.cells.values() for _one, told in shown):
        yield hidden_note(made.k)
    if len(made.arguments) > SHOWN:
        more = len(made.arguments) - SHOWN
        yield note(ngettext("%(num)s more argument is in the file.", "%(num)s more arguments are in the file.", more))
    url = public_url("synopsis.arguments_csv", slug=made.consultation.slug)
    yield note(_("All arguments, with organisations by type, as CSV"), url)
    url = public_url("synopsis.submissions_csv", slug=made.consultation.slug)
    yield note(_("Submissions by argument, as CSV"), url)


def _name_cell(made: Synopsis, one: SynopsisArgument) -> BlockItem:
    text = " · ".join(filter(None, (argument_name(one), place_name(one))))
    return cell(text, argument_url(made, one))


def _numbers(told: cells.ArgumentCells) -> list[BlockItem]:
    numbers = [told.cells[name] for name in cells.CATEGORIES]
    return [*map(number_or_dash, numbers), number(told.total)]
