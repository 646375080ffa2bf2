"""Section on the positions of each type of participant on the draft as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.render.blocks import Block
from consult.digests.render.contributors import side_group_name
from consult.digests.sides import phrases as side_phrases
from consult.digests.sides.section import ORDER
from consult.responses.synopsis.block_kinds import cell, line, note, number, table
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    section = made.data.sides
    if section is None or not section.groups:
        yield line(_("No positions can be shown by type of participant."))
        return
    yield line(
        ngettext(
            "Position of %(n)s submission, by type of participant",
            "Positions of %(n)s submissions, by type of participant",
            section.known,
            n=format_number(section.known),
        )
    )
    sides = [side for side in ORDER if section.sides.get(side)]
    head = [_("Type of participant"), *(str(side_phrases.SIDE_NAMES[side]) for side in sides), _("Submissions")]
    rows = [
        [cell(side_group_name(group)), *(number(group.sides.get(side, 0)) for side in sides), number(group.n)]
        for group in section.groups
    ]
    if len(rows) > 1:
        totals = [number(section.sides[side]) for side in sides]
        rows.append([cell(_("Total")), *totals, number(section.known)])
    yield table(head, rows)
    if len(section.groups) == 1:
        yield note(_("All positions come from one type of participant, so there is nothing to compare."))
    for text in side_phrases.list_method(section):
        yield note(text)
